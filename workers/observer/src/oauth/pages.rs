//! The pages of signing in and agreeing: plain HTML that works without a script, in the person's light or dark, and loads
//! nothing from anywhere.

use super::clients::rules;
use super::request::Asked;
use super::wire::Plain;
use http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY};
use sesh_edge::secret::{base64, sha256};
use sesh_edge::text::escape;
use sesh_types::access::ApiScope;
use std::fmt::Write as _;
use std::sync::LazyLock;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#22261f;--paper:#fbfaf6;--raised:#fff;--line:#d8d6cc;--edge:#85897e;--quiet:#5c6256;\
--act:#2c6e3f;--on-act:#fff;--wrong:#9c2f1f}\
@media(prefers-color-scheme:dark){:root{--ink:#e8e6dc;--paper:#1b1d19;--raised:#23261f;--line:#3a3e36;--edge:#7d8275;\
--quiet:#a4a99c;--act:#7fc492;--on-act:#14170f;--wrong:#f0a08f}}\
*{box-sizing:border-box}body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0;\
padding:2rem 1rem}\
main{max-width:26rem;margin:0 auto;background:var(--raised);border:1px solid var(--line);border-radius:12px;padding:1.5rem}\
h1{font-size:1.375rem;line-height:1.25;margin:0 0 .5rem}p{margin:.5rem 0}.quiet{color:var(--quiet)}\
label{display:block;font-weight:600;margin-top:1rem}\
input{font:inherit;color:inherit;background:var(--paper);width:100%;min-height:2.75rem;margin-top:.25rem;padding:.5rem .75rem;\
border:1px solid var(--edge);border-radius:6px}\
button{font:inherit;font-weight:600;width:100%;min-height:2.75rem;margin-top:1rem;padding:.5rem .75rem;border-radius:6px;\
border:1px solid var(--act);background:var(--act);color:var(--on-act);cursor:pointer}\
button.plain{background:transparent;color:var(--ink);border-color:var(--edge)}\
button.link{width:auto;min-height:0;margin:0;padding:.25rem 0;border:0;background:none;color:var(--act);text-decoration:underline}\
:focus-visible{outline:3px solid var(--act);outline-offset:2px}\
ul{margin:1rem 0;padding:0 0 0 1.25rem}li{margin:.25rem 0}\
.wrong{border-left:4px solid var(--wrong);padding:.25rem .75rem;margin:1rem 0}";

static STYLE_HASH: LazyLock<String> = LazyLock::new(|| base64(&sha256(STYLE.as_bytes())));

/// What every form carries: the request that it is about, and that it is ours.
pub struct Carried<'a> {
    /// The authorization request, as its query.
    pub query: &'a str,
    /// What binds it to this browser.
    pub token: &'a str,
}

/// A page that forms of ours may stand in; `back` is where the program's answers go, as browsers hold the way that a form
/// takes to its policy.
fn page(title: &str, back: &str, body: &str) -> Plain {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>\n",
        escape(title)
    );
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'{}{back}; base-uri 'none'; frame-ancestors 'none'",
        *STYLE_HASH,
        if back.is_empty() { "" } else { " " },
    );
    Plain::html(html)
        .header(CONTENT_SECURITY_POLICY, &policy)
        .header(HeaderName::from_static("x-frame-options"), "DENY")
        // With no referrer at all browsers say that a form comes from nowhere.
        .header(REFERRER_POLICY, "same-origin")
}

fn form(step: &str, carried: &Carried<'_>, inside: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/oauth/authorize\"><input type=\"hidden\" name=\"step\" value=\"{step}\">\
         <input type=\"hidden\" name=\"query\" value=\"{}\"><input type=\"hidden\" name=\"form\" value=\"{}\">{inside}</form>",
        escape(carried.query),
        escape(carried.token),
    )
}

fn warning(wrong: Option<&str>) -> String {
    wrong.map_or_else(String::new, |text| {
        format!("<p class=\"wrong\" role=\"alert\" id=\"wrong\">{}</p>", escape(text))
    })
}

/// What marks a field as the one that is wrong.
fn mark(wrong: Option<&str>) -> &'static str {
    if wrong.is_some() { " aria-invalid=\"true\" aria-describedby=\"wrong\"" } else { "" }
}

/// The page to sign in at.
pub fn sign_in(asked: &Asked, carried: &Carried<'_>, email: &str, wrong: Option<&str>) -> Plain {
    let inside = format!(
        "<label for=\"email\">E-mail address</label>\
         <input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"username\" required maxlength=\"254\" value=\"{}\"{mark}>\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required{mark}>\
         <button type=\"submit\">Sign in</button>",
        escape(email),
        mark = mark(wrong),
    );
    let body = format!(
        "<h1>Sign in</h1><p class=\"quiet\">to go on to {}</p>{}{}",
        escape(&asked.client.name),
        warning(wrong),
        form("sign_in", carried, &inside),
    );
    page("Sign in", &rules::origin(&asked.redirect_uri), &body)
}

/// The page to bring a second factor at.
pub fn factor(asked: &Asked, carried: &Carried<'_>, challenge: &str, wrong: Option<&str>) -> Plain {
    let inside = format!(
        "<input type=\"hidden\" name=\"challenge\" value=\"{}\"><label for=\"code\">Code</label>\
         <input id=\"code\" name=\"code\" autocomplete=\"one-time-code\" autocapitalize=\"characters\" spellcheck=\"false\" required \
         maxlength=\"40\" autofocus{}><button type=\"submit\">Go on</button>",
        escape(challenge),
        mark(wrong),
    );
    let body = format!(
        "<h1>One more step</h1><p>Type the six digits that your authenticator shows, or one of your recovery codes.</p>{}{}",
        warning(wrong),
        form("factor", carried, &inside),
    );
    page("One more step", &rules::origin(&asked.redirect_uri), &body)
}

/// The page on which a person says whether a program may.
pub fn consent(asked: &Asked, carried: &Carried<'_>, email: &str) -> Plain {
    let name = escape(&asked.client.name);
    let mut wishes = String::new();
    for scope in asked.scopes.iter() {
        let _ = write!(wishes, "<li>{}</li>", escape(scope.plainly()));
    }
    let lasts = if asked.scopes.has(ApiScope::OfflineAccess) {
        "This lasts until you end it, and 90 days at most."
    } else {
        "This lasts a quarter of an hour."
    };
    let buttons = "<button type=\"submit\" name=\"answer\" value=\"allow\">Allow</button>\
                   <button class=\"plain\" type=\"submit\" name=\"answer\" value=\"deny\">Do not allow</button>";
    let other = form("switch", carried, "<button class=\"link\" type=\"submit\">That is not me</button>");
    let body = format!(
        "<h1>May {name} do this?</h1><p class=\"quiet\">You are signed in as {}.</p><p>{name} asks to:</p><ul>{wishes}</ul>\
         <p class=\"quiet\">{lasts}</p>\
         <p class=\"quiet\">You are sent back to {}. You can end this at any time where your devices are listed.</p>{}{other}",
        escape(email),
        escape(&rules::origin(&asked.redirect_uri)),
        form("consent", carried, buttons),
    );
    page(&format!("May {} do this?", asked.client.name), &rules::origin(&asked.redirect_uri), &body)
}

/// The page of a request that nobody can be sent back from.
pub fn stranded(why: &str) -> Plain {
    let body = format!(
        "<h1>This did not work</h1><p>The program that sent you here cannot go on. {}</p>\
         <p class=\"quiet\">You can close this page. If it happens again, tell whoever makes the program.</p>",
        escape(why)
    );
    page("This did not work", "", &body).status(400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_is_the_one_whose_hash_the_policy_names() {
        assert!(!STYLE.contains('<') && !STYLE.contains("url(") && !STYLE.contains("@import"));
        assert_eq!(STYLE_HASH.len(), 44);
    }
}
