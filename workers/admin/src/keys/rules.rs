//! The keys that count, by the digests that the configuration holds of them.

use super::{ListError, read_list};
use sesh_edge::secret::{same, sha256_hex};

/// Keys by name. The keys themselves are nowhere: only their SHA-256 digests.
#[derive(Clone, Debug)]
pub struct Keyring(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    digest: String,
}

const MAX_NAME_CHARS: usize = 40;

impl Keyring {
    /// Reads `name:sha256hex,name:sha256hex`.
    ///
    /// # Errors
    /// The place of the entry that is malformed, or says twice what another said: an actor must be one key.
    pub fn parse(text: &str) -> Result<Self, ListError> {
        let entries = read_list(text, read)?;
        for (place, entry) in entries.iter().enumerate() {
            let twice = |earlier: &Entry| earlier.name == entry.name || earlier.digest == entry.digest;
            if entries.iter().take(place).any(twice) {
                return Err(ListError::Entry { place: place + 1, fault: "repeats a name or a digest" });
            }
        }
        Ok(Self(entries))
    }

    /// The name of a key, if it counts. Every entry is compared, and each in constant time, so that the time
    /// taken tells nothing.
    pub fn name_of(&self, key: &str) -> Option<&str> {
        let digest = sha256_hex(key.as_bytes());
        self.0
            .iter()
            .fold(None, |found, entry| if same(&entry.digest, &digest) { Some(&entry.name) } else { found })
    }
}

fn read(entry: &str) -> Result<Entry, &'static str> {
    let (name, digest) = entry.split_once(':').unwrap_or_default();
    let (name, digest) = (name.trim(), digest.trim().to_ascii_lowercase());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("is not name:SHA-256 in 64 hexadecimal digits");
    }
    if !(1..=MAX_NAME_CHARS).contains(&name.len()) || !name.bytes().all(plain) {
        return Err("needs a name of 1 to 40 letters, digits, '-', '_' or '.'");
    }
    Ok(Entry { name: name.to_owned(), digest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, key: &str) -> String {
        format!("{name}:{}", sha256_hex(key.as_bytes()))
    }

    #[test]
    fn finds_a_key_among_several_and_no_other() {
        let text = format!(
            "{}, {}",
            listed("ops", "sesh_admin_a"),
            listed("deploy.2", "sesh_admin_b").to_uppercase()
        );
        let keyring = Keyring::parse(&text).unwrap();
        assert_eq!(keyring.name_of("sesh_admin_a"), Some("ops"));
        assert_eq!(keyring.name_of("sesh_admin_b"), Some("DEPLOY.2"));
        for wrong in ["", "sesh_admin_", "sesh_admin_c", "sesh_admin_a ", &sha256_hex(b"sesh_admin_a")] {
            assert_eq!(keyring.name_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn refuses_what_is_malformed_by_place() {
        let good = listed("ops", "a");
        for (text, place) in [
            ("ops".to_owned(), 1),
            (format!("{good},"), 2),
            (format!("{good},b:{}", "g".repeat(64)), 2),
            (format!("{good},b:{}", "a".repeat(63)), 2),
            (format!(":{}", "a".repeat(64)), 1),
            (format!("a b:{}", "a".repeat(64)), 1),
            (format!("{}:{}", "n".repeat(41), "a".repeat(64)), 1),
            (format!("{good},{}", listed("ops", "b")), 2),
            (format!("{good},{}", listed("other", "a")), 2),
        ] {
            let error = Keyring::parse(&text).unwrap_err();
            assert!(
                matches!(error, ListError::Entry { place: found, .. } if found == place),
                "{text}: {error}"
            );
        }
        assert_eq!(Keyring::parse("").unwrap_err(), ListError::Empty);
    }
}
