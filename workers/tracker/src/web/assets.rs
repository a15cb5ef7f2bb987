//! What pages load: style, script, icon. Their names carry a hash of their bytes, so browsers keep them for ever.

use super::theme::Theme;
use http::HeaderMap;
use http::header::HOST;
use sesh_edge::http::{Anonymous, Failure, Raw};
use sesh_edge::io::Io;
use std::sync::OnceLock;

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
/// For a day: the name stays.
const DAILY: &str = "public, max-age=86400";

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
    _: Io,
    headers: HeaderMap,
    axum::extract::Path(name): axum::extract::Path<String>,
) -> Result<Raw, Failure> {
    if name == "theme.css" {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let body = Theme::of_host(host).style().unwrap_or_default().into();
        return Ok(Raw {
            status: 200,
            content_type: STYLE.content_type,
            cache_control: "public, max-age=300",
            body,
        });
    }
    let path = format!("/assets/{name}");
    let exact = ALL.iter().find(|asset| asset.path() == path).map(|asset| asset.file(IMMUTABLE));
    let older = || {
        let fits =
            |asset: &&&Asset| name.starts_with(&format!("{}-", asset.stem)) && name.ends_with(asset.ending);
        ALL.iter().find(fits).map(|asset| asset.file("no-cache"))
    };
    exact.or_else(older).ok_or_else(|| Failure::not_found("file"))
}

pub(crate) async fn favicon(_: Anonymous, _: Io) -> Result<Raw, Failure> {
    Ok(ICON.file(DAILY))
}

/// What a phone is told that puts the app on its home screen.
pub(crate) async fn manifest(_: Anonymous, _: Io) -> Result<Raw, Failure> {
    let icon =
        serde_json::json!({ "src": ICON.path(), "sizes": "any", "type": "image/svg+xml", "purpose": "any" });
    let manifest = serde_json::json!({
        "name": "Sesh", "short_name": "Sesh", "start_url": "/today", "scope": "/", "display": "standalone",
        "background_color": "#fbfaf6", "theme_color": "#fbfaf6", "icons": [icon]
    });
    Ok(Raw {
        status: 200,
        content_type: "application/manifest+json",
        cache_control: DAILY,
        body: manifest.to_string().into(),
    })
}
