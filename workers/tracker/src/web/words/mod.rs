//! Every text that people read, once for each language. A text that a language lacks does not compile.

mod access;
pub(crate) mod data;
mod phrases;
mod pictures;
mod plans;
mod said;
mod texts;

pub(crate) use pictures::Texts as Pictures;
pub(crate) use plans::Texts as Plans;
pub(crate) use texts::Texts;

use crate::sessions::rules::Method;
use crate::stash::rules::Form;

/// A language that pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lang {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

impl Lang {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::En, Self::Es];

    /// As `lang` and `Accept-Language` name it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// What it calls itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Es => "Español",
        }
    }

    /// The language of this code, regions left aside.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        let language = code.split(['-', ';', '_']).next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|lang| language.eq_ignore_ascii_case(lang.code()))
    }

    /// The one that `Accept-Language` likes best (RFC 9110, section 12.5.4); browsers list them in that order.
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(Self::of_code)
    }

    /// Its texts.
    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::En => &texts::EN,
            Self::Es => &texts::ES,
        }
    }

    /// The texts of what comes in and goes out.
    pub(crate) const fn data(self) -> &'static data::Texts {
        match self {
            Self::En => &data::EN,
            Self::Es => &data::ES,
        }
    }

    /// The texts of who gets in, and where.
    pub(crate) const fn access(self) -> &'static access::Texts {
        match self {
            Self::En => &access::EN,
            Self::Es => &access::ES,
        }
    }

    /// Those of goals, breaks and presets.
    pub(crate) const fn plans(self) -> &'static Plans {
        match self {
            Self::En => &plans::EN,
            Self::Es => &plans::ES,
        }
    }

    /// Those of pictures, strains and what is left.
    pub(crate) const fn pictures(self) -> &'static Pictures {
        match self {
            Self::En => &pictures::EN,
            Self::Es => &pictures::ES,
        }
    }

    /// A way of taking it.
    pub(crate) const fn method(self, method: Method) -> &'static str {
        let t = self.texts();
        match method {
            Method::Smoke => t.smoke,
            Method::Vape => t.vape,
            Method::Dab => t.dab,
            Method::Eat => t.eat,
            Method::Drink => t.drink,
            Method::Sublingual => t.sublingual,
            Method::Topical => t.topical,
            Method::Other => t.other,
        }
    }

    /// What a lot is.
    pub(crate) const fn form(self, form: Form) -> &'static str {
        let t = self.texts();
        match form {
            Form::Flower => t.flower,
            Form::PreRoll => t.pre_roll,
            Form::Concentrate => t.concentrate,
            Form::Vape => t.cartridge,
            Form::Edible => t.edible,
            Form::Tincture => t.tincture,
            Form::Topical => t.topical_form,
            Form::Capsule => t.capsule,
            Form::Other => t.other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_is_liked_best_of_those_there_are() {
        assert_eq!(Lang::accepted("fr-FR,fr;q=0.9,es-MX;q=0.8,en;q=0.7"), Some(Lang::Es));
        assert_eq!(Lang::accepted("en-US,en;q=0.9"), Some(Lang::En));
        assert_eq!((Lang::accepted("fr"), Lang::of_code("ES-ar")), (None, Some(Lang::Es)));
    }
}
