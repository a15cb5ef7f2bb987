//! What of the consumer's app a tenant may leave out. A route that belongs to such a part stands in one table, by the
//! beginning of its path, pages and API alike; where the part is off, all of them are 404 for everybody of the tenant.

use super::roles::spelled;

spelled! {
    /// A part of Sesh-Tracker that a tenant may turn off.
    Feature {
        /// Goals and breaks.
        Goals = "goals",
        /// Pictures and sums of some days.
        Insights = "insights",
        /// Bringing a diary from elsewhere.
        Imports = "imports",
        /// Signing up at the tenant's own address.
        SignUp = "sign_up",
    }
}

/// Beginnings of tracker's paths, and the part that they belong to.
pub const FEATURE_ROUTES: &[(&str, Feature)] = &[
    ("/api/v1/goals", Feature::Goals),
    ("/api/v1/breaks", Feature::Goals),
    ("/goals", Feature::Goals),
    ("/breaks", Feature::Goals),
    ("/api/v1/insights", Feature::Insights),
    ("/insights", Feature::Insights),
    ("/api/v1/imports", Feature::Imports),
    ("/account/import", Feature::Imports),
    ("/age", Feature::SignUp),
    ("/sign-up", Feature::SignUp),
    ("/api/v1/auth/register", Feature::SignUp),
    ("/api/v1/auth/providers/{provider}/register", Feature::SignUp),
];

/// The part of the app that a route (its path as the router has it) belongs to; most belong to none.
pub fn feature_of(path: &str) -> Option<Feature> {
    let begins =
        |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    FEATURE_ROUTES.iter().find_map(|(start, feature)| begins(start).then_some(*feature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_a_feature_by_whole_segments() {
        assert_eq!(feature_of("/api/v1/goals"), Some(Feature::Goals));
        assert_eq!(feature_of("/api/v1/goals/{id}"), Some(Feature::Goals));
        assert_eq!(feature_of("/api/v1/breaks/{id}/end"), Some(Feature::Goals));
        for other in ["/api/v1/goalsetting", "/", "/today", "/api/v1/insight", "/sign-upwards", "/sign-in"] {
            assert_eq!(feature_of(other), None, "{other}");
        }
    }

    #[test]
    fn every_feature_has_routes() {
        for feature in Feature::ALL {
            assert!(FEATURE_ROUTES.iter().any(|(_, of)| of == feature), "{}", feature.as_str());
        }
    }
}
