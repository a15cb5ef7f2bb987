//! From where somebody's tokens count: purely.

use crate::keys::AllowList;
use sesh_types::rules::{Issue, Issues};

/// Checks addresses and ranges.
///
/// # Errors
/// Every one that is none.
pub(crate) fn networks(networks: &[String]) -> Result<(), Vec<Issue>> {
    let mut issues = Issues::default();
    for (place, network) in networks.iter().enumerate() {
        // A list of one: a comma would make it several.
        let sound = !network.contains(',') && AllowList::parse(network).is_ok();
        let message = "must be an address or a range, such as 192.0.2.1 or 2001:db8::/32";
        issues.require(sound, format!("networks[{place}]"), "malformed", message);
    }
    issues.done()
}
