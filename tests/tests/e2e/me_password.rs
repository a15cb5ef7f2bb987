//! `/api/v1/me/password`

use e2e::actors::{Caller, PASSWORD, Person};
use e2e::browser::CookiePerson;
use e2e::control::mails;
use e2e::wait::{at_once, eventually};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/me/password";
const NEW: &str = "snowplough and 17 geese";

fn change() -> Value {
    json!({ "current_password": PASSWORD, "new_password": NEW })
}

#[test]
fn after_a_change_the_next_call_of_every_other_device_is_401_and_this_one_goes_on() {
    let person = Person::new();
    let others = [person.log_in(), person.log_in()];
    person.post(PATH, &change()).is(204);
    for other in &others {
        other.get("/api/v1/stash").refused(401, "unauthorized");
        other.try_refresh().refused(401, "unauthorized");
    }
    person.get("/api/v1/stash").is(200);
    person.refreshed().get("/api/v1/me").is(200);
    person.try_log_in().refused(401, "invalid_credentials");
    let subject = "Your password was changed";
    eventually("the owner hears of it", || {
        mails(&person.email).iter().any(|mail| mail["subject"] == subject).then_some(())
    });
}

#[test]
fn no_token_given_out_in_a_race_with_a_change_survives_it() {
    let person = Person::new();
    let other = person.log_in();
    let answers = at_once(9, |number| match number {
        4 => person.post(PATH, &change()),
        _ => other.try_refresh(),
    });
    answers[4].clone().is(204);
    for got in answers.iter().filter(|got| got.status == 200) {
        let data = got.data();
        let [access, refresh] =
            ["access_token", "refresh_token"].map(|name| data[name].as_str().unwrap().to_owned());
        let survivor = Person { access, refresh, ..other.clone() };
        survivor.get("/api/v1/me").refused(401, "unauthorized");
        survivor.try_refresh().refused(401, "unauthorized");
    }
    assert!(person.counts());
}

#[test]
fn a_wrong_password_changes_nothing_and_ends_nothing() {
    let person = Person::new();
    let body = json!({ "current_password": "not the password", "new_password": NEW });
    person.post(PATH, &body).refused(401, "invalid_credentials");
    assert!(person.counts());
    person.try_log_in().is(200);
    let body = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
    person.post(PATH, &body).refused(422, "unprocessable").names("new_password");
}

#[test]
fn a_browser_changes_it_from_its_own_pages_alone() {
    let person = CookiePerson::new();
    person.lured_to(Some("https://evil.example")).post(PATH, &change()).refused(403, "forbidden");
    person.post(PATH, &change()).is(204);
    person.get("/api/v1/me").is(200);
}
