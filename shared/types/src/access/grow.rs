//! The licensed operator's table: five roles, six domains.

use super::Action;
use super::roles::spelled;

spelled! {
    /// What a person is in licensed growing.
    GrowRole {
        /// Everything.
        Owner = "owner",
        /// Keeps the records that the state asks for.
        ComplianceManager = "compliance_manager",
        /// Runs cultivation.
        HeadGrower = "head_grower",
        /// Does the tasks that are assigned to them.
        Staff = "staff",
        /// Reads what is to be booked.
        Accountant = "accountant",
    }
}

spelled! {
    /// A part of licensed growing.
    Domain {
        /// Batches, rooms, tasks, weights.
        Cultivation = "cultivation",
        /// Documents, audit packets, the state's reports.
        Compliance = "compliance",
        /// Time clock, wages, cost.
        Labour = "labour",
        /// Items, lots, transactions.
        Inventory = "inventory",
        /// What is connected from outside.
        Integrations = "integrations",
        /// Comments, announcements.
        Comms = "comms",
    }
}

/// How far a role reaches in a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not at all.
    None,
    /// Reads.
    Read,
    /// Reads and changes what is assigned to them: their tasks, their hours, their batches.
    Limited,
    /// Everything.
    Full,
}

impl GrowRole {
    /// One cell of the table.
    #[rustfmt::skip]
    pub const fn level(self, domain: Domain) -> Level {
        use Level::{Full, Limited, None, Read};
        //                                  cultivation compliance labour   inventory integrations comms
        let row = match self {
            Self::Owner             => [Full,       Full,      Full,    Full,     Full,        Full],
            Self::ComplianceManager => [Read,       Full,      Read,    Read,     Read,        Full],
            Self::HeadGrower        => [Full,       Read,      Read,    Full,     Read,        Full],
            Self::Staff             => [Limited,    None,      Limited, Read,     Read,        Limited],
            Self::Accountant        => [Read,       Read,      Read,    Read,     None,        Read],
        };
        let [cultivation, compliance, labour, inventory, integrations, comms] = row;
        match domain {
            Domain::Cultivation => cultivation,
            Domain::Compliance => compliance,
            Domain::Labour => labour,
            Domain::Inventory => inventory,
            Domain::Integrations => integrations,
            Domain::Comms => comms,
        }
    }

    /// Whether the role may do this in a domain; `assigned` says whether the thing is theirs.
    pub const fn may(self, action: Action, domain: Domain, assigned: bool) -> bool {
        match (self.level(domain), action) {
            (Level::Full, _) | (Level::Read, Action::Read) => true,
            (Level::Limited, Action::Read | Action::Update) => assigned,
            (Level::Limited, Action::Create) => matches!(domain, Domain::Labour | Domain::Comms) && assigned,
            (Level::None | Level::Read, _) | (Level::Limited, Action::Delete) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as it was asked for, cell by cell, in its own words.
    const ASKED: &str = "
        owner              full    full full    full full full
        compliance_manager read    full read    read read full
        head_grower        full    read read    full read full
        staff              limited none limited read read limited
        accountant         read    read read    read none read";

    #[test]
    fn thirty_cells_are_as_they_were_asked_for() {
        let mut cells = 0;
        for (role, line) in GrowRole::ALL.iter().zip(ASKED.trim().lines()) {
            let mut words = line.split_whitespace();
            assert_eq!(words.next(), Some(role.as_str()));
            for domain in Domain::ALL {
                let level = format!("{:?}", role.level(*domain)).to_lowercase();
                assert_eq!(words.next(), Some(level.as_str()), "{role:?} in {domain:?}");
                cells += 1;
            }
        }
        assert_eq!(cells, 30);
    }

    #[test]
    fn levels_decide_actions() {
        use Action::{Create, Delete, Read, Update};
        let staff = GrowRole::Staff;
        assert!(staff.may(Update, Domain::Cultivation, true), "complete one's own task");
        assert!(!staff.may(Update, Domain::Cultivation, false), "another's task");
        assert!(!staff.may(Create, Domain::Cultivation, true), "a task is given, not taken");
        assert!(staff.may(Create, Domain::Labour, true), "clock in");
        assert!(!staff.may(Read, Domain::Compliance, true));
        assert!(staff.may(Read, Domain::Inventory, false) && !staff.may(Update, Domain::Inventory, true));
        assert!(GrowRole::Owner.may(Delete, Domain::Integrations, false));
        assert!(!GrowRole::Accountant.may(Read, Domain::Integrations, true));
        assert!(!GrowRole::HeadGrower.may(Delete, Domain::Compliance, true));
    }
}
