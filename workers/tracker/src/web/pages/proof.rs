//! Showing once more who one is: the fields for it, what they hold, and what is wrong with them.

use super::sign_in::code_member;
use crate::auth::factors;
use crate::web::calls::{self, Wrong};
use crate::web::look::Look;
use crate::web::ui::{self, Input};
use crate::web::visit::Member;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sesh_edge::http::{Failure, Fields};
use sesh_edge::token::Oneself;
use sesh_types::contract::factors::Factors;
use sesh_types::envelope::ErrorCode;

/// Whether somebody has a generator, so that a code is asked for too.
pub(super) async fn with_code(member: &Member) -> Result<bool, Failure> {
    let oneself = Oneself::of(member.person.clone().into_person())?;
    let found = factors::list(oneself, calls::nothing(), member.visit.info.clone()).await?;
    Ok(calls::data::<Factors, _, 200>(&found)?.totp.is_some())
}

/// The fields.
pub(super) fn fields(look: &Look, with_code: bool, wrong: &Wrong) -> Markup {
    let (t, nothing) = (look.t(), Fields::default());
    html! {
        (ui::field(look, Input::text("password", t.current_password).kind("password").fills("current-password"), &nothing, wrong))
        @if with_code { (ui::field(look, Input::text("code", t.code).fills("one-time-code").hint(t.code_hint), &nothing, wrong)) }
    }
}

/// What they hold, as bodies take it.
pub(super) fn body(typed: &Fields) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("password".to_owned(), json!(typed.exact("password")));
    let code = typed.text("code");
    if !code.is_empty() {
        body.insert(code_member(code).to_owned(), json!(code));
    }
    body
}

/// What is wrong with them, or with another field.
///
/// # Errors
/// The failure itself, when it is no matter of what was typed.
pub(super) fn note(look: &Look, wrong: &mut Wrong, failure: Failure) -> Result<(), Failure> {
    match calls::code(&failure) {
        Some(ErrorCode::InvalidCredentials) => wrong.note("password", look.t().issue_password),
        Some(ErrorCode::InvalidCode) => wrong.note("code", look.t().issue_code),
        _ => wrong.take(look, failure, &[("recovery_code", "code")])?,
    }
    Ok(())
}
