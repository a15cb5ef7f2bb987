//! Where somebody who signs in is let in: to the tenant that they name, else to the one whose address they called, else
//! home. Who is no member there is nobody there, and hears no more than that.

use crate::callers::Visitor;
use crate::keys::Keyring;
use crate::personal::blind;
use crate::throttle::Attempt;
use serde::Deserialize;
use sesh_edge::http::{Failure, Refusal};
use sesh_edge::io::{Batch, Io, Rows, Statement};
use sesh_edge::sql;
use sesh_types::access::{Apps, TenantRole};
use sesh_types::ids::{PersonId, TenantId};

/// What tells where to.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    slug: Option<&'a str>,
    host: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// What a visitor says, or whose address they called.
    pub fn of(visitor: &'a Visitor, slug: Option<&'a str>) -> Self {
        Self { slug, host: visitor.host.as_deref() }
    }
}

/// A tenant that somebody may be signed in to, and what they are there.
#[derive(Clone, Debug)]
pub struct Entrance {
    /// The tenant.
    pub tenant: TenantId,
    /// What they are in it.
    pub role: TenantRole,
    /// The apps that they may use in it.
    pub apps: Apps,
    is_open: bool,
}

#[derive(Deserialize)]
struct Row {
    tenant_id: TenantId,
    is_open: i64,
    is_home: i64,
    role: Option<TenantRole>,
    apps: Option<String>,
}

/// Selects where the person of a condition on `?3` (and `?4`) is let in.
macro_rules! where_to {
    ($who:literal) => {
        concat!(
            "SELECT tenants.id AS tenant_id, tenants.status = 'active' AS is_open,
               tenants.id = people.tenant_id AS is_home, role, apps
             FROM people
             JOIN tenants ON tenants.id = CASE WHEN ?1 IS NULL
               THEN coalesce((SELECT tenant_id FROM tenant_domains WHERE domain = ?2), people.tenant_id)
               ELSE (SELECT id FROM tenants WHERE slug = ?1) END
             LEFT JOIN memberships ON memberships.tenant_id = tenants.id AND memberships.person_id = people.id
             WHERE ",
            $who
        )
    };
}

/// Of whoever has an address.
pub fn of_address(keys: &Keyring, asked: Asked<'_>, home: TenantId, email: &str) -> Statement {
    sql!(
        where_to!(
            "(people.tenant_id = ?3 AND people.email_index = ?4) OR (people.tenant_id = ?3 AND people.email = ?5)"
        ),
        asked.slug,
        asked.host,
        home,
        blind::email(keys, email),
        email,
    )
}

/// Of a person.
pub fn of_person(asked: Asked<'_>, person: PersonId) -> Statement {
    sql!(where_to!("people.id = ?3"), asked.slug, asked.host, person)
}

/// Of a passkey's owner.
pub fn of_passkey(asked: Asked<'_>, id: &str) -> Statement {
    sql!(
        where_to!("people.id = (SELECT person_id FROM passkeys WHERE passkeys.id = ?3)"),
        asked.slug,
        asked.host,
        id
    )
}

/// Of whoever an account at a provider is linked to.
pub fn of_identity(asked: Asked<'_>, identity: &str) -> Statement {
    sql!(
        where_to!("people.id = (SELECT person_id FROM identities WHERE identities.id = ?3)"),
        asked.slug,
        asked.host,
        identity
    )
}

/// Reads what one of the statements above selected; nothing when there is no such tenant, or they are nobody in it.
///
/// # Errors
/// A defect, when the database's apps cannot be read.
pub fn read(rows: &Rows, place: usize) -> Result<Option<Entrance>, Failure> {
    let Some(Row { tenant_id: tenant, is_open, is_home, role, apps }) = rows.first(place)? else {
        return Ok(None);
    };
    let is_open = is_open != 0;
    Ok(match (role, apps) {
        (Some(role), Some(apps)) => {
            let apps = serde_json::from_str(&apps).map_err(Failure::internal)?;
            Some(Entrance { tenant, role, apps, is_open })
        }
        _ if is_home != 0 => Some(Entrance { tenant, is_open, ..Entrance::home() }),
        _ => None,
    })
}

impl Entrance {
    /// The consumers' tenant, where everybody is at home who signs up.
    pub fn home() -> Self {
        let (tenant, role, apps) = (TenantId::CONSUMERS, TenantRole::Member, Apps::consumer());
        Self { tenant, role, apps, is_open: true }
    }

    /// Whether the tenant is open: told only to who has shown that they belong there. Their try is taken back.
    ///
    /// # Errors
    /// 403; else as [`Io::db`].
    pub async fn must_be_open(&self, io: &Io, attempt: &Attempt) -> Result<(), Failure> {
        if self.is_open {
            return Ok(());
        }
        io.db(attempt.release()?).await?;
        Err(Refusal::tenant_inactive().into())
    }

    /// Asks again, in the batch that lets somebody in, whether it is open. Home does not close. That they are a member
    /// still, the devices' trigger asks; that their role is the same, their epoch.
    pub fn guard(&self) -> Batch {
        if self.tenant == TenantId::CONSUMERS {
            return Batch::new();
        }
        Batch::from(sql!(
            "INSERT INTO guard (failure, holds) SELECT 'tenant_inactive',
               EXISTS (SELECT 1 FROM tenants WHERE id = ?1 AND status = 'active')",
            self.tenant,
        ))
    }
}
