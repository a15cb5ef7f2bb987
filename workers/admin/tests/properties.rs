//! What holds for every list of addresses and keys.
#![allow(clippy::unwrap_used, reason = "tests")]

use admin::keys::{AllowList, Keyring};
use proptest::collection::vec;
use proptest::prelude::*;
use sesh_edge::secret::sha256_hex;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether the first bits are the same, bit by bit.
fn shares(one: u128, other: u128, width: u32, prefix: u32) -> bool {
    (0..prefix).all(|bit| (one >> (width - 1 - bit)) & 1 == (other >> (width - 1 - bit)) & 1)
}

proptest! {
    #[test]
    fn a_range_of_ipv4_holds_what_shares_its_first_bits(network in any::<u32>(), near in any::<u32>(), prefix in 0_u32..=32, by in 0_u32..=32) {
        // An address that shares `by` bits with the network, and whatever behind them.
        let address = if by == 0 { near } else { network ^ near.checked_shr(by).unwrap_or(0) };
        let list = AllowList::parse(&format!("{}/{prefix}", Ipv4Addr::from_bits(network))).unwrap();
        let expected = shares(network.into(), address.into(), 32, prefix);
        let address = Ipv4Addr::from_bits(address);
        prop_assert_eq!(list.contains(IpAddr::V4(address)), expected);
        prop_assert_eq!(list.contains(IpAddr::V6(address.to_ipv6_mapped())), expected, "in IPv6's clothes");
    }

    #[test]
    fn a_range_of_ipv6_holds_what_shares_its_first_bits(network in any::<u128>(), near in any::<u128>(), prefix in 0_u32..=128, by in 0_u32..=128) {
        let address = if by == 0 { near } else { network ^ near.checked_shr(by).unwrap_or(0) };
        let (network, address) = (Ipv6Addr::from_bits(network), Ipv6Addr::from_bits(address));
        prop_assume!(network.to_ipv4_mapped().is_none() && address.to_ipv4_mapped().is_none());
        let list = AllowList::parse(&format!("{network}/{prefix}")).unwrap();
        let expected = shares(network.to_bits(), address.to_bits(), 128, prefix);
        prop_assert_eq!(list.contains(IpAddr::V6(address)), expected);
    }

    #[test]
    fn an_address_alone_lists_itself_and_no_other(listed in any::<IpAddr>(), other in any::<IpAddr>()) {
        let list = AllowList::parse(&listed.to_string()).unwrap();
        prop_assert!(list.contains(listed));
        prop_assert_eq!(list.contains(other), other.to_canonical() == listed.to_canonical());
    }

    #[test]
    fn a_list_holds_what_one_of_its_entries_holds(entries in vec((any::<u32>(), 0_u32..=32), 1..6), address in any::<u32>()) {
        let texts: Vec<String> =
            entries.iter().map(|(network, prefix)| format!("{}/{prefix}", Ipv4Addr::from_bits(*network))).collect();
        let address = IpAddr::V4(Ipv4Addr::from_bits(address));
        let any = texts.iter().any(|text| AllowList::parse(text).unwrap().contains(address));
        prop_assert_eq!(AllowList::parse(&texts.join(" , ")).unwrap().contains(address), any);
    }

    #[test]
    fn a_prefix_beyond_the_address_is_refused(prefix in 33_u32..1000) {
        let range = format!("192.0.2.0/{prefix}");
        prop_assert!(AllowList::parse(&range).is_err());
        prop_assert_eq!(AllowList::parse(&format!("2001:db8::/{prefix}")).is_ok(), prefix <= 128);
    }

    #[test]
    fn any_list_is_an_answer(text in "[0-9a-f.:/, +-]{0,60}|.{0,60}") {
        let _ = (AllowList::parse(&text), Keyring::parse(&text));
    }

    #[test]
    fn a_key_is_found_under_its_name_and_nothing_near_it(
        names in proptest::collection::btree_set("[A-Za-z0-9._-]{1,12}", 1..6), key in "[!-~]{1,40}", wrong in "[!-~]{0,40}",
    ) {
        let names: Vec<String> = names.into_iter().collect();
        let key_of = |name: &str| format!("{key}-{name}");
        let list: Vec<String> =
            names.iter().map(|name| format!("{name}:{}", sha256_hex(key_of(name).as_bytes()))).collect();
        let keyring = Keyring::parse(&list.join(",")).unwrap();
        for name in &names {
            prop_assert_eq!(keyring.name_of(&key_of(name)), Some(name.as_str()));
            let digest = sha256_hex(key_of(name).as_bytes());
            prop_assert_eq!(keyring.name_of(&digest), None, "a digest is no key");
        }
        let right = names.iter().any(|name| key_of(name) == wrong);
        prop_assert_eq!(keyring.name_of(&wrong).is_some(), right);
    }

    #[test]
    fn what_is_wrong_with_a_list_is_told_without_it(list in "[a-z]{1,8}:[0-9a-f]{20,63}") {
        let error = Keyring::parse(&list).unwrap_err().to_string();
        prop_assert!(!error.contains(&list) && !error.contains(list.split(':').nth(1).unwrap()), "{error}");
    }
}
