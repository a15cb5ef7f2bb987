//! Networks: single addresses and CIDR ranges (RFC 4632, RFC 4291), as allow-lists have them.

use std::net::IpAddr;

/// One network. IPv4 is kept as IPv4-mapped IPv6, so that both are compared alike.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    bits: u128,
    prefix: u32,
}

/// Bits of an IPv6 address in front of the IPv4 address mapped into it.
const MAPPED_PREFIX: u32 = 96;

fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

const fn is_ipv4(bits: u128) -> bool {
    bits >> 32 == 0xffff
}

impl Network {
    /// Reads `192.0.2.1`, `10.0.0.0/8` or `2001:db8::/32`; nothing when it is neither an address nor a range. Bits behind
    /// the prefix are ignored.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) =
            text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().ok()?;
        let offset = if address.is_ipv4() { MAPPED_PREFIX } else { 0 };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<u32>().ok()?,
            Some(_) => return None,
            None => 128 - offset,
        };
        (prefix <= 128 - offset).then_some(Self { bits: bits_of(address), prefix: prefix + offset })
    }

    /// A range that is wider than all of IPv4 is one of IPv6 alone: `::/0` does not list IPv4 by accident.
    const fn is_of_ipv4(self) -> bool {
        self.prefix >= MAPPED_PREFIX && is_ipv4(self.bits)
    }

    /// Whether the address is in it. IPv4 in IPv6's clothes (`::ffff:192.0.2.1`) is IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        let bits = bits_of(address);
        let differing = (bits ^ self.bits).checked_shr(128 - self.prefix).unwrap_or(0);
        is_ipv4(bits) == self.is_of_ipv4() && differing == 0
    }

    /// Its first and its last address, as [`place`] writes them: what a database compares.
    pub fn bounds(self) -> (String, String) {
        let host = u128::MAX.checked_shr(self.prefix).unwrap_or(0);
        let family = if self.is_of_ipv4() { '4' } else { '6' };
        let text = |bits: u128| format!("{family}{bits:032x}");
        (text(self.bits & !host), text(self.bits | host))
    }
}

/// An address as a text that sorts as addresses do, IPv4 before IPv6: an address is in a network exactly when this is
/// between the network's bounds.
pub fn place(address: IpAddr) -> String {
    let bits = bits_of(address);
    format!("{}{bits:032x}", if is_ipv4(bits) { '4' } else { '6' })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_in_a_network_is_between_its_bounds_and_nobody_else() {
        let addresses = [
            "192.0.2.0",
            "192.0.2.1",
            "192.0.2.255",
            "192.0.3.0",
            "0.0.0.0",
            "255.255.255.255",
            "10.1.2.3",
            "::",
            "::1",
            "::ffff:192.0.2.1",
            "::192.0.2.1",
            "2001:db8::",
            "2001:db8::1",
            "2001:db8:8000::",
            "2001:db9::",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        ];
        let networks = [
            "192.0.2.0/24",
            "192.0.2.1",
            "192.0.2.77/25",
            "0.0.0.0/0",
            "::/0",
            "::/64",
            "::/96",
            "2001:db8::/32",
            "2001:db8::/33",
            "2001:db8::1",
            "::ffff:192.0.2.0/120",
            "::ffff:0:0/95",
            "10.0.0.0/8",
        ];
        for text in networks {
            let network = Network::parse(text).unwrap();
            let (first, last) = network.bounds();
            for address in addresses {
                let address: IpAddr = address.parse().unwrap();
                let between = (first.as_str()..=last.as_str()).contains(&place(address).as_str());
                assert_eq!(between, network.contains(address), "{address} {text}");
            }
        }
    }
}
