//! What somebody is: to the platform, in a tenant, in an app.

use super::GrowRole;
use serde::{Deserialize, Serialize};

/// An enumeration that the database, tokens and clients spell alike.
macro_rules! spelled {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $text)] $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As the database, tokens and clients spell it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
    };
}
pub(super) use spelled;

spelled! {
    /// What a member of staff is to the platform.
    PlatformRole {
        /// Everything.
        Superadmin = "superadmin",
        /// Looks after people and tenants, changes no rights.
        Support = "support",
        /// Brings tenants and manages those they brought.
        Reseller = "reseller",
    }
}

spelled! {
    /// What a person is in a tenant.
    TenantRole {
        /// Everything, the tenant's end included; each tenant has at least one.
        Owner = "owner",
        /// Members, invitations, settings and keys.
        Admin = "admin",
        /// Uses the apps that they are entitled to.
        Member = "member",
    }
}

spelled! {
    /// What a person is in Sesh-Tracker.
    TrackerRole {
        /// Tracks their own sessions, stash and strains.
        User = "user",
    }
}

spelled! {
    /// What a person is in the depot: warehouse and books.
    DepotRole {
        /// Everything.
        Admin = "admin",
        /// Works with what is there, deletes nothing.
        Staff = "staff",
        /// Reads.
        Viewer = "viewer",
    }
}

spelled! {
    /// The part of the business that somebody works for.
    Department {
        /// Operations.
        Ops = "ops",
        /// Finance.
        Finance = "finance",
        /// Sales.
        Sales = "sales",
        /// Product.
        Product = "product",
    }
}

/// A role in an app, and the departments that it is for; none listed is all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entitlement<R> {
    /// The role.
    pub role: R,
    /// The departments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<Department>,
}

impl<R> Entitlement<R> {
    /// A role in every department.
    pub const fn everywhere(role: R) -> Self {
        Self { role, departments: Vec::new() }
    }

    /// Whether it holds for a department.
    pub fn covers(&self, department: Department) -> bool {
        self.departments.is_empty() || self.departments.contains(&department)
    }
}

/// The apps that somebody may use in a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Apps {
    /// Sesh-Tracker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracker: Option<Entitlement<TrackerRole>>,
    /// Licensed growing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grow: Option<Entitlement<GrowRole>>,
    /// Warehouse and books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depot: Option<Entitlement<DepotRole>>,
}

impl Apps {
    /// What everyone who signed up at sesh-tracker.com may use.
    pub const fn consumer() -> Self {
        Self { tracker: Some(Entitlement::everywhere(TrackerRole::User)), grow: None, depot: None }
    }

    /// Their names, as a navigation lists them.
    pub fn names(&self) -> Vec<&'static str> {
        let all = [
            ("tracker", self.tracker.is_some()),
            ("grow", self.grow.is_some()),
            ("depot", self.depot.is_some()),
        ];
        all.into_iter().filter_map(|(name, entitled)| entitled.then_some(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_survives_json() {
        for role in TenantRole::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert!(serde_json::from_str::<TenantRole>("\"root\"").is_err());
    }

    #[test]
    fn apps_are_read_as_the_token_carries_them() {
        let text = r#"{"grow":{"role":"head_grower","departments":["ops"]},"depot":{"role":"viewer"}}"#;
        let apps: Apps = serde_json::from_str(text).unwrap();
        assert_eq!(apps.names(), ["grow", "depot"]);
        let grow = apps.grow.clone().unwrap();
        assert!(grow.covers(Department::Ops) && !grow.covers(Department::Finance));
        assert!(
            apps.depot.clone().unwrap().covers(Department::Finance),
            "no department listed is all of them"
        );
        assert_eq!(serde_json::to_string(&apps).unwrap(), text);
        for wrong in [r#"{"crm":{"role":"admin"}}"#, r#"{"grow":{"role":"viewer"}}"#, r#"{"grow":{}}"#] {
            assert!(serde_json::from_str::<Apps>(wrong).is_err(), "{wrong}");
        }
    }
}
