//! The people who stand before the Workers, with what they have and hold.

use super::{ADMIN_KEY, FOREIGN, ISSUER, LISTED, PASSWORD, START, Twin, seed};
use authorization::cast::{Cast, Member, Staffer};
use serde_json::{Value, json};
use sesh_edge::native::Call;
use sesh_edge::token::{STAFF_AUDIENCE, StaffClaims};
use sesh_types::access::PlatformRole;
use sesh_types::contract::staff::StaffSubject;
use sesh_types::ids::{DeviceId, InvitationId, KeyId, PersonId, StaffId, TenantId};
use sesh_types::time::HOUR_MS;
use uuid::Uuid;

/// What a person's is who is not the one that calls.
const FOURTH: TenantId = TenantId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_00dd));
/// Every scope of a person's keys, and of a tenant's.
const PERSONS: &str =
    r#"["strains:read","strains:write","stash:read","stash:write","sessions:read","sessions:write"]"#;
const TENANTS: &str = r#"["tenant:read","tenant:manage"]"#;
/// Where some of the consumers were asked to join.
const THIRD: TenantId = TenantId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_00ee));

impl Twin {
    pub(super) fn people(&self) -> Cast {
        for (tenant, slug) in [(FOREIGN, "foreign"), (THIRD, "third"), (FOURTH, "fourth")] {
            self.execute(
                "observer",
                &format!(
                    "INSERT INTO tenants (id, slug, name, created_at) VALUES ('{tenant}', '{slug}', 'T', 0)"
                ),
            );
        }
        let person = self.member(TenantId::CONSUMERS, 1);
        let owner = format!("'{}', '{}'", person.tenant, person.person);
        let (revoked_id, revoked_key) = self.key(21, &owner, PERSONS, "[]", START.plus_ms(HOUR_MS).0);
        self.execute("observer", &format!("UPDATE api_keys SET revoked_at = 0 WHERE id = '{revoked_id}'"));
        let suspended = self.member(TenantId::CONSUMERS, 4);
        let (reseller, id) = self.staff(53, PlatformRole::Reseller, "[]");
        self.execute("observer", &format!("UPDATE tenants SET reseller_id = '{id}' WHERE id = '{THIRD}'"));
        let (dismissed, id) = self.staff(54, PlatformRole::Superadmin, "[]");
        self.execute("observer", &format!("UPDATE staff_devices SET revoked_at = 1 WHERE staff_id = '{id}'"));
        let [superadmin, support] =
            [(51, PlatformRole::Superadmin), (52, PlatformRole::Support)].map(|(number, role)| {
                let (staffer, id) = self.staff(number, role, "[]");
                Staffer { impersonation: self.impersonation(id, &staffer, &person, number), ..staffer }
            });
        let [acting, acted] = [56, 57].map(|number| {
            let (staffer, id) = self.staff(number, PlatformRole::Support, "[]");
            let impersonation = self.impersonation(id, &staffer, &person, number);
            let subject = format!("{}/{}/{impersonation}/0/{id}", TenantId::CONSUMERS, person.person);
            Member { access: self.token(&subject), subject, ..Member::default() }
        });
        let ended = acted.subject.split('/').nth(2).unwrap();
        self.execute("observer", &format!("UPDATE impersonations SET ended_at = 1 WHERE id = '{ended}'"));
        self.execute(
            "tracker",
            &format!(
                "INSERT INTO revocations VALUES ('device:{ended}', 9, {})",
                START.plus_ms(24 * HOUR_MS).0
            ),
        );
        let cast = Cast {
            superadmin,
            support,
            reseller,
            dismissed,
            homebound: self.staff(55, PlatformRole::Superadmin, &format!("[\"{LISTED}\"]")).0,
            acting,
            acted,
            other: self.member(TenantId::CONSUMERS, 2),
            foreigner: Some(self.member(FOREIGN, 3)),
            revoked: self.device(&person, 9),
            expired_key: self.key(20, &owner, PERSONS, "[]", START.0 - 1).1,
            revoked_key,
            distant_key: {
                let nowhere = r#"[{"text":"192.0.2.1","first":"4","last":"4"}]"#;
                self.key(22, &owner, PERSONS, nowhere, START.plus_ms(HOUR_MS).0).1
            },
            signing_seed: Some(seed(1)),
            password: PASSWORD,
            admin_key: ADMIN_KEY.to_owned(),
            listed: LISTED.to_owned(),
            unlisted: "203.0.113.7".to_owned(),
            salt: "x".to_owned(),
            host: "sesh-tracker.com".to_owned(),
            suspended,
            person,
        };
        // A use from a wrong address is put on record, once a minute.
        let distant = Call::new("GET", "/api/v1/stash").bearer(&cast.distant_key);
        assert_eq!(self.fleet.call("tracker", distant).status, 403);
        let out =
            self.fleet.call("tracker", Call::new("POST", "/api/v1/auth/logout").bearer(&cast.revoked.access));
        assert_eq!(out.status, 204, "{}", out.text);
        let path = format!("/api/v1/users/{}/suspend", cast.suspended.person);
        let call = Call::new("POST", &path).bearer(ADMIN_KEY).header("cf-connecting-ip", LISTED);
        let got = self.fleet.call("admin", call.json(&json!({ "reason": "the matrix" })));
        assert_eq!(got.status, 200, "{}", got.text);
        cast
    }

    /// Somebody with one of everything.
    fn member(&self, tenant: TenantId, number: u128) -> Member {
        let id: PersonId = Uuid::from_u128((0x0192_aaaa << 96) + number).into();
        let email = format!("member{number}@example.com");
        self.execute(
            "observer",
            &format!(
                "INSERT INTO people (id, tenant_id, email, display_name, display_key, password_phc,
                   adult_confirmed_at, created_at)
                 VALUES ('{id}', '{tenant}', '{email}', 'Ada', 'ada', '{}', 0, 0)",
                self.hashed()
            ),
        );
        let nobody = Member {
            person: id.to_string(),
            subject: format!("{tenant}/{id}"),
            tenant: tenant.to_string(),
            managed: match (tenant, number) {
                (FOREIGN, _) => FOREIGN,
                (_, 2) => FOURTH,
                _ => THIRD,
            }
            .to_string(),
            staff: self.staff(number, PlatformRole::Support, "[]").1.to_string(),
            invited: self.invitation(THIRD, &email, 2 * number).1,
            invitation: self
                .invitation(
                    if tenant == FOREIGN { FOREIGN } else { THIRD },
                    &format!("guest{number}@example.com"),
                    2 * number + 1,
                )
                .0,
            email,
            ..Member::default()
        };
        let expires_at = START.plus_ms(HOUR_MS).0;
        let managed = &nobody.managed;
        let (owner, scopes, reading) = if tenant == FOREIGN {
            (format!("'{tenant}', NULL"), TENANTS, r#"["tenant:read"]"#)
        } else {
            (format!("'{tenant}', '{id}'"), PERSONS, r#"["strains:read","stash:read","sessions:read"]"#)
        };
        let own = format!("'{tenant}', '{id}'");
        let nobody = Member {
            key: self.key(number * 100 + 1, &own, PERSONS, "[]", expires_at).0,
            tenant_key: self
                .key(number * 100 + 2, &format!("'{managed}', NULL"), TENANTS, "[]", expires_at)
                .0,
            api_key: self.key(number * 100 + 3, &owner, scopes, "[]", expires_at).1,
            reading_key: self.key(number * 100 + 4, &owner, reading, "[]", expires_at).1,
            colleague: if tenant == FOREIGN { self.resident(98) } else { id }.to_string(),
            ..nobody
        };
        if tenant == FOREIGN {
            // A second owner, so that the first may go, and somebody with no office.
            let colleague: PersonId = nobody.colleague.parse().unwrap();
            for (person, role) in [(id, "owner"), (self.resident(99), "owner"), (colleague, "member")] {
                self.execute(
                    "observer",
                    &format!(
                        "INSERT INTO memberships (tenant_id, person_id, role, apps, joined_at)
                         VALUES ('{tenant}', '{person}', '{role}', '{{}}', 0)"
                    ),
                );
            }
        }
        let here = self.device(&nobody, number * 100 + 1);
        let elsewhere = self.device(&nobody, number * 100 + 2);
        let client = self.client(number);
        let mut member =
            Member { client, device: elsewhere.subject.split('/').nth(2).unwrap().to_owned(), ..here };
        member.strain = self.made(&member, "/api/v1/strains", &json!({ "name": "mine" }));
        let lot = json!({ "strain_id": member.strain, "form": "flower", "quantity_mg": 100 });
        member.lot = self.made(&member, "/api/v1/stash", &lot);
        let session = json!({ "method": "vape", "items": [{ "lot_id": member.lot, "quantity_mg": 1 }] });
        member.session = self.made(&member, "/api/v1/sessions", &session);
        let preset = json!({ "name": "one", "method": "vape", "lot_id": member.lot });
        member.preset = self.made(&member, "/api/v1/presets", &preset);
        member.goal =
            self.made(&member, "/api/v1/goals", &json!({ "measure": "sessions", "per": "day", "target": 1 }));
        member.import = self.looked_at(&member);
        let end = START.plus_ms(24 * HOUR_MS).to_string();
        member.pause = self.made(&member, "/api/v1/breaks", &json!({ "planned_end_at": end }));
        member
    }

    /// Somebody on the staff, signed in.
    fn staff(&self, number: u128, role: PlatformRole, networks: &str) -> (Staffer, StaffId) {
        let id: StaffId = Uuid::from_u128((0x0192_cccc << 96) + number).into();
        let device: DeviceId = Uuid::from_u128((0x0192_eeee << 96) + number).into();
        let (now, later) = (START.0, START.plus_ms(24 * HOUR_MS).0);
        let email = format!("staff{number}@example.com");
        self.execute(
            "observer",
            &format!(
                "INSERT INTO staff (id, email, name, role, networks, password_phc, totp_id, totp_key_id, totp_created_at,
                   totp_confirmed_at, created_at)
                 VALUES ('{id}', '{email}', 'S', '{}', '{networks}', '{}', '{device}', 'factor1', 0, 0, 0);
                 INSERT INTO staff_devices (id, staff_id, nonce, rotated_at, created_at, last_seen_at, expires_at,
                   user_agent)
                 VALUES ('{device}', '{id}', 'nonce', {now}, {now}, {now}, {later}, '')",
                role.as_str(),
                self.hashed(),
            ),
        );
        let claims = StaffClaims {
            iss: ISSUER.into(),
            aud: STAFF_AUDIENCE.into(),
            sub: id,
            did: device,
            ep: 0,
            role,
            net: serde_json::from_str(networks).unwrap(),
        };
        let access = self.keys.signing.access_token(&claims, START).0;
        let subject = StaffSubject { staff: id, device, epoch: 0, role }.to_string();
        (Staffer { access, subject, email, device: device.to_string(), ..Staffer::default() }, id)
    }

    /// What somebody on the staff acts as a person by.
    fn impersonation(&self, staff: StaffId, staffer: &Staffer, person: &Member, number: u128) -> String {
        let id: DeviceId = Uuid::from_u128((0x0192_ffff << 96) + number).into();
        let (now, later) = (START.0, START.plus_ms(HOUR_MS / 2).0);
        self.execute(
            "observer",
            &format!(
                "INSERT INTO impersonations (id, tenant_id, person_id, staff_id, device_id, reason, started_at, expires_at)
                 VALUES ('{id}', '{}', '{}', '{staff}', '{}', 'the matrix', {now}, {later})",
                TenantId::CONSUMERS, person.person, staffer.device
            ),
        );
        id.to_string()
    }

    /// Somebody else at home in the other tenant.
    fn resident(&self, number: u128) -> PersonId {
        let id: PersonId = Uuid::from_u128((0x0192_aaaa << 96) + number).into();
        self.execute(
            "observer",
            &format!(
                "INSERT INTO people (id, tenant_id, email, display_name, display_key, password_phc, adult_confirmed_at,
                   created_at)
                 VALUES ('{id}', '{FOREIGN}', 'resident{number}@example.com', 'Ada', 'ada', '', 0, 0)"
            ),
        );
        id
    }

    /// An open invitation into a tenant: id and token.
    fn invitation(&self, tenant: TenantId, email: &str, number: u128) -> (String, String) {
        let id: InvitationId = Uuid::from_u128((0x0192_dddd << 96) + number).into();
        self.execute(
            "observer",
            &format!(
                "INSERT INTO invitations (id, tenant_id, email, role, apps, invited_by, created_at, expires_at)
                 VALUES ('{id}', '{tenant}', '{email}', 'member', '{{}}', 'key:ops', 0, {})",
                START.plus_ms(24 * HOUR_MS).0
            ),
        );
        (id.to_string(), observer::invitations::token(&self.keys, id).0)
    }

    /// A registered program.
    fn client(&self, number: u128) -> String {
        let id = Uuid::from_u128((0x0192_eeee << 96) + number).to_string();
        self.execute(
            "observer",
            &format!(
                "INSERT INTO oauth_clients (id, name, kind, redirect_uris, grant_types, scopes, created_at)
                 VALUES ('{id}', 'Almanac', 'public', '[\"https://almanac.example/cb\"]', '[\"authorization_code\"]', 'openid', 0)"
            ),
        );
        id
    }

    /// An API key of `tenant, person`: id and text.
    fn key(
        &self,
        number: u128,
        owner: &str,
        scopes: &str,
        addresses: &str,
        expires_at: i64,
    ) -> (String, String) {
        let id: KeyId = Uuid::from_u128((0x0192_eeee << 96) + number).into();
        self.execute(
            "observer",
            &format!(
                "INSERT INTO api_keys (id, tenant_id, person_id, key_id, name, scopes, addresses, calls_a_minute, made_by,
                   created_at, expires_at)
                 VALUES ('{id}', {owner}, 'factor1', 'k', '{scopes}', '{addresses}', 6000, 'key:ops', 0, {expires_at})"
            ),
        );
        (id.to_string(), observer::api_keys::text(&self.keys, id, "factor1").unwrap().0)
    }

    fn made(&self, member: &Member, path: &str, body: &Value) -> String {
        let got = self.fleet.call("tracker", Call::new("POST", path).bearer(&member.access).json(body));
        assert_eq!(got.status, 201, "{}", got.text);
        got.json()["data"]["id"].as_str().unwrap().to_owned()
    }

    /// An import that waits.
    fn looked_at(&self, member: &Member) -> String {
        let call = Call::new("POST", "/api/v1/imports").bearer(&member.access);
        let got =
            self.fleet.call("tracker", call.json(&json!({ "source": "date,amount\n2026-01-01,1 g\n" })));
        assert_eq!(got.status, 201, "{}", got.text);
        got.json()["data"]["import"]["id"].as_str().unwrap().to_owned()
    }

    /// The same person on a device of this number.
    fn device(&self, member: &Member, number: u128) -> Member {
        let [tenant, person] = member.subject.split('/').take(2).collect::<Vec<_>>()[..] else {
            unreachable!()
        };
        let device: DeviceId = Uuid::from_u128((0x0192_bbbb << 96) + number).into();
        let (now, later) = (START.0, START.plus_ms(24 * HOUR_MS).0);
        self.execute(
            "observer",
            &format!(
                "INSERT INTO devices (id, tenant_id, person_id, nonce, rotated_at, created_at, last_seen_at, expires_at,
                   user_agent)
                 VALUES ('{device}', '{tenant}', '{person}', 'nonce', {now}, {now}, {now}, {later}, '')"
            ),
        );
        let subject = format!("{tenant}/{person}/{device}/0");
        let access = self.token(&subject);
        let refresh = self.keys.refresh.token(device, 0, "nonce").0;
        Member { access, refresh, subject, ..member.clone() }
    }
}
