//! The routes that every Worker has: health, its `OpenAPI` document, and a page to read it.

use crate::health::{self, Health, Vitals};
use crate::http::{Anonymous, Failure, Raw};
use crate::io::Io;
use crate::routes::{Routes, doc};
use crate::secret;
use axum::extract::{FromRef, State};
use bytes::Bytes;
use std::sync::Arc;

/// A Worker's document and its page: snapshots that a test keeps true to the code.
#[derive(Clone, Copy, Debug)]
pub struct Documents {
    /// The `OpenAPI` document, JSON.
    pub openapi: &'static [u8],
    /// The page, HTML.
    pub page: &'static [u8],
}

async fn check(_: Anonymous, State(vitals): State<Arc<Vitals>>, io: Io) -> Health {
    health::check(&vitals, &io).await
}

impl<S> Routes<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Vitals>: FromRef<S>,
{
    /// Health, the document and its page.
    #[must_use]
    pub fn standard(self, documents: Documents) -> Self {
        let openapi = move |_: Anonymous, _: Io| async move { file(documents.openapi, "application/json") };
        let policy: Arc<str> = page_policy(documents.page).into();
        let page = move |_: Anonymous, _: Io| {
            let policy = policy.clone();
            async move { file(documents.page, "text/html; charset=utf-8").map(|page| page.policy(&policy)) }
        };
        self.group("Operations")
            .get("/api/health", check, doc("How this Worker is; 503 when unhealthy"))
            .get("/api/openapi.json", openapi, doc("This document"))
            .get("/docs", page, doc("This document, to read"))
    }
}

#[allow(clippy::unnecessary_wraps, reason = "handlers answer with a Result")]
fn file(body: &'static [u8], content_type: &'static str) -> Result<Raw, Failure> {
    Ok(Raw {
        status: 200,
        content_type,
        cache_control: "public, max-age=300",
        body: Bytes::from_static(body),
    })
}

/// What the page may do: show itself in its own style, which is named by its hash.
fn page_policy(page: &[u8]) -> String {
    let text = std::str::from_utf8(page).unwrap_or_default();
    let style =
        text.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).map(|(style, _)| style);
    let hash = secret::base64(&secret::sha256(style.unwrap_or_default().as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
