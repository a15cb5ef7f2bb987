//! Why a row was repaired or left out. The codes are stable: reports, quarantine files and documents use them.

use std::collections::BTreeSet;

macro_rules! reasons {
    ($(#[$about:meta])* $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $doc])+ $variant,)+ }

        impl $name {
            /// Every reason, in the order of reports.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What the code means, for people.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

reasons! {
    /// A row was accepted, but not as it stood.
    Repair {
        /// Blanks around a text.
        Padded = "padded",
        /// More than one blank, a tab or a line break within a text.
        InnerSpace = "inner_space",
        /// Typographic quotes made straight.
        CurlyQuote = "curly_quote",
        /// UTF-8 that had been read as Windows-1252, undone.
        Mojibake = "mojibake",
        /// Control or invisible formatting characters removed.
        ControlCharacter = "control_character",
        /// Tags removed and entities decoded.
        HtmlStripped = "html_stripped",
        /// A description cut to its longest allowed length.
        DescriptionCut = "description_cut",
        /// The type is a growing method (Organi, Inorga, Indoor, Outdoo): unknown.
        TypeGrowingMethod = "type_growing_method",
        /// The type is no type at all: unknown.
        TypeUnrecognised = "type_unrecognised",
        /// THC at the top of a signed byte, so at least that: unknown.
        ThcClamped127 = "thc_clamped_127",
        /// THC below 1.27 % that is no whole per cent, from the clamped column: unknown.
        ThcAmbiguousScale = "thc_ambiguous_scale",
        /// THC above what flower reaches: unknown.
        ThcImplausible = "thc_implausible",
        /// THC is no whole number of hundredths: unknown.
        ThcNotANumber = "thc_not_a_number",
        /// CBD above what flower reaches: unknown.
        CbdImplausible = "cbd_implausible",
        /// CBD is no whole number of hundredths: unknown.
        CbdNotANumber = "cbd_not_a_number",
        /// Wanted and unwanted effects told apart.
        EffectsSplit = "effects_split",
        /// An effect outside the vocabulary dropped.
        EffectUnrecognised = "effect_unrecognised",
        /// A comma list with uneven spacing or empty items.
        ListSpacing = "list_spacing",
        /// An item that stands twice in its list dropped.
        ListRepeated = "list_repeated",
        /// An item too long for its list, or past its longest length, dropped.
        ListTooLong = "list_too_long",
        /// A breeder that says nobody knows: unknown.
        BreederPlaceholder = "breeder_placeholder",
        /// A breeder's name that the source cut with an ellipsis: unknown.
        BreederCut = "breeder_cut",
        /// A breeder's name beyond its longest length: unknown.
        BreederTooLong = "breeder_too_long",
        /// Parents' ids moved from the source's former numbering to its present one.
        ParentsRenumbered = "parents_renumbered",
        /// A parent's id whose present row cannot be proved dropped.
        ParentUnverified = "parent_unverified",
        /// A parent's id that no accepted row has dropped.
        ParentUnknown = "parent_unknown",
        /// A strain named as its own parent dropped.
        ParentSelf = "parent_self",
        /// Unknown fields filled from a later row of the same name.
        DuplicateMerged = "duplicate_merged",
        /// A slug that was taken, told apart by a number.
        SlugSuffixed = "slug_suffixed",
    }
}

reasons! {
    /// A row was left out.
    Cause {
        /// The name is empty.
        NameEmpty = "name_empty",
        /// The source cut the name with an ellipsis: what it names is unknown.
        NameCut = "name_cut",
        /// The name is longer than any real one.
        NameTooLong = "name_too_long",
        /// The name holds characters that were lost before.
        NameUnreadable = "name_unreadable",
        /// An earlier row has the same name; what this one knew more was merged into it.
        DuplicateName = "duplicate_name",
        /// The id is empty or too long.
        IdInvalid = "id_invalid",
        /// An earlier row has the same id.
        IdRepeated = "id_repeated",
        /// More or fewer columns than the header.
        ColumnCount = "column_count",
        /// Bytes that are not UTF-8.
        NotUtf8 = "not_utf8",
    }
}

reasons! {
    /// A cell that says "unknown" in the source's own way; counted by cell, and no repair.
    Unknown {
        /// The literal text NULL.
        LiteralNull = "literal_null",
        /// Nothing, or blanks.
        EmptyCell = "empty_cell",
        /// A THC of 0.
        ThcZero = "thc_zero",
        /// A CBD of 0.
        CbdZero = "cbd_zero",
        /// Parents given as 0.
        CrossesZero = "crosses_zero",
    }
}

/// The repairs of one row; each counts once however often it was needed.
pub type Repairs = BTreeSet<Repair>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_snake_case_and_unique() {
        let codes: Vec<&str> = (Repair::ALL.iter().map(|r| r.code()))
            .chain(Cause::ALL.iter().map(|c| c.code()))
            .chain(Unknown::ALL.iter().map(|u| u.code()))
            .collect();
        assert!(codes.iter().all(|code| code.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))));
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
        assert_eq!(Repair::Padded.meaning(), "Blanks around a text.");
    }
}
