//! Texts with something in them.

use super::Lang;
use crate::web::amounts;

impl Lang {
    /// Picks.
    fn of<'a>(self, en: &'a str, es: &'a str) -> &'a str {
        match self {
            Self::En => en,
            Self::Es => es,
        }
    }

    /// How many sessions.
    pub(crate) fn seshes(self, count: u64) -> String {
        let word = if count == 1 { self.of("sesh", "sesh") } else { self.of("seshes", "seshes") };
        format!("{count} {word}")
    }

    /// How many days.
    pub(crate) fn days(self, count: i64) -> String {
        let word = if count == 1 { self.of("day", "día") } else { self.of("days", "días") };
        format!("{count} {word}")
    }

    /// How many lots.
    pub(crate) fn jars(self, count: u64) -> String {
        let word = if count == 1 { self.of("jar", "frasco") } else { self.of("jars", "frascos") };
        format!("{count} {word}")
    }

    /// Items whose amount nobody knows.
    pub(crate) fn unknown(self, count: u64) -> String {
        match self {
            Self::En => format!("+ {count} without an amount"),
            Self::Es => format!("+ {count} sin cantidad"),
        }
    }

    /// A lot holds less than was asked of it.
    pub(crate) fn short(self, available_mg: i64) -> String {
        let left = amounts::written(available_mg, self);
        match self {
            Self::En => format!("Only {left} are left there. Take less, or weigh it and correct the stash."),
            Self::Es => format!("Ahí solo quedan {left}. Toma menos, o pésalo y corrige la reserva."),
        }
    }

    /// Minutes ago.
    pub(crate) fn minutes_ago(self, count: i64) -> String {
        match self {
            Self::En if count < 1 => "just now".to_owned(),
            Self::Es if count < 1 => "ahora mismo".to_owned(),
            Self::En => format!("{count} min ago"),
            Self::Es => format!("hace {count} min"),
        }
    }

    /// Hours ago.
    pub(crate) fn hours_ago(self, count: i64) -> String {
        match self {
            Self::En => format!("{count} h ago"),
            Self::Es => format!("hace {count} h"),
        }
    }

    /// A month of the calendar, short.
    pub(crate) fn month(self, month0: u32) -> &'static str {
        const EN: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        const ES: [&str; 12] =
            ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];
        let names = match self {
            Self::En => EN,
            Self::Es => ES,
        };
        names.get(month0 as usize).copied().unwrap_or_default()
    }

    /// What is left out of what was bought.
    pub(crate) fn left_of(self, left: &str, bought: &str) -> String {
        match self {
            Self::En => format!("{left} of {bought}"),
            Self::Es => format!("{left} de {bought}"),
        }
    }

    /// Seconds to wait.
    pub(crate) fn wait(self, seconds: i64) -> String {
        match self {
            Self::En => format!("Too many tries. Wait {seconds} s, then try again."),
            Self::Es => format!("Demasiados intentos. Espera {seconds} s e inténtalo de nuevo."),
        }
    }

    /// What a chart shows, for those who do not see it.
    pub(crate) fn chart(self, what: &str, total: &str) -> String {
        match self {
            Self::En => format!("{what}: {total} in all"),
            Self::Es => format!("{what}: {total} en total"),
        }
    }

    /// Recovery codes that are left.
    pub(crate) fn codes_left(self, count: i64) -> String {
        match self {
            Self::En => format!("{count} recovery codes left"),
            Self::Es => format!("quedan {count} códigos de recuperación"),
        }
    }

    /// The button that takes so many sessions in.
    pub(crate) fn import_them(self, count: u64) -> String {
        match self {
            Self::En => format!("Import {}", self.seshes(count)),
            Self::Es => format!("Importar {}", self.seshes(count)),
        }
    }

    /// Rows.
    pub(crate) fn rows(self, count: u64) -> String {
        let word = if count == 1 { self.of("row", "fila") } else { self.of("rows", "filas") };
        format!("{count} {word}")
    }

    /// Who of the staff sees this, and until when.
    pub(crate) fn acting(self, name: &str, until: sesh_types::time::Timestamp) -> String {
        let until = until.to_string();
        let clock = until.get(11..16).unwrap_or_default();
        match self {
            Self::En => format!(
                "{name} of our staff sees this as its owner does, until {clock} UTC. Nothing can be changed."
            ),
            Self::Es => format!(
                "{name}, de nuestro equipo, ve esto como su dueña o dueño, hasta las {clock} UTC. No se puede cambiar nada."
            ),
        }
    }
}
