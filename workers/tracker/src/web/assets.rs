//! What pages load: style, script, icon. Their names carry a hash of their bytes, so browsers keep them for ever.

use super::theme::{self, Theme};
use crate::brands::Brands;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde_json::{Value, json};
use sesh_edge::http::{Anonymous, Failure, Raw, RequestInfo};
use sesh_edge::io::Io;
use sesh_edge::token::host_name;
use std::sync::{Arc, OnceLock};

/// A file that pages load.
pub(crate) struct Asset {
    stem: &'static str,
    ending: &'static str,
    content_type: &'static str,
    body: &'static [u8],
    path: OnceLock<String>,
}

const fn asset(
    stem: &'static str,
    ending: &'static str,
    content_type: &'static str,
    body: &'static [u8],
) -> Asset {
    Asset { stem, ending, content_type, body, path: OnceLock::new() }
}

/// The style of every page.
pub(crate) static STYLE: Asset =
    asset("app", "css", "text/css; charset=utf-8", include_bytes!("../../assets/app.css"));
/// The script of every page; `web/app.ts`, bundled by `scripts/assets`.
pub(crate) static SCRIPT: Asset =
    asset("app", "js", "text/javascript; charset=utf-8", include_bytes!("../../assets/app.js"));
/// The icon.
pub(crate) static ICON: Asset =
    asset("icon", "svg", "image/svg+xml; charset=utf-8", include_bytes!("../../assets/icon.svg"));

static ALL: [&Asset; 3] = [&STYLE, &SCRIPT, &ICON];

/// For ever: the name changes with the bytes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For a few minutes: the name stays, and a tenant may change what is behind it.
const SHORTLY: &str = "public, max-age=300";
/// A picture that is opened by itself may do nothing at all.
const PICTURE_ALONE: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

impl Asset {
    /// Where it is.
    pub(crate) fn path(&self) -> &str {
        self.path.get_or_init(|| {
            let hash = sesh_edge::secret::sha256_hex(self.body);
            let short = hash.get(..12).unwrap_or_default();
            format!("/assets/{}-{short}.{}", self.stem, self.ending)
        })
    }

    fn file(&self, cache_control: &'static str) -> Raw {
        Raw { status: 200, content_type: self.content_type, cache_control, body: self.body.into() }
    }
}

/// A file by its name. A page that was loaded before a deployment may ask for one of before: it gets the one of now, to
/// be kept by nobody.
pub(crate) async fn file(
    _: Anonymous,
    io: Io,
    info: RequestInfo,
    State(brands): State<Arc<Brands>>,
    axum::extract::Path(name): axum::extract::Path<String>,
) -> Result<Response, Failure> {
    if let Some(style) = theme::style(&name) {
        let (content_type, body) = (STYLE.content_type, style.into());
        return Ok(Raw { status: 200, content_type, cache_control: IMMUTABLE, body }.into_response());
    }
    if let Some(hash) = name.strip_prefix("logo-").and_then(|name| name.strip_suffix(".png")) {
        return Ok(logo(brands.logo(&io, &info, hash).await?, IMMUTABLE));
    }
    let path = format!("/assets/{name}");
    let exact = ALL.iter().find(|asset| asset.path() == path).map(|asset| asset.file(IMMUTABLE));
    let older = || {
        let fits =
            |asset: &&&Asset| name.starts_with(&format!("{}-", asset.stem)) && name.ends_with(asset.ending);
        ALL.iter().find(fits).map(|asset| asset.file("no-cache"))
    };
    let file = exact.or_else(older).ok_or_else(|| Failure::not_found("file"))?;
    Ok(file.into_response())
}

fn logo(body: axum::body::Bytes, cache_control: &'static str) -> Response {
    Raw { status: 200, content_type: "image/png", cache_control, body }.policy(PICTURE_ALONE).into_response()
}

/// The icon of a host: its tenant's logo, or ours.
pub(crate) async fn favicon(
    _: Anonymous,
    io: Io,
    info: RequestInfo,
    State(brands): State<Arc<Brands>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let theme = brands.of_host(&io, &host_name(&headers)).await;
    if let Some(own) = &theme.logo
        && let Ok(bytes) = brands.logo(&io, &info, &own.hash).await
    {
        return Ok(logo(bytes, SHORTLY));
    }
    Ok(ICON.file(SHORTLY).into_response())
}

/// What a phone is told that puts the app on its home screen.
pub(crate) async fn manifest(
    _: Anonymous,
    io: Io,
    State(brands): State<Arc<Brands>>,
    headers: HeaderMap,
) -> Result<Raw, Failure> {
    let theme = brands.of_host(&io, &host_name(&headers)).await;
    let body = manifest_of(&theme).to_string().into();
    Ok(Raw { status: 200, content_type: "application/manifest+json", cache_control: SHORTLY, body })
}

fn manifest_of(theme: &Theme) -> Value {
    let usual = json!({ "src": ICON.path(), "sizes": "any", "type": "image/svg+xml", "purpose": "any" });
    let own = theme.logo.as_ref().zip(theme.logo_path()).map(|(logo, path)| {
        json!({ "src": path, "sizes": format!("{}x{}", logo.width, logo.height), "type": "image/png", "purpose": "any" })
    });
    json!({
        "name": theme.name, "short_name": theme.short_name, "start_url": "/today", "scope": "/",
        "display": "standalone", "background_color": theme.paper(), "theme_color": theme.paper(),
        "icons": [own.unwrap_or(usual)]
    })
}
