//! A strain as the admin Worker takes it. `null` means unknown; a list that is unknown is `null`, never empty.

use serde::Serialize;

/// Hundredths of a per cent: 1900 is 19 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hundredths(pub u16);

/// The three kinds that consumers know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Mostly sedating.
    Indica,
    /// Mostly stimulating.
    Sativa,
    /// A cross of both.
    Hybrid,
}

/// One row of `POST /api/v1/strains/import`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Strain {
    /// The row's id in its source.
    pub source_id: String,
    /// The name as shown, with straight apostrophes and single blanks.
    pub name: String,
    /// The name for addresses: `a-z`, `0-9` and `-`, unique within the file.
    pub slug: String,
    /// Indica, sativa or hybrid.
    #[serde(rename = "type")]
    pub kind: Option<Kind>,
    /// Plain text; not HTML.
    pub description: Option<String>,
    /// THC.
    pub thc_percent: Option<Hundredths>,
    /// CBD.
    pub cbd_percent: Option<Hundredths>,
    /// Wanted effects, in lower case, strongest first.
    pub effects: Option<Vec<String>>,
    /// Unwanted effects, in lower case.
    pub negative_effects: Option<Vec<String>>,
    /// What people use it for, in lower case.
    pub ailments: Option<Vec<String>>,
    /// Flavours, in lower case.
    pub flavors: Option<Vec<String>>,
    /// Terpenes, in lower case.
    pub terpenes: Option<Vec<String>>,
    /// Who bred it.
    pub breeder: Option<String>,
    /// Names of its parents, as those strains are named in the same file.
    pub parents: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_null_on_the_wire() {
        let strain = Strain {
            source_id: "57".into(),
            name: "Blue Dream".into(),
            slug: "blue-dream".into(),
            kind: Some(Kind::Hybrid),
            thc_percent: Some(Hundredths(2000)),
            ..Strain::default()
        };
        let json = serde_json::to_value(&strain).unwrap();
        assert_eq!(json["type"], "hybrid");
        assert_eq!(json["thc_percent"], 2000);
        assert_eq!(json["effects"], serde_json::Value::Null);
        assert_eq!(json.as_object().unwrap().len(), 14);
    }
}
