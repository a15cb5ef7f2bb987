//! What holds for every token, key list and password.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use observer::keys::{Keyring, Presented, RefreshKeys, SigningKeys, normalised};
use observer::signin::common::is_common;
use proptest::collection::vec;
use proptest::prelude::*;
use sesh_edge::native::Vars;
use sesh_edge::secret::base64url;
use sesh_edge::token::{ACCESS_TOKEN_SECONDS, AccessClaims, VerifyingKeys};
use sesh_types::contract::Token;
use sesh_types::ids::DeviceId;
use sesh_types::time::{SECOND_MS, Timestamp};
use uuid::Uuid;

const ISSUER: &str = "https://kush.observer";
const NOW: Timestamp = Timestamp(1_776_702_000_000);

fn claims(ids: (u128, u128, u128), epoch: i64) -> AccessClaims {
    let id = Uuid::from_u128;
    let (tid, sub, did) = (id(ids.0).into(), id(ids.1).into(), id(ids.2).into());
    AccessClaims { tid, ..AccessClaims::at_home(ISSUER.into(), sub, did, epoch) }
}

fn signing(seed: [u8; 32]) -> SigningKeys {
    SigningKeys::new(&[("a".to_owned(), seed)]).unwrap()
}

/// Seeds that a key can be made of: one whose bytes are all zero is refused.
fn seeds() -> impl Strategy<Value = [u8; 32]> {
    any::<[u8; 32]>().prop_filter("no key", |seed| seed.iter().any(|byte| *byte != 0))
}

/// The same text with one character changed, taken out or put in.
fn changed(text: &str, at: prop::sample::Index, how: u8, to: char) -> String {
    let mut all: Vec<char> = text.chars().collect();
    let at = at.index(all.len());
    match how % 3 {
        0 => all[at] = to,
        1 => drop(all.remove(at)),
        _ => all.insert(at, to),
    }
    all.into_iter().collect()
}

proptest! {
    #[test]
    fn an_access_token_says_what_was_signed_until_it_expires(
        ids in any::<(u128, u128, u128)>(), epoch in any::<i64>(), seed in seeds(),
        later in prop_oneof![Just(899_i64), Just(900), 0_i64..2_000],
    ) {
        let (keys, claims) = (signing(seed), claims(ids, epoch));
        let token = keys.access_token(&claims, NOW).0;
        let verifying = VerifyingKeys::from_jwks(&keys.jwks());
        let got = verifying.verify::<AccessClaims>(&token, ISSUER, NOW.plus_ms(later * SECOND_MS));
        prop_assert_eq!(got.is_ok(), later < ACCESS_TOKEN_SECONDS, "{} s later", later);
        if let Ok((said, expires)) = got {
            prop_assert_eq!(said, claims);
            prop_assert_eq!(expires, NOW.plus_ms(ACCESS_TOKEN_SECONDS * SECOND_MS));
        }
    }

    #[test]
    fn a_changed_access_token_is_none(
        ids in any::<(u128, u128, u128)>(), at in any::<prop::sample::Index>(), how in any::<u8>(), to in "[A-Za-z0-9_.=-]",
    ) {
        let keys = signing([3; 32]);
        let token = keys.access_token(&claims(ids, 0), NOW).0;
        let other = changed(&token, at, how, to.chars().next().unwrap());
        prop_assume!(other != token);
        let verifying = VerifyingKeys::from_jwks(&keys.jwks());
        prop_assert!(verifying.verify::<AccessClaims>(&other, ISSUER, NOW).is_err(), "{}", other);
    }

    #[test]
    fn no_other_key_issuer_or_text_passes(seed in seeds(), issuer in ".{0,30}", text in ".{0,200}") {
        prop_assume!(seed != [3; 32] && issuer != ISSUER);
        let verifying = VerifyingKeys::from_jwks(&signing([3; 32]).jwks());
        let foreign = signing(seed).access_token(&claims((1, 2, 3), 0), NOW).0;
        prop_assert!(verifying.verify::<AccessClaims>(&foreign, ISSUER, NOW).is_err());
        let ours = signing([3; 32]).access_token(&claims((1, 2, 3), 0), NOW).0;
        prop_assert!(verifying.verify::<AccessClaims>(&ours, &issuer, NOW).is_err());
        prop_assert!(verifying.verify::<AccessClaims>(&text, ISSUER, NOW).is_err());
    }

    #[test]
    fn a_refresh_token_is_recognised_and_says_its_device(
        device in any::<u128>(), generation in 0_i64..1 << 52, nonce in "[!-~]{0,40}", key in any::<[u8; 32]>(),
    ) {
        let keys = RefreshKeys::new(vec![("k1".to_owned(), key)]).unwrap();
        let device = DeviceId(Uuid::from_u128(device));
        let presented = Presented::read(&keys.token(device, generation, &nonce)).unwrap();
        prop_assert_eq!((presented.device, presented.generation), (device, generation));
        prop_assert!(keys.made(&presented, &nonce));
        let other = format!("{nonce}x");
        prop_assert!(!keys.made(&presented, &other));
    }

    #[test]
    fn a_changed_refresh_token_is_none_of_ours(
        device in any::<u128>(), generation in 0_i64..1000, at in any::<prop::sample::Index>(), how in any::<u8>(),
        to in "[A-Za-z0-9_+ -]",
    ) {
        let keys = RefreshKeys::new(vec![("k1".to_owned(), [4; 32])]).unwrap();
        let token = keys.token(DeviceId(Uuid::from_u128(device)), generation, "nonce").0;
        let other = changed(&token, at, how, to.chars().next().unwrap());
        prop_assume!(other != token);
        let made = Presented::read(&Token(other.clone())).is_some_and(|presented| keys.made(&presented, "nonce"));
        prop_assert!(!made, "{}", other);
    }

    #[test]
    fn any_text_for_a_refresh_token_is_an_answer(text in "(rt_)?.{0,120}") {
        let keys = RefreshKeys::new(vec![("k1".to_owned(), [4; 32])]).unwrap();
        let made = Presented::read(&Token(text)).is_some_and(|presented| keys.made(&presented, "nonce"));
        prop_assert!(!made);
    }
}

fn read(list: &str) -> Result<Keyring, String> {
    let pepper = base64url(&std::array::from_fn::<u8, 32, _>(|place| u8::try_from(place).unwrap()));
    let texts = [
        ("TOKEN_SIGNING_KEYS", list),
        ("REFRESH_KEYS", list),
        ("PASSWORD_PEPPER", &pepper),
        ("FACTOR_KEYS", list),
        ("PERSON_KEYS", list),
    ];
    let texts = texts.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    Keyring::read(&Vars { texts, ..Vars::default() }).map_err(|error| format!("{error:?}"))
}

proptest! {
    #[test]
    fn a_list_of_keys_is_read_in_its_order_and_a_name_twice_is_refused(
        entries in vec(("[A-Za-z0-9-]{1,4}", any::<[u8; 32]>()), 1..6),
    ) {
        prop_assume!(entries.iter().all(|(_, key)| key.iter().any(|byte| *byte != key[0])));
        let list: Vec<String> = entries.iter().map(|(id, key)| format!("{id}:{}", base64url(key))).collect();
        let names: Vec<&String> = entries.iter().map(|(id, _)| id).collect();
        let unique = names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len();
        match read(&list.join(",")) {
            Ok(keys) => {
                prop_assert!(unique);
                let published: Vec<String> = keys.signing.jwks().keys.into_iter().map(|key| key.kid).collect();
                prop_assert_eq!(published, entries.into_iter().map(|(id, _)| id).collect::<Vec<_>>());
            }
            Err(error) => prop_assert!(!unique, "{error}"),
        }
    }

    #[test]
    fn a_malformed_list_is_refused_and_not_shown(key in any::<[u8; 31]>(), rest in "[A-Za-z0-9:,_-]{12,60}") {
        let short = base64url(&key);
        for list in [format!("a:{short}"), format!("a:{short}A,{rest}"), rest] {
            if let Err(error) = read(&list) {
                prop_assert!(!error.contains(&list) && !error.contains(&short), "{error}");
            }
        }
        let only = format!("a:{short}");
        prop_assert!(read(&only).is_err());
    }

    #[test]
    fn a_password_has_one_form_however_it_is_composed(text in "\\PC{0,40}") {
        prop_assert_eq!(normalised(&normalised(&text)), normalised(&text));
    }

    #[test]
    fn what_is_common_stays_common_with_blanks_and_capitals(password in "(password|qwertz|iloveyou|letmein)[0-9]{0,4}") {
        prop_assert!(is_common(&password));
        prop_assert!(is_common(&password.to_uppercase()));
        let spaced = format!(" {password} ");
        prop_assert!(is_common(&spaced));
    }

    #[test]
    fn what_is_drawn_at_random_is_not_common(bytes in any::<[u8; 12]>()) {
        prop_assert!(!is_common(&base64url(&bytes)));
    }

    #[test]
    fn any_password_is_an_answer(password in ".{0,300}") {
        let _ = is_common(&password);
    }
}

/// The thousand commonest passwords of zxcvbn's list, when it lies beside the project.
#[test]
fn the_commonest_passwords_are_refused() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/auth/zxcvbn-passwords-top1000.txt");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let all: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let long: Vec<&&str> = all.iter().filter(|password| password.chars().count() >= 8).collect();
    let taken: Vec<_> = long.iter().filter(|password| !is_common(password)).collect();
    assert!(all.len() >= 1000 && long.len() > 50, "{} passwords, {} of 8 characters", all.len(), long.len());
    assert!(
        taken.is_empty(),
        "{} of {} that are long enough would be taken: {taken:?}",
        taken.len(),
        long.len()
    );
}

/// The 3,000 commonest passwords of zxcvbn's list that are long enough (OWASP ASVS 5.0, 6.2.4), when the npm packages are
/// installed.
#[test]
fn the_three_thousand_commonest_passwords_are_refused() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules/zxcvbn/lib/frequency_lists.js");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: zxcvbn is not installed. Common passwords were NOT compared. Run: scripts/setup");
        return;
    };
    let (_, list) = text.split_once("passwords: \"").unwrap();
    let (list, _) = list.split_once('"').unwrap();
    let long = list.split(',').filter(|password| password.chars().count() >= 8).take(3_000);
    let (common, taken): (Vec<_>, Vec<_>) = long.partition(|password| is_common(password));
    assert_eq!(common.len() + taken.len(), 3_000);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() && !taken.is_empty() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/signin/common-passwords.txt");
        let before = std::fs::read_to_string(file).unwrap();
        let mut all: Vec<&str> = before.lines().chain(taken.iter().copied()).collect();
        all.sort_unstable();
        std::fs::write(file, all.join("\n") + "\n").unwrap();
    }
    assert!(taken.is_empty(), "{} would be taken: {taken:?}", taken.len());
}
