//! As much of CBOR (RFC 8949) as authenticators write: whole numbers, byte strings, texts, lists and maps of definite
//! length. Purely; what is anything else is refused.

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A whole number.
    Int(i64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    Text(&'a str),
    /// A list.
    List(Vec<Value<'a>>),
    /// A map, in the order in which it is written.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// `true`, `false`, `null`.
    Simple(u8),
}

const MOST_DEPTH: u8 = 6;

impl<'a> Value<'a> {
    /// Reads one value; gives what stands behind it.
    pub fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        read(bytes, 0)
    }

    /// The value under a key of a map.
    pub fn get(&self, key: &Value<'_>) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The bytes, if it is such.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }
}

fn read(bytes: &[u8], depth: u8) -> Option<(Value<'_>, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (count, rest) = argument(first & 0x1f, rest)?;
    if depth > MOST_DEPTH {
        return None;
    }
    match first >> 5 {
        0 => Some((Value::Int(i64::try_from(count).ok()?), rest)),
        1 => Some((Value::Int(-1 - i64::try_from(count).ok()?), rest)),
        2 => split(rest, count).map(|(bytes, rest)| (Value::Bytes(bytes), rest)),
        3 => {
            let (bytes, rest) = split(rest, count)?;
            Some((Value::Text(std::str::from_utf8(bytes).ok()?), rest))
        }
        4 => many(rest, count, depth).map(|(list, rest)| (Value::List(list), rest)),
        5 => {
            let (list, rest) = many(rest, count.checked_mul(2)?, depth)?;
            let mut list = list.into_iter();
            let mut pairs = Vec::new();
            while let (Some(key), Some(value)) = (list.next(), list.next()) {
                pairs.push((key, value));
            }
            Some((Value::Map(pairs), rest))
        }
        7 if first & 0x1f < 24 => Some((Value::Simple(first & 0x1f), rest)),
        _ => None,
    }
}

/// The number that belongs to a head.
fn argument(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let width: usize = match short {
        0..24 => return Some((u64::from(short), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (number, rest) = rest.split_at_checked(width)?;
    Some((number.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)), rest))
}

fn split(bytes: &[u8], count: u64) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(usize::try_from(count).ok()?)
}

fn many(mut rest: &[u8], count: u64, depth: u8) -> Option<(Vec<Value<'_>>, &[u8])> {
    // Each takes a byte at least: a number that promises more than there is must not claim memory.
    if count > rest.len() as u64 {
        return None;
    }
    let mut list = Vec::new();
    for _ in 0..count {
        let (value, behind) = read(rest, depth + 1)?;
        list.push(value);
        rest = behind;
    }
    Some((list, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949, appendix A.
    #[test]
    fn the_standards_own_examples() {
        for (bytes, value) in [
            (&[0x00][..], Value::Int(0)),
            (&[0x18, 0x64], Value::Int(100)),
            (&[0x19, 0x03, 0xe8], Value::Int(1000)),
            (&[0x1a, 0x00, 0x0f, 0x42, 0x40], Value::Int(1_000_000)),
            (&[0x20], Value::Int(-1)),
            (&[0x39, 0x03, 0xe7], Value::Int(-1000)),
            (&[0x44, 1, 2, 3, 4], Value::Bytes(&[1, 2, 3, 4])),
            (&[0x64, 0x49, 0x45, 0x54, 0x46], Value::Text("IETF")),
            (&[0x83, 1, 2, 3], Value::List(vec![Value::Int(1), Value::Int(2), Value::Int(3)])),
            (&[0xa1, 1, 2], Value::Map(vec![(Value::Int(1), Value::Int(2))])),
            (&[0xf5], Value::Simple(21)),
        ] {
            assert_eq!(Value::read(bytes), Some((value, &[][..])), "{bytes:x?}");
        }
    }

    #[test]
    fn what_is_cut_off_endless_or_boundless_is_refused() {
        let deep = [0x81; 20];
        for bytes in [
            &[][..],
            &[0x18],
            &[0x44, 1, 2],
            &[0x83, 1],
            &[0xa1, 1],
            &[0x9f, 1, 0xff],
            &[0x5f],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x61, 0xff],
            &[0xc0, 0x00],
            &deep,
        ] {
            assert_eq!(Value::read(bytes), None, "{bytes:x?}");
        }
    }
}
