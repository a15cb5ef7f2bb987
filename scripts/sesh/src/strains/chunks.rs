//! Cuts strains into requests that the server takes.

use super::strain::Strain;
use serde::Serialize;

/// Largest body, in bytes; the platform's limit for every request.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// One request.
#[derive(Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Its rows' places among all, from 1, the first.
    pub first: usize,
    /// And the last.
    pub last: usize,
    /// The body, JSON.
    pub body: String,
}

impl Chunk {
    /// Rows in it.
    pub fn rows(&self) -> usize {
        self.last + 1 - self.first
    }
}

/// Requests of at most `max_rows` rows and `max_bytes` bytes, in order. A row beyond the limit by itself, which the
/// longest texts of a strain do not allow, would get a request of its own.
///
/// # Errors
/// Those of the JSON writer; strains have none.
pub fn cut<'a>(
    source: &str,
    strains: impl Iterator<Item = &'a Strain>,
    max_rows: usize,
    max_bytes: usize,
) -> serde_json::Result<Vec<Chunk>> {
    let head = format!("{{\"source\":{},\"rows\":[", json(&source)?);
    let mut chunks = Vec::new();
    let mut open = Open { first: 1, rows: 0, body: head.clone() };
    for strain in strains {
        let row = json(strain)?;
        let separator = usize::from(open.rows > 0);
        let full = open.rows == max_rows || open.body.len() + separator + row.len() + TAIL.len() > max_bytes;
        if full && open.rows > 0 {
            let first = open.first + open.rows;
            chunks.push(std::mem::replace(&mut open, Open { first, rows: 0, body: head.clone() }).close());
        }
        if open.rows > 0 {
            open.body.push(',');
        }
        open.body.push_str(&row);
        open.rows += 1;
    }
    if open.rows > 0 {
        chunks.push(open.close());
    }
    Ok(chunks)
}

const TAIL: &str = "]}";

struct Open {
    first: usize,
    rows: usize,
    body: String,
}

impl Open {
    fn close(mut self) -> Chunk {
        self.body.push_str(TAIL);
        Chunk { first: self.first, last: self.first + self.rows - 1, body: self.body }
    }
}

fn json(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strains(count: usize) -> Vec<Strain> {
        let strain =
            |n: usize| Strain { source_id: n.to_string(), name: "\"é\"".repeat(n % 7), ..Strain::default() };
        (1..=count).map(strain).collect()
    }

    fn checked(count: usize, max_rows: usize, max_bytes: usize) -> Vec<Chunk> {
        let strains = strains(count);
        let chunks = cut("kushy", strains.iter(), max_rows, max_bytes).unwrap();
        let mut next = 1;
        for chunk in &chunks {
            assert_eq!(chunk.first, next);
            assert!(chunk.rows() <= max_rows && chunk.body.len() <= max_bytes);
            let body: serde_json::Value = serde_json::from_str(&chunk.body).unwrap();
            assert_eq!(body["source"], "kushy");
            assert_eq!(body["rows"].as_array().unwrap().len(), chunk.rows());
            assert_eq!(body["rows"][0]["source_id"], chunk.first.to_string());
            next = chunk.last + 1;
        }
        assert_eq!(next, count + 1);
        chunks
    }

    #[test]
    fn no_chunk_exceeds_the_rows_or_the_bytes() {
        assert_eq!(checked(0, 200, MAX_BODY_BYTES).len(), 0);
        assert_eq!(checked(401, 200, MAX_BODY_BYTES).len(), 3);
        assert!(checked(401, 200, 2000).len() > 40);
    }

    #[test]
    fn a_body_of_exactly_the_limit_is_whole() {
        let whole = checked(10, 200, MAX_BODY_BYTES).remove(0).body.len();
        assert_eq!(checked(10, 200, whole).len(), 1);
        assert_eq!(checked(10, 200, whole - 1).len(), 2);
    }
}
