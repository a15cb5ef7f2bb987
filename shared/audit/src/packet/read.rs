//! Reading a packet's file: every byte that is no whitespace between tokens counts.

use super::Packet;
use serde::{Deserialize, Serialize};

/// The API's answer, which a packet may still be in. Its members stand in the answer's order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    success: bool,
    data: Packet,
}

/// Reads a packet, alone or in the envelope of a successful answer.
///
/// # Errors
/// Why it is none, without quoting it.
pub(super) fn read(file: &[u8]) -> Result<Packet, String> {
    let content = without_whitespace(file);
    let (packet, canonical) = if content.starts_with(br#"{"success""#) {
        let envelope: Envelope = serde_json::from_slice(file).map_err(place)?;
        if !envelope.success {
            return Err("it is an answer that tells of no success".to_owned());
        }
        let canonical = serde_json::to_vec(&envelope);
        (envelope.data, canonical)
    } else {
        let packet: Packet = serde_json::from_slice(file).map_err(place)?;
        let canonical = serde_json::to_vec(&packet);
        (packet, canonical)
    };
    let canonical = canonical.map_err(|error| error.to_string())?;
    if canonical == content {
        return Ok(packet);
    }
    let same = canonical.iter().zip(&content).take_while(|(left, right)| left == right).count();
    Err(format!("it is not in canonical form (RFC 8785) from its byte {same} on, whitespace left out"))
}

fn place(error: serde_json::Error) -> String {
    use serde_json::error::Category::{Data, Eof, Io, Syntax};
    let what = match error.classify() {
        Data => "it is JSON, but no packet",
        Eof => "it ends too early",
        Io | Syntax => "it is no JSON",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

/// The bytes without JSON's whitespace (RFC 8259, section 2) outside texts.
fn without_whitespace(json: &[u8]) -> Vec<u8> {
    let (mut in_text, mut escaped) = (false, false);
    json.iter()
        .copied()
        .filter(|byte| {
            if in_text {
                (in_text, escaped) = (escaped || *byte != b'"', !escaped && *byte == b'\\');
                return true;
            }
            in_text = *byte == b'"';
            !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitespace_goes_outside_texts_alone() {
        let file = b" { \"a b\" :\t\"c \\\" d\\\\\" ,\r\n\"e\":1 } ";
        assert_eq!(without_whitespace(file), b"{\"a b\":\"c \\\" d\\\\\",\"e\":1}");
    }

    #[test]
    fn what_is_no_packet_says_why() {
        for (file, why) in [
            ("", "ends too early"),
            ("nonsense", "no JSON"),
            ("{}", "no packet"),
            (r#"{"success":true,"data":{}}"#, "no packet"),
            ("[1 2]", "no packet"),
        ] {
            let error = read(file.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{file}: {error}");
        }
    }
}
