//! The `PsychonautWiki` Journal's JSON: experiences with ingestions, each at a moment.

use super::formats::Draft;
use super::times::When;
use serde::Deserialize;
use sesh_types::time::Timestamp;

#[derive(Deserialize)]
struct Journal {
    experiences: Vec<Experience>,
}

#[derive(Deserialize)]
struct Experience {
    #[serde(default)]
    ingestions: Vec<Ingestion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ingestion {
    #[serde(default)]
    substance_name: String,
    time: Option<i64>,
    dose: Option<f64>,
    units: Option<String>,
    administration_route: Option<String>,
    notes: Option<String>,
}

/// Whether a text is such a journal.
pub(super) fn is_one(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.contains("\"experiences\"")
}

/// A dose as text, and as micrograms of THC where that is what was counted.
fn dose(ingestion: &Ingestion) -> (Option<String>, Option<i64>) {
    let Some(dose) = ingestion.dose.filter(|dose| dose.is_finite() && *dose > 0.0) else {
        return (None, None);
    };
    let units = ingestion.units.as_deref().unwrap_or_default().trim();
    if units.eq_ignore_ascii_case("mg thc") {
        #[allow(clippy::cast_possible_truncation, reason = "bounded just before")]
        let micrograms = (dose <= 10_000_000.0).then(|| (dose * 1_000.0).round() as i64);
        return (None, micrograms);
    }
    (Some(format!("{dose} {units}")), None)
}

/// Reads a journal.
///
/// # Errors
/// What is wrong with it, as it goes on after the field's name.
pub(super) fn read(text: &str) -> Result<Vec<Draft>, String> {
    let journal: Journal = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("is no journal: {error}"))?;
    let ingestions = journal.experiences.into_iter().flat_map(|experience| experience.ingestions);
    Ok(ingestions
        .zip(1..)
        .map(|(ingestion, line)| {
            let (amount, thc_ug) = dose(&ingestion);
            Draft {
                line,
                when: ingestion.time.map(|time| When::Moment(Timestamp(time))),
                chosen_by: vec![ingestion.substance_name],
                method: ingestion.administration_route.map(|route| match route.as_str() {
                    "SMOKED" => "smoke".to_owned(),
                    "INHALED" => "vape".to_owned(),
                    "ORAL" => "eat".to_owned(),
                    other => other.to_lowercase(),
                }),
                amount,
                // A dose in a unit of the person's own making is kept as they wrote it.
                amount_may_be_words: true,
                thc_ug,
                notes: ingestion.notes,
                ..Draft::default()
            }
        })
        .collect())
}
