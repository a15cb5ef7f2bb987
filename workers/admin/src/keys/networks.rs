//! The addresses from which keys count: single ones and CIDR ranges (RFC 4632, RFC 4291).

use super::{ListError, read_list};
use sesh_edge::networks::Network;
use std::net::IpAddr;

/// Addresses and ranges, IPv4 and IPv6.
#[derive(Clone, Debug)]
pub struct AllowList(Vec<Network>);

impl AllowList {
    /// Reads `192.0.2.1,10.0.0.0/8,2001:db8::/32`. Bits behind the prefix are ignored.
    ///
    /// # Errors
    /// The place of the entry that is malformed; an empty list, which would allow nobody.
    pub fn parse(text: &str) -> Result<Self, ListError> {
        read_list(text, |entry| Network::parse(entry).ok_or("is neither an address nor a range")).map(Self)
    }

    /// Whether the address is in one of the networks. IPv4 in IPv6's clothes (`::ffff:192.0.2.1`) is IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(list: &str, address: &str) -> bool {
        AllowList::parse(list).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn knows_single_addresses_and_ranges() {
        for (list, inside, outside) in [
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.1/32", "192.0.2.1", "192.0.2.0"),
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("10.1.2.3/8", "10.0.0.0", "9.255.255.255"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
            ("2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
            ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
            ("::/0", "2001:db8::1", "192.0.2.1"),
            ("::/64", "::1", "::ffff:192.0.2.1"),
            ("127.0.0.1, ::1", "::1", "::2"),
        ] {
            assert!(contains(list, inside), "{inside} is in {list}");
            assert!(!contains(list, outside), "{outside} is not in {list}");
        }
    }

    #[test]
    fn ipv4_in_clothes_of_ipv6_is_ipv4_on_both_sides() {
        for list in ["192.0.2.0/24", "::ffff:192.0.2.0/120", "::ffff:c000:0200/120"] {
            for address in ["192.0.2.77", "::ffff:192.0.2.77", "::ffff:c000:24d"] {
                assert!(contains(list, address), "{address} is in {list}");
            }
            assert!(!contains(list, "192.0.3.1") && !contains(list, "::ffff:192.0.3.1"), "{list}");
            // IPv4-compatible addresses (RFC 4291, 2.5.5.1) are deprecated, and are not IPv4.
            assert!(!contains(list, "::192.0.2.77"), "{list}");
        }
    }

    #[test]
    fn refuses_what_is_no_network() {
        for text in [
            "localhost",
            "192.0.2.1/33",
            "2001:db8::/129",
            "192.0.2.1/",
            "192.0.2.1/+8",
            "192.0.2.1/-1",
            "192.0.2.0/8/8",
            "192.0.2",
            "192.0.2.1:80",
            "[::1]",
            "fe80::1%eth0",
            "010.0.0.1",
            "192.0.2.1/99999999999",
            "*",
            "192.0.2.*",
        ] {
            let expected = ListError::Entry { place: 1, fault: "is neither an address nor a range" };
            assert_eq!(AllowList::parse(text).unwrap_err(), expected, "{text}");
        }
        assert!(AllowList::parse("192.0.2.1,").is_err());
        assert_eq!(AllowList::parse(" ").unwrap_err(), ListError::Empty);
    }
}
