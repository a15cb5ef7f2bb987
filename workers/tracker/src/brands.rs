//! How the app looks at a host name: what observer told of its tenant, kept for half a minute by each isolate, so that a
//! page asks the database for it now and then only. Nothing is decided by it that must hold at once: what a closed tenant's
//! people may do, and which parts of the app are there for them, each batch of theirs asks itself.

use crate::auth::observer::Observer;
use crate::web::{Theme, ThemeRow};
use axum::body::Bytes;
use sesh_edge::http::{Failure, RequestInfo};
use sesh_edge::io::{Io, Statement};
use sesh_edge::secret::from_base64;
use sesh_edge::sql;
use sesh_types::contract::brands::{LOGO, LogoFile};
use sesh_types::envelope::Success;
use sesh_types::time::{SECOND_MS, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a host's theme is used before it is read again.
pub(crate) const FRESH_MS: i64 = 30 * SECOND_MS;
/// The most hosts that an isolate remembers; beyond that it begins anew.
const MAX_HOSTS: usize = 256;
/// The most logos that an isolate remembers, of at most 32 KiB each.
const MAX_LOGOS: usize = 16;
/// RFC 1035, section 2.3.4.
const MAX_HOST_BYTES: usize = 253;

/// What an isolate knows of hosts; nothing of it is a person's.
#[derive(Debug, Default)]
pub struct Brands {
    hosts: Mutex<HashMap<String, (Arc<Theme>, Timestamp)>>,
    logos: Mutex<HashMap<String, Bytes>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Brands {
    /// The theme of a host: from memory, or from the database when that is old. A host of nobody's has the platform's, and
    /// so has every host that nothing is known of while the database does not answer: a page fails for its content alone.
    pub(crate) async fn of_host(&self, io: &Io, host: &str) -> Arc<Theme> {
        if host.is_empty() || host.len() > MAX_HOST_BYTES {
            return Arc::default();
        }
        let now = io.now();
        let known = lock(&self.hosts).get(host).cloned();
        if let Some((theme, _)) = known.as_ref().filter(|(_, read)| (0..FRESH_MS).contains(&(now.0 - read.0)))
        {
            return theme.clone();
        }
        let read = io.db(read(host)).await.and_then(|rows| rows.first::<ThemeRow>(0));
        let Ok(row) = read else { return known.map(|(theme, _)| theme).unwrap_or_default() };
        let theme = Arc::new(row.map(Theme::from).unwrap_or_default());
        let mut hosts = lock(&self.hosts);
        if hosts.len() >= MAX_HOSTS && !hosts.contains_key(host) {
            hosts.clear();
        }
        hosts.insert(host.to_owned(), (theme.clone(), now));
        theme
    }

    /// The theme of a host as far as it is known, however old: for what is drawn before anything can be asked.
    pub(crate) fn known(&self, host: &str) -> Arc<Theme> {
        lock(&self.hosts).get(host).map(|(theme, _)| theme.clone()).unwrap_or_default()
    }

    /// Forgets all hosts: something was told.
    pub(crate) fn forget(&self) {
        lock(&self.hosts).clear();
    }

    /// A logo's bytes, from memory or from observer, which keeps them.
    ///
    /// # Errors
    /// 404 when there is no such logo; else as the call.
    pub(crate) async fn logo(&self, io: &Io, info: &RequestInfo, hash: &str) -> Result<Bytes, Failure> {
        let sound = hash.len() == 32 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !sound {
            return Err(Failure::not_found("file"));
        }
        if let Some(known) = lock(&self.logos).get(hash) {
            return Ok(known.clone());
        }
        let path = format!("{LOGO}?hash={hash}");
        let said: Success<LogoFile> =
            Observer::new(io, info).ask("GET", &path, crate::auth::observer::NO_BODY).await?;
        let bytes: Bytes =
            from_base64(&said.data.png).ok_or_else(|| Failure::internal("a logo is no base64"))?.into();
        let mut logos = lock(&self.logos);
        if logos.len() >= MAX_LOGOS {
            logos.clear();
        }
        logos.insert(hash.to_owned(), bytes.clone());
        Ok(bytes)
    }
}

fn read(host: &str) -> Statement {
    sql!(
        "SELECT tenants.name, tenants.is_active, brands.brand FROM tenant_domains
         JOIN tenants ON tenants.id = tenant_domains.tenant_id LEFT JOIN brands ON brands.tenant_id = tenants.id
         WHERE tenant_domains.domain = ?1",
        host,
    )
}
