//! Logs and packets of them, made with fixed keys.

use ed25519_compact::{KeyPair, Seed};
use sesh_audit::chain::{GENESIS, checkpoint_message, link};
use sesh_audit::keys::{Jwk, PublicKeys};
use sesh_audit::packet::{Checkpoint, Draft, Link, Packet, Row, write};
use sesh_types::contract::admin::AuditEntry;
use sesh_types::ids::TenantId;
use sesh_types::time::Timestamp;

/// A second tenant.
pub fn other_tenant() -> TenantId {
    TenantId(uuid::Uuid::from_u128(7))
}

/// The key pair of an id: the id's bytes, over and over.
pub fn pair(kid: &str) -> KeyPair {
    KeyPair::from_seed(Seed::new(std::array::from_fn(|place| kid.as_bytes()[place % kid.len()])))
}

/// What the issuer would publish.
pub fn published(kids: &[&str]) -> PublicKeys {
    PublicKeys::of(&kids.iter().map(|kid| jwk(kid)).collect::<Vec<_>>())
}

/// A key's JWK.
pub fn jwk(kid: &str) -> Jwk {
    Jwk::ed25519(kid, pair(kid).pk.as_ref())
}

/// A signature, base64url.
pub fn sign(kid: &str, message: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(pair(kid).sk.sign(message, None))
}

/// A log with its links and a checkpoint at some of its entries.
#[derive(Debug)]
pub struct Log {
    pub rows: Vec<Row>,
    pub links: Vec<Link>,
    pub checkpoints: Vec<Checkpoint>,
}

impl Log {
    /// Seals entries made of these texts; every `nth` is a checkpoint.
    pub fn new(texts: &[(String, String)], nth: usize) -> Self {
        let mut log = Self { rows: Vec::new(), links: Vec::new(), checkpoints: Vec::new() };
        let mut before = GENESIS.to_owned();
        for (place, (actor, detail)) in texts.iter().enumerate() {
            let seq = i64::try_from(place).unwrap() + 1;
            let entry = AuditEntry {
                seq,
                recorded_at: Timestamp(1_776_702_000_000 + seq * 1_000),
                tenant_id: if seq % 3 == 0 { other_tenant() } else { TenantId::CONSUMERS },
                actor: actor.clone(),
                action: "person.edited".into(),
                entity: format!("person:{seq}"),
                request_id: format!("r-{seq}"),
                detail: detail.clone(),
                hash: None,
            };
            before = link(&before, &entry);
            log.rows.push(entry.into());
            log.links.push(Link { hash: before.clone(), seq });
            if (place + 1) % nth == 0 || place + 1 == texts.len() {
                let signature = sign("old", checkpoint_message(seq, &before).as_bytes());
                let (hash, kid) = (before.clone(), "old".to_owned());
                log.checkpoints.push(Checkpoint { hash, kid, seq, signature, signed_at_ms: seq });
            }
        }
        log
    }

    /// A plain log of `count` entries.
    pub fn plain(count: usize) -> Self {
        Self::new(&vec![("person:a".to_owned(), r#"{"fields":["time_zone"]}"#.to_owned()); count], 4)
    }

    /// What would be signed as the packet of entries `first` to `last`.
    pub fn draft(&self, first: i64, last: i64, tenant: Option<TenantId>) -> Draft {
        let within = |seq: i64| (first..=last).contains(&seq);
        let before = self.links.iter().find(|link| link.seq == first - 1);
        let all = self.links.last().map_or(0, |link| link.seq);
        Draft {
            issuer: "https://kush.observer".into(),
            made_at: Timestamp(1_776_800_000_000),
            made_by: "key:ops".into(),
            request_id: "r-export".into(),
            tenant,
            from: None,
            to: None,
            after: first - 1,
            next: (last < all).then_some(last),
            log_through: all,
            log_sealed_through: all,
            first_seq: first,
            before: before.map_or_else(|| GENESIS.to_owned(), |link| link.hash.clone()),
            links: self.links.iter().filter(|link| within(link.seq)).cloned().collect(),
            rows: (self.rows.iter())
                .filter(|row| within(row.seq) && tenant.is_none_or(|tenant| row.tenant_id == tenant))
                .cloned()
                .collect(),
            checkpoints: self.checkpoints.iter().filter(|point| within(point.seq)).cloned().collect(),
            kid: "new".into(),
            keys: vec![jwk("new"), jwk("old")],
        }
    }

    /// The packet of entries `first` to `last`.
    pub fn packet(&self, first: i64, last: i64) -> Packet {
        signed(self.draft(first, last, None))
    }
}

/// A draft signed by `new`.
pub fn signed(draft: Draft) -> Packet {
    let sealed = write(draft, |bytes| sign("new", bytes)).unwrap();
    let packet: Packet = serde_json::from_str(&sealed.text).unwrap();
    assert_eq!(serde_json::to_string(&packet).unwrap(), sealed.text, "written in canonical form");
    packet
}

/// As a file.
pub fn file(packet: &Packet) -> Vec<u8> {
    serde_json::to_vec(packet).unwrap()
}
