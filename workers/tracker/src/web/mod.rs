//! The app that people open: pages drawn here, by the same handlers that the API has.
//!
//! A page is a route of tracker's public router that answers with HTML ([`sesh_edge::http::Page`]). Who looks stands in
//! its signature ([`visit`]); what it shows and changes comes from the API's own handlers ([`calls`]), so a rule holds in
//! both or in neither. Forms are posted, and answered with the way to a page; everything works without JavaScript.

pub(crate) mod amounts;
mod assets;
mod calls;
#[cfg(test)]
mod contrast_tests;
mod look;
mod pages;
mod plans;
mod shelf;
mod theme;
mod ui;
mod visit;
mod when;
mod words;

pub(crate) use theme::{Theme, ThemeRow};
pub(crate) use visit::lost;

use crate::state::State;
use pages::{
    account, acting, breaks, devices, erase, export, goals, history, import, import_preview, insights, keys,
    log, own_strain, plain, presets, programs, recover, report, security, sign_in, sign_up, stash, strains,
    tenants, today, welcome,
};
use sesh_edge::routes::Routes;

/// Adds the pages.
pub(crate) fn routes(routes: Routes<State>) -> Routes<State> {
    plans(routes)
        .page("/assets/{name}", assets::file)
        .page("/favicon.ico", assets::favicon)
        .page("/manifest.webmanifest", assets::manifest)
        .page("/", welcome::show)
        .page("/age", welcome::age)
        .form("/age", welcome::answer)
        .page("/sign-up", sign_up::show)
        .form("/sign-up", sign_up::post)
        .page("/sign-up/confirm", sign_up::confirm)
        .form("/sign-up/confirm", sign_up::confirmed)
        .page("/sign-in", sign_in::show)
        .form("/sign-in", sign_in::post)
        .form("/sign-in/code", sign_in::code)
        .form("/sign-out", sign_in::out)
        .page("/recover", recover::show)
        .form("/recover", recover::post)
        .form("/recover/complete", recover::complete)
        .page("/verify", recover::verify)
        .form("/verify", recover::verified)
        .page("/offline", plain::offline)
        .page("/legacy", plain::legacy)
        .form("/settings", plain::settings)
        .page("/today", today::show)
        .page("/log", log::show)
        .form("/log", log::post)
        .page("/history", history::list)
        .page("/history/{id}", history::show)
        .form("/history/{id}", history::edit)
        .form("/history/{id}/delete", history::delete)
        .form("/history/{id}/restore", history::restore)
        .page("/stash", stash::list)
        .page("/stash/new", stash::new)
        .form("/stash/new", stash::add)
        .page("/stash/{id}", stash::show)
        .form("/stash/{id}", stash::enter)
        .page("/strains", strains::search)
        .page("/strains/new", own_strain::new)
        .form("/strains/new", own_strain::add)
        .page("/strains/{id}", strains::show)
        .page("/insights", insights::show)
        .page("/account", account::menu)
        .page("/account/profile", account::profile)
        .form("/account/profile", account::save)
        .page("/account/import", import::show)
        .form("/account/import", import::post)
        .page("/account/import/{id}", import_preview::show)
        .form("/account/import/{id}/confirm", import_preview::confirm)
        .form("/account/import/{id}/undo", import::undo)
        .page("/account/import/{id}/bad.csv", import_preview::bad_rows)
        .page("/account/export", export::show)
        .page("/account/export/diary", export::diary)
        .page("/account/export/table", export::table)
        .form("/account/export/everything", export::everything)
        .page("/account/report", report::show)
        .page("/account/erase", erase::show)
        .form("/account/erase", erase::post)
        .page("/goodbye", erase::goodbye)
        .page("/account/keys", keys::show)
        .form("/account/keys", keys::make)
        .page("/account/keys/{id}", keys::one)
        .form("/account/keys/{id}", keys::rotate)
        .form("/account/keys/{id}/end", keys::end)
        .page("/account/programs", programs::show)
        .form("/account/programs/{id}", programs::disconnect)
        .page("/account/ways", programs::ways)
        .form("/account/ways", programs::unlink)
        .page("/account/tenants", tenants::show)
        .form("/account/tenants/{id}", tenants::switch)
        .form("/account/tenants/{id}/leave", tenants::leave)
        .page("/invitation", tenants::link)
        .form("/invitation", tenants::linked)
        .page("/account/invitation", tenants::invitation)
        .form("/account/invitation", tenants::accept)
        .page("/account/seen", acting::history)
        .page("/acting", acting::show)
        .form("/acting", acting::begin)
        .form("/acting/end", acting::end)
        .page("/account/devices", devices::show)
        .form("/account/devices/others", devices::sign_out_others)
        .form("/account/devices/{id}", devices::sign_out)
        .page("/account/security", security::show)
        .form("/account/security/password", security::password)
        .form("/account/security/generator", security::enrol)
        .form("/account/security/generator/confirm", security::confirm)
        .form("/account/security/generator/remove", security::remove)
        .form("/account/security/codes", security::codes)
        .form("/account/security/passkeys/remove", security::remove_passkey)
}

/// What somebody means to do, and does again and again.
fn plans(routes: Routes<State>) -> Routes<State> {
    routes
        .page("/presets", presets::list)
        .page("/presets/new", presets::new)
        .form("/presets/new", presets::add)
        .page("/presets/{id}", presets::show)
        .form("/presets/{id}", presets::save)
        .form("/presets/{id}/delete", presets::delete)
        .page("/goals", goals::list)
        .page("/goals/new", goals::new)
        .form("/goals/new", goals::set)
        .page("/goals/{id}", goals::show)
        .form("/goals/{id}/end", goals::end)
        .page("/breaks/new", breaks::new)
        .form("/breaks/new", breaks::begin)
        .page("/breaks/{id}", breaks::show)
        .form("/breaks/{id}/end", breaks::end)
        .form("/breaks/{id}/delete", breaks::delete)
}
