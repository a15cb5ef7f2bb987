//! A strain as the admin Worker takes it: the contract's own row. `null` means unknown; a list that is unknown is
//! `null`, never empty. Percentages are hundredths of a per cent: 1900 is 19 %.

pub use sesh_types::contract::catalogue::{StrainRow as Strain, StrainType as Kind};

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
            thc_percent: Some(2000),
            ..Strain::default()
        };
        let json = serde_json::to_value(&strain).unwrap();
        assert_eq!(json["type"], "hybrid");
        assert_eq!(json["thc_percent"], 2000);
        assert_eq!(json["effects"], serde_json::Value::Null);
        assert_eq!(json.as_object().unwrap().len(), 14);
    }
}
