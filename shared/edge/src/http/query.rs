//! Query strings: unknown parameters and wrong types are refused by name.

use super::{Failure, Refusal};
use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sesh_types::envelope::{ErrorCode, Meta};
use sesh_types::rules::Issue;

/// The query string as a `T` (whose serde attributes should deny unknown fields).
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// Names and values as they stand, repeated ones too, of a query or of a form; nothing when it is malformed.
pub fn pairs(text: &[u8]) -> Option<Vec<(String, String)>> {
    serde_urlencoded::from_bytes(text).ok()
}

/// Names and values as a query or a form spells them.
pub fn spelled<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

pub(super) fn read<T: DeserializeOwned>(query: &str) -> Result<T, Failure> {
    serde_urlencoded::from_str(query).or_else(|_| name_what_is_wrong(query))
}

/// Serde stops at the first issue: find the parameter without which the complaint is another, take it out and
/// ask again.
fn name_what_is_wrong<T: DeserializeOwned>(query: &str) -> Result<T, Failure> {
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|error| {
        let message = format!("has a malformed query string: {error}");
        refused(vec![Issue { field: String::new(), code: "malformed".into(), message }])
    })?;
    let ask = |pairs: &[(String, String)]| {
        let text = serde_urlencoded::to_string(pairs).unwrap_or_default();
        serde_urlencoded::from_str::<T>(&text).map_err(|error| error.to_string())
    };
    let mut found: Vec<Issue> = Vec::new();
    loop {
        let text = match ask(&pairs) {
            Ok(value) if found.is_empty() => return Ok(value),
            Ok(_) => return Err(refused(found)),
            Err(text) => text,
        };
        let complains = |pairs: &[(String, String)]| ask(pairs).err().as_deref() == Some(text.as_str());
        let places = 0..pairs.len().min(MAX_PARAMETERS);
        let by_absence = places.clone().find(|place| {
            let mut without = pairs.clone();
            without.remove(*place);
            !complains(&without)
        });
        // Several may cause the same complaint; then each causes it alone.
        let alone = |place: &usize| pairs.get(*place..=*place).is_some_and(complains);
        let guilty = by_absence.or_else(|| places.clone().find(alone).filter(|_| !complains(&[])));
        let field = guilty.map(|place| pairs.remove(place).0);
        let (code, message) = if text.starts_with("unknown field") {
            ("unknown_parameter", "is not known here".to_owned())
        } else {
            ("wrong_type", format!("has the wrong type or form: {text}"))
        };
        let stuck = field.is_none();
        found.push(Issue { field: field.unwrap_or_default(), code: code.to_owned(), message });
        if stuck || found.len() == MAX_PARAMETERS {
            return Err(refused(found));
        }
    }
}

/// The most parameters that are looked through for what is wrong.
const MAX_PARAMETERS: usize = 20;

fn refused(issues: Vec<Issue>) -> Failure {
    Refusal::issues(ErrorCode::BadRequest, issues).into()
}

/// No parameter, no field: routes without parameters take `Query<Nothing>`, and routes without a body that may get one
/// take `OptionalBody<Nothing>`; both refuse what is sent all the same.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The query of a list that has no filters.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// The page, from 1.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100_000)))]
    pub page: Option<u32>,
    /// Rows a page, 1 to 100; 20 unless told.
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 100)))]
    pub limit: Option<u32>,
}

impl PageQuery {
    /// Checks what was asked for.
    ///
    /// # Errors
    /// 400 naming `page` or `limit` when out of range.
    pub fn paging(self) -> Result<Paging, Failure> {
        Paging::of(self.page, self.limit)
    }
}

/// Which page of a list: `page` from 1, `limit` from 1 to 100 (20 unless told).
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Paging {
    /// The page, from 1.
    pub page: u32,
    /// Rows a page.
    pub limit: u32,
}

impl Paging {
    /// The furthest page that is served; beyond it nobody reads, and an offset costs what it skips.
    pub const MAX_PAGE: u32 = 100_000;

    /// Checks what a query asked for.
    ///
    /// # Errors
    /// 400 naming `page` or `limit` when out of range.
    pub fn of(page: Option<u32>, limit: Option<u32>) -> Result<Self, Failure> {
        let paging = Self { page: page.unwrap_or(1), limit: limit.unwrap_or(20) };
        let mut issues = sesh_types::rules::Issues::default();
        issues.within(paging.page.into(), "page", 1, Self::MAX_PAGE.into());
        issues.within(paging.limit.into(), "limit", 1, 100);
        issues.done().map_err(refused)?;
        Ok(paging)
    }

    /// Rows to skip.
    pub const fn offset(self) -> u32 {
        (self.page - 1) * self.limit
    }

    /// The list's `meta`.
    pub const fn meta(self, total: u64) -> Meta {
        Meta { page: self.page, limit: self.limit, total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sesh_types::envelope::Details;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        q: Option<String>,
        page: Option<u32>,
    }

    #[test]
    fn names_every_parameter_that_is_wrong() {
        let Err(Failure::Refusal(refusal)) = read::<Sample>("q=a&page=x&colour=red") else { unreachable!() };
        let Some(Details::Issues(issues)) = refusal.details else { unreachable!() };
        let found: Vec<_> = issues.iter().map(|issue| (issue.field.as_str(), issue.code.as_str())).collect();
        assert_eq!(found, [("page", "wrong_type"), ("colour", "unknown_parameter")]);
    }

    #[test]
    fn names_both_of_two_that_are_wrong_alike() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code, reason = "only its shape matters")]
        struct Pair {
            from: Option<u32>,
            to: Option<u32>,
            needed: u32,
        }
        let fields = |query: &str| {
            let Err(Failure::Refusal(refusal)) = read::<Pair>(query) else { unreachable!() };
            let Some(Details::Issues(issues)) = refusal.details else { unreachable!() };
            issues.into_iter().map(|issue| issue.field).collect::<Vec<_>>()
        };
        assert_eq!(fields("from=x&needed=1&to=x"), ["from", "to"]);
        assert_eq!(fields("from=1&to=2"), [""], "what is missing is nobody's fault");
    }

    #[test]
    fn reads_what_is_right() {
        let sample: Sample = read("q=blu%20drem&page=2").unwrap();
        assert_eq!((sample.q.as_deref(), sample.page), (Some("blu drem"), Some(2)));
        assert!(Paging::of(Some(0), None).is_err() && Paging::of(None, Some(101)).is_err());
        assert_eq!(Paging::of(Some(3), Some(10)).unwrap().offset(), 20);
    }
}
