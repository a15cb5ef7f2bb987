//! What roles are good for.

use super::roles::spelled;
use super::{DepotRole, PlatformRole, TenantRole};

spelled! {
    /// What can be done to a thing.
    Action {
        /// Make one.
        Create = "create",
        /// Look at it.
        Read = "read",
        /// Change it.
        Update = "update",
        /// Take it away.
        Delete = "delete",
    }
}

spelled! {
    /// What can be done in a tenant, beside its apps.
    TenantRight {
        /// See the tenant and who is in it.
        SeeMembers = "see_members",
        /// Invite people, take invitations back.
        Invite = "invite",
        /// Change members' apps, end memberships.
        ManageMembers = "manage_members",
        /// Make owners and admins, and end them.
        ManageAdmins = "manage_admins",
        /// Change name, domains, look and features.
        EditSettings = "edit_settings",
        /// Make and end API keys.
        ManageKeys = "manage_keys",
        /// Read the tenant's part of the audit log.
        ReadAudit = "read_audit",
    }
}

impl TenantRole {
    /// Whether the role is good for this.
    pub const fn may(self, right: TenantRight) -> bool {
        match (self, right) {
            (Self::Owner, _) => true,
            (Self::Admin, right) => !matches!(right, TenantRight::ManageAdmins),
            (Self::Member, right) => matches!(right, TenantRight::SeeMembers),
        }
    }

    /// Whether the role may give, change or end a membership of that role: nobody lifts others above themselves.
    pub const fn may_manage(self, other: Self) -> bool {
        match other {
            Self::Owner | Self::Admin => self.may(TenantRight::ManageAdmins),
            Self::Member => self.may(TenantRight::ManageMembers),
        }
    }
}

impl DepotRole {
    /// Whether the role may do this.
    pub const fn may(self, action: Action) -> bool {
        match self {
            Self::Admin => true,
            Self::Staff => !matches!(action, Action::Delete),
            Self::Viewer => matches!(action, Action::Read),
        }
    }
}

spelled! {
    /// What staff can do to the platform.
    PlatformRight {
        /// See tenants.
        ReadTenants = "read_tenants",
        /// Make tenants and change them.
        ManageTenants = "manage_tenants",
        /// Deactivate tenants and activate them again.
        SuspendTenants = "suspend_tenants",
        /// See people.
        ReadPeople = "read_people",
        /// Suspend people and reinstate them.
        SuspendPeople = "suspend_people",
        /// Act as a person, for a reason and a while.
        Impersonate = "impersonate",
        /// Read and verify the audit log.
        ReadAudit = "read_audit",
        /// See health and analytics of the whole platform.
        ReadOperations = "read_operations",
        /// Change the strain catalogue.
        ManageCatalogue = "manage_catalogue",
        /// Add staff, change their role, end them.
        ManageStaff = "manage_staff",
        /// Erase people, for good.
        ErasePeople = "erase_people",
        /// Register programs, change them, remove them.
        ManageClients = "manage_clients",
    }
}

/// On which tenants a right counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// On none: the right is not theirs.
    Nowhere,
    /// On the tenants that they brought.
    Own,
    /// On all.
    All,
}

impl PlatformRole {
    /// How far a right of the role reaches.
    pub const fn reach(self, right: PlatformRight) -> Reach {
        use PlatformRight as R;
        match (self, right) {
            (Self::Superadmin, _)
            | (
                Self::Support,
                R::ReadTenants
                | R::ReadPeople
                | R::SuspendPeople
                | R::Impersonate
                | R::ReadAudit
                | R::ReadOperations,
            ) => Reach::All,
            (Self::Reseller, R::ReadTenants | R::ManageTenants | R::SuspendTenants) => Reach::Own,
            (Self::Support | Self::Reseller, _) => Reach::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One word a cell, in the order of the rights.
    fn holds<R: Copy, C>(table: &str, roles: &[R], rights: &[C], cell: impl Fn(R, &C) -> &'static str) {
        let lines: Vec<_> = table.trim().lines().collect();
        assert_eq!(lines.len(), roles.len());
        for (role, line) in roles.iter().zip(lines) {
            let found: Vec<_> = rights.iter().map(|right| cell(*role, right)).collect();
            let asked: Vec<_> = line.split_whitespace().skip(1).collect();
            assert_eq!(found, asked, "{line}");
        }
    }

    #[test]
    fn every_cell_of_the_tenants_table() {
        let table = "
            owner  yes yes yes yes yes yes yes
            admin  yes yes yes no  yes yes yes
            member yes no  no  no  no  no  no";
        holds(
            table,
            TenantRole::ALL,
            TenantRight::ALL,
            |role, right| if role.may(*right) { "yes" } else { "no" },
        );
    }

    #[test]
    fn nobody_lifts_others_above_themselves() {
        use TenantRole::{Admin, Member, Owner};
        for (role, other, may) in [
            (Owner, Owner, true),
            (Owner, Member, true),
            (Admin, Member, true),
            (Admin, Admin, false),
            (Admin, Owner, false),
            (Member, Member, false),
        ] {
            assert_eq!(role.may_manage(other), may, "{role:?} {other:?}");
        }
    }

    #[test]
    fn every_cell_of_the_depots_table() {
        let table = "
            admin  yes yes yes yes
            staff  yes yes yes no
            viewer no  yes no  no";
        holds(
            table,
            DepotRole::ALL,
            Action::ALL,
            |role, action| if role.may(*action) { "yes" } else { "no" },
        );
    }

    #[test]
    fn every_cell_of_the_platforms_table() {
        let table = "
            superadmin all all all all all all all all all all all all
            support    all no  no  all all all all all no  no  no  no
            reseller   own own own no  no  no  no  no  no  no  no  no";
        holds(table, PlatformRole::ALL, PlatformRight::ALL, |role, right| match role.reach(*right) {
            Reach::Nowhere => "no",
            Reach::Own => "own",
            Reach::All => "all",
        });
    }
}
