//! What pages load: style, script, icon. Their names carry a hash of their bytes, so browsers keep them for ever.

use super::theme::{self, Theme};
use super::words::Lang;
use crate::brands::Brands;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};
use sesh_edge::http::{Anonymous, Failure, Raw, RawPage, RequestInfo};
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

/// What pages do without a connection; `web/offline/page.ts`, loaded by the script after all else.
pub(crate) static OFFLINE: Asset =
    asset("offline", "js", "text/javascript; charset=utf-8", include_bytes!("../../assets/offline.js"));
const PNG: &str = "image/png";
/// The icon for home screens.
pub(crate) static ICON_192: Asset =
    asset("icon-192", "png", PNG, include_bytes!("../../assets/icon-192.png"));
static ICON_512: Asset = asset("icon-512", "png", PNG, include_bytes!("../../assets/icon-512.png"));
static MASKABLE: Asset = asset("maskable-512", "png", PNG, include_bytes!("../../assets/maskable-512.png"));

static ALL: [&Asset; 7] = [&STYLE, &SCRIPT, &ICON, &OFFLINE, &ICON_192, &ICON_512, &MASKABLE];

/// The service worker; `web/offline/sw.ts`.
const SERVICE_WORKER: &str = include_str!("../../assets/sw.js");
/// What it keeps for going on without a connection, besides the page at `/offline`.
static PRECACHED: [&Asset; 5] = [&STYLE, &SCRIPT, &OFFLINE, &ICON, &ICON_192];

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

    /// Its name in its folder.
    pub(crate) fn name(&self) -> &str {
        self.path().rsplit('/').next().unwrap_or_default()
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

/// The service worker, with the names of the files that it keeps: whenever one of them changes, it is a new one.
pub(crate) async fn service_worker(
    _: Anonymous,
    io: Io,
    State(brands): State<Arc<Brands>>,
    headers: HeaderMap,
) -> Result<RawPage, Failure> {
    let theme = brands.of_host(&io, &host_name(&headers)).await;
    let mut files: Vec<String> = PRECACHED.iter().map(|asset| asset.path().to_owned()).collect();
    files.extend(theme.style_path().into_iter().chain(theme.logo_path()));
    let files = serde_json::to_string(&files).map_err(Failure::internal)?;
    let body = format!("self.FILES={files};{SERVICE_WORKER}");
    let file =
        Raw { status: 200, content_type: SCRIPT.content_type, cache_control: "no-cache", body: body.into() };
    // What it asks for in a page's place is judged by its own policy, as what it is for: a document, a style, a script.
    Ok(file.policy("default-src 'self'; frame-ancestors 'none'"))
}

/// What a phone is told that puts the app on its home screen.
pub(crate) async fn manifest(
    _: Anonymous,
    io: Io,
    State(brands): State<Arc<Brands>>,
    headers: HeaderMap,
) -> Result<Raw, Failure> {
    let theme = brands.of_host(&io, &host_name(&headers)).await;
    let lang = headers.get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok()).and_then(Lang::accepted);
    let body = manifest_of(&theme, lang.unwrap_or_default()).to_string().into();
    // By language, so no cache that others share may keep it.
    Ok(Raw {
        status: 200,
        content_type: "application/manifest+json",
        cache_control: "private, max-age=300",
        body,
    })
}

fn manifest_of(theme: &Theme, lang: Lang) -> Value {
    let kind = |asset: &Asset| asset.content_type.split(';').next().unwrap_or_default();
    let icon = |asset: &Asset, sizes: &str, purpose: &str| json!({ "src": asset.path(), "sizes": sizes, "type": kind(asset), "purpose": purpose });
    let shortcut = |name: &str, url: &str| json!({ "name": name, "url": url, "icons": [icon(&ICON_192, "192x192", "any")] });
    let own = theme.logo.as_ref().zip(theme.logo_path()).map(|(logo, path)| {
        vec![json!({ "src": path, "sizes": format!("{}x{}", logo.width, logo.height), "type": "image/png", "purpose": "any" })]
    });
    let usual = || {
        vec![
            icon(&ICON, "any", "any"),
            icon(&ICON_192, "192x192", "any"),
            icon(&ICON_512, "512x512", "any"),
            icon(&MASKABLE, "512x512", "maskable"),
        ]
    };
    let t = lang.texts();
    json!({
        "id": "/today", "name": theme.name, "short_name": theme.short_name, "lang": lang.code(), "dir": "ltr",
        "start_url": "/today", "scope": "/", "display": "standalone", "orientation": "any",
        "categories": ["health", "lifestyle"],
        "background_color": theme.paper(), "theme_color": theme.paper(),
        "icons": own.unwrap_or_else(usual),
        "shortcuts": [shortcut(t.log_one, "/log"), shortcut(t.stash, "/stash"), shortcut(t.history, "/history")],
    })
}
