//! Every route that takes a body, with a body that it would accept, what may stand in its fields, and how to see
//! whether it wrote something.

mod diary;
mod programs;
mod staff;
mod tenants;

pub(crate) use diary::{
    add_preset, begin_break, confirm_import, end_break, look, look_again, looked_at, of_diary,
    replace_preset, running_break, set_goal,
};
pub(crate) use programs::{edit_program, of_program, register_program};
pub(crate) use staff::{
    add_staff, disable_staff, edit_staff, impersonate, of_staff, staff_enrol, staff_factor, staff_generator,
    staff_login, staff_refresh,
};
pub(crate) use tenants::{
    accept, activate_tenant, create_tenant, deactivate_tenant, edit_brand, edit_member, edit_own_brand,
    edit_own_tenant, edit_tenant, invite, invite_first, of_tenant, switch,
};

use e2e::actors::{Admin, Anonymous, Caller, PASSWORD, Person, sign_up};
use e2e::control::rows;
use e2e::fixtures::{new_session, text};
use e2e::fleet::Worker;
use e2e::http::Call;
use e2e::names;
use serde_json::{Value, json};

pub(crate) use crate::account_mutations::{
    add_passkey, begin_sign_up, change_email, change_password, complete_provider, complete_recovery,
    confirm_sign_up, confirm_totp, enrol_totp, erase_me, erase_user, export_me, link_identity, login_factor,
    login_passkey, mailed, passkey_options, recover, register_with_provider, remove_passkey, remove_totp,
    renew_codes, unlink_identity, verify_email,
};

pub(crate) use crate::key_mutations::{make_key, make_tenant_key, rotate_key, rotate_tenant_key};

/// What may stand in a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Text of some characters at least and at most.
    Text(usize, usize),
    /// A password or a token: text whose content is judged elsewhere.
    Secret,
    /// Milligrams, 1 to 10,000,000.
    Amount,
    /// A whole number from … to ….
    Whole(i64, i64),
    /// RFC 3339, from 1970 until now.
    Time,
    /// A birthday.
    Date,
    /// One of a few words, of which this is one.
    Choice(&'static str),
    /// A UUID.
    Id,
    /// A list of words.
    Words,
    /// A list of objects.
    Objects,
    /// An object.
    Object,
    /// An object of which every part may be left out.
    Settings,
}

/// A field: its path in the body, its kind, and whether it must be there.
pub(crate) type Field = (&'static str, Kind, bool);

/// A route that takes a body.
pub(crate) struct Mutation {
    /// As the document has it: `POST /api/v1/stash`.
    pub route: &'static str,
    /// The call without its body.
    pub call: Call,
    /// A body that would be accepted.
    pub good: Value,
    /// Whether the body may be left out.
    pub optional: bool,
    /// The fields of the good body.
    pub fields: Vec<Field>,
    /// Everything that the route could write.
    pub written: Box<dyn Fn() -> Value + Send + Sync>,
}

/// All that tracker has of a person.
pub(crate) fn of_person(id: &str) -> Value {
    let sql = "SELECT
      (SELECT json_group_array(json_array(id, balance_mg, last_seq)) FROM lots WHERE person_id = ?1) AS lots,
      (SELECT count(*) FROM stash_entries WHERE person_id = ?1) AS entries,
      (SELECT json_group_array(json_array(id, version, deleted_at)) FROM sessions WHERE person_id = ?1) AS sessions,
      (SELECT count(*) FROM strains WHERE owner_id = ?1) AS strains";
    rows(Worker::Tracker, sql, &[json!(id)]).into()
}

/// All that observer has of a person.
pub(crate) fn account_of(id: &str) -> Value {
    let sql = "SELECT display_name, time_zone, version, status, epoch, suspended_reason,
      email, email_verified_at, password_phc,
      (SELECT json_array(id, confirmed_at, last_step) FROM totp WHERE person_id = ?1) AS totp,
      (SELECT count(*) FROM passkeys WHERE person_id = ?1) AS passkeys,
      (SELECT count(*) FROM identities WHERE person_id = ?1) AS identities,
      (SELECT id FROM recovery_sets WHERE person_id = ?1) AS codes,
      (SELECT count(*) FROM devices WHERE person_id = ?1) AS devices,
      (SELECT count(*) FROM devices WHERE person_id = ?1 AND revoked_at IS NOT NULL) AS revoked,
      (SELECT total(generation) FROM devices WHERE person_id = ?1) AS generations FROM people WHERE id = ?1";
    rows(Worker::Observer, sql, &[json!(id)]).into()
}

const NAME: Kind = Kind::Text(1, 120);

pub(crate) fn register() -> Mutation {
    let (email, name) = (names::email(), names::unique("Malformed"));
    let mut good = sign_up(&email);
    good["display_name"] = name.as_str().into();
    good["delivery"] = "token".into();
    let written = move || {
        let found = |q: &str| {
            let got = Admin::new().get(&format!("/api/v1/users?q={}", names::encoded(q))).is(200);
            got.rows().iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
        };
        json!([found(&email), found(&name)])
    };
    Mutation {
        route: "POST /api/v1/auth/register",
        call: Anonymous::new().call("POST", "/api/v1/auth/register"),
        good,
        optional: false,
        fields: vec![
            ("email", Kind::Text(3, 254), true),
            ("password", Kind::Text(8, 256), true),
            ("display_name", Kind::Text(1, 80), true),
            ("birth_date", Kind::Date, true),
            ("delivery", Kind::Choice("token"), false),
        ],
        written: Box::new(written),
    }
}

pub(crate) fn login() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/auth/login",
        call: person.anonymous().call("POST", "/api/v1/auth/login"),
        good: json!({ "email": person.email, "password": PASSWORD, "delivery": "token" }),
        optional: false,
        fields: vec![
            ("email", Kind::Secret, true),
            ("password", Kind::Secret, true),
            ("delivery", Kind::Choice("token"), false),
        ],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn refresh() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/auth/refresh",
        call: person.anonymous().call("POST", "/api/v1/auth/refresh"),
        good: json!({ "refresh_token": person.refresh }),
        optional: true,
        fields: vec![("refresh_token", Kind::Secret, false)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn logout() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/auth/logout",
        call: person.call("POST", "/api/v1/auth/logout"),
        good: json!({ "refresh_token": person.refresh }),
        optional: true,
        fields: vec![("refresh_token", Kind::Secret, false)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn edit_me() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "PATCH /api/v1/me",
        call: person.call("PATCH", "/api/v1/me"),
        good: json!({ "display_name": "Ada", "time_zone": "Europe/Berlin" }),
        optional: false,
        fields: vec![("display_name", Kind::Text(1, 80), false), ("time_zone", Kind::Text(1, 60), false)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn add_strain() -> Mutation {
    let person = Person::new();
    let list = json!(["one", "two"]);
    Mutation {
        route: "POST /api/v1/strains",
        call: person.call("POST", "/api/v1/strains"),
        good: json!({
            "name": names::unique("Malformed"), "type": "hybrid", "description": "d", "thc_percent": 1, "cbd_percent": 0,
            "effects": list, "ailments": list, "flavors": list, "terpenes": list, "breeder": "b", "parents": list
        }),
        optional: false,
        fields: vec![
            ("name", NAME, true),
            ("type", Kind::Choice("hybrid"), false),
            ("description", Kind::Text(0, 2000), false),
            ("thc_percent", Kind::Whole(0, 10_000), false),
            ("cbd_percent", Kind::Whole(0, 10_000), false),
            ("effects", Kind::Words, false),
            ("ailments", Kind::Words, false),
            ("flavors", Kind::Words, false),
            ("terpenes", Kind::Words, false),
            ("breeder", Kind::Text(0, 120), false),
            ("parents", Kind::Words, false),
        ],
        written: Box::new(move || of_person(&person.id)),
    }
}

pub(crate) fn buy() -> Mutation {
    let person = Person::new();
    let strain = person.add_strain().0;
    Mutation {
        route: "POST /api/v1/stash",
        call: person.call("POST", "/api/v1/stash"),
        good: json!({
            "strain_id": strain, "name": "Jar", "form": "flower", "quantity_mg": 100,
            "price": { "minor": 100, "currency": "USD" }, "acquired_at": "2026-01-01T00:00:00Z",
            "thc_mg": 20, "units": 10, "unit": "piece"
        }),
        optional: false,
        fields: vec![
            ("strain_id", Kind::Id, false),
            ("name", NAME, false),
            ("form", Kind::Choice("flower"), true),
            ("quantity_mg", Kind::Amount, true),
            ("price", Kind::Object, false),
            ("price.minor", Kind::Whole(0, 1_000_000_000), true),
            ("price.currency", Kind::Text(3, 3), true),
            ("thc_mg", Kind::Whole(0, 100), false),
            ("units", Kind::Whole(1, 100_000), false),
            ("unit", Kind::Choice("piece"), false),
            ("acquired_at", Kind::Time, false),
        ],
        written: Box::new(move || of_person(&person.id)),
    }
}

pub(crate) fn enter() -> Mutation {
    let person = Person::new();
    let lot = person.buy(100);
    Mutation {
        route: "POST /api/v1/stash/{id}/entries",
        call: person.call("POST", &format!("/api/v1/stash/{lot}/entries")),
        good: json!({ "kind": "gift", "quantity_mg": 5, "note": "n" }),
        optional: false,
        fields: vec![
            ("kind", Kind::Choice("gift"), true),
            ("quantity_mg", Kind::Amount, true),
            ("note", Kind::Text(0, 500), false),
        ],
        written: Box::new(move || of_person(&person.id)),
    }
}

const SESSION: [(&str, Kind, bool); 10] = [
    ("occurred_at", Kind::Time, false),
    ("method", Kind::Choice("vape"), true),
    ("items", Kind::Objects, true),
    ("items[0].lot_id", Kind::Id, true),
    ("items[0].quantity_mg", Kind::Amount, false),
    ("rating", Kind::Whole(1, 5), false),
    ("effects", Kind::Words, false),
    ("mood_before", Kind::Whole(1, 5), false),
    ("mood_after", Kind::Whole(1, 5), false),
    ("notes", Kind::Text(0, 4000), false),
];

fn whole_session(lot: &str) -> Value {
    let mut good = new_session(lot, 5);
    for (field, value) in [
        ("occurred_at", json!("2026-01-01T00:00:00Z")),
        ("rating", json!(3)),
        ("effects", json!(["calm"])),
        ("mood_before", json!(1)),
        ("mood_after", json!(5)),
        ("notes", json!("n")),
    ] {
        good[field] = value;
    }
    good
}

pub(crate) fn log_session() -> Mutation {
    let person = Person::new();
    let lot = person.buy(100);
    Mutation {
        route: "POST /api/v1/sessions",
        call: person.call("POST", "/api/v1/sessions"),
        good: whole_session(&lot),
        optional: false,
        fields: SESSION.to_vec(),
        written: Box::new(move || of_person(&person.id)),
    }
}

pub(crate) fn edit_session() -> Mutation {
    let person = Person::new();
    let lot = person.buy(100);
    let session = text(&person.log(&lot, 5), "id");
    // All but what is inside an item may be left out.
    let fields = SESSION.map(|(path, kind, needed)| (path, kind, needed && path.contains('.')));
    Mutation {
        route: "PATCH /api/v1/sessions/{id}",
        call: person.call("PATCH", &format!("/api/v1/sessions/{session}")),
        good: whole_session(&lot),
        optional: false,
        fields: fields.to_vec(),
        written: Box::new(move || of_person(&person.id)),
    }
}

pub(crate) fn suspend() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/users/{id}/suspend",
        call: Admin::new().call("POST", &format!("/api/v1/users/{}/suspend", person.id)),
        good: json!({ "reason": "a test" }),
        optional: false,
        fields: vec![("reason", Kind::Text(1, 500), true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn reset_factors() -> Mutation {
    let person = Person::new();
    Mutation {
        route: "POST /api/v1/users/{id}/factors/reset",
        call: Admin::new().call("POST", &format!("/api/v1/users/{}/factors/reset", person.id)),
        good: json!({ "reason": "passport shown", "identity_confirmed": true }),
        optional: false,
        fields: vec![("reason", Kind::Text(1, 500), true)],
        written: Box::new(move || account_of(&person.id)),
    }
}

pub(crate) fn reinstate() -> Mutation {
    let person = Person::new();
    Admin::new().suspend(&person);
    Mutation {
        route: "POST /api/v1/users/{id}/reinstate",
        call: Admin::new().call("POST", &format!("/api/v1/users/{}/reinstate", person.id)),
        good: json!({}),
        optional: true,
        fields: vec![],
        written: Box::new(move || account_of(&person.id)),
    }
}

/// A row of an import with a name that nobody else imports.
pub(crate) fn strain_row() -> Value {
    let name = names::unique("Imported");
    json!({
        "source_id": name, "name": name, "slug": name.to_lowercase().replace(' ', "-"), "type": "indica",
        "description": "d", "thc_percent": 2000, "cbd_percent": null, "effects": ["calm"], "negative_effects": null,
        "ailments": null, "flavors": ["pine"], "terpenes": null, "breeder": null, "parents": ["Blue Dream"]
    })
}

pub(crate) fn import() -> Mutation {
    let source = format!("e2e-{}", &names::key()[..20]);
    let row = strain_row();
    let name = text(&row, "name");
    let good = json!({ "source": source, "rows": [row] });
    let written = move || {
        let sql = "SELECT count(*) AS n FROM strains WHERE source = ?1 OR name = ?2";
        rows(Worker::Tracker, sql, &[json!(source), json!(name)]).into()
    };
    Mutation {
        route: "POST /api/v1/strains/import",
        call: Admin::new().call("POST", "/api/v1/strains/import"),
        good,
        optional: false,
        fields: vec![
            ("source", Kind::Text(1, 40), true),
            ("rows", Kind::Objects, true),
            ("rows[0].source_id", Kind::Text(1, 80), true),
            ("rows[0].name", NAME, true),
            ("rows[0].slug", Kind::Text(1, 160), true),
            ("rows[0].type", Kind::Choice("indica"), false),
            ("rows[0].description", Kind::Text(0, 10_000), false),
            ("rows[0].thc_percent", Kind::Whole(0, 10_000), false),
            ("rows[0].effects", Kind::Words, false),
            ("rows[0].parents", Kind::Words, false),
        ],
        written: Box::new(written),
    }
}

/// All of them.
pub(crate) const ALL: &[fn() -> Mutation] = &[
    register_program,
    edit_program,
    look,
    look_again,
    confirm_import,
    set_goal,
    begin_break,
    end_break,
    add_preset,
    replace_preset,
    register,
    login,
    refresh,
    logout,
    recover,
    complete_recovery,
    verify_email,
    change_password,
    change_email,
    login_factor,
    enrol_totp,
    confirm_totp,
    remove_totp,
    renew_codes,
    passkey_options,
    add_passkey,
    remove_passkey,
    login_passkey,
    complete_provider,
    register_with_provider,
    link_identity,
    unlink_identity,
    edit_me,
    add_strain,
    buy,
    enter,
    log_session,
    edit_session,
    suspend,
    reset_factors,
    reinstate,
    erase_me,
    erase_user,
    export_me,
    import,
    create_tenant,
    edit_tenant,
    deactivate_tenant,
    activate_tenant,
    invite_first,
    begin_sign_up,
    confirm_sign_up,
    edit_brand,
    edit_own_brand,
    edit_own_tenant,
    edit_member,
    invite,
    accept,
    switch,
    staff_enrol,
    staff_login,
    staff_generator,
    staff_factor,
    staff_refresh,
    add_staff,
    edit_staff,
    disable_staff,
    impersonate,
    make_key,
    rotate_key,
    make_tenant_key,
    rotate_tenant_key,
];
