//! Icons: lines of one weight, drawn in the colour of the text beside them, which says the same.

use maud::{Markup, PreEscaped, html};

/// An icon by its name; none where there is none of that name.
pub(crate) fn icon(name: &str) -> Markup {
    let lines = match name {
        "today" => {
            r#"<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/>"#
        }
        "log" => r#"<path d="M12 5v14M5 12h14"/>"#,
        "stash" => r#"<path d="M8 4h8M9 4v3l-2 3v9a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1v-9l-2-3V4M7 14h10"/>"#,
        "insights" => r#"<path d="M4 20h16M7 20v-6M12 20V6M17 20v-9"/>"#,
        "person" => r#"<circle cx="12" cy="8" r="4"/><path d="M4 21c1-4 4-6 8-6s7 2 8 6"/>"#,
        "search" => r#"<circle cx="11" cy="11" r="6"/><path d="m20 20-4.5-4.5"/>"#,
        "history" => r#"<circle cx="12" cy="12" r="8"/><path d="M12 8v4l3 2"/>"#,
        "again" => r#"<path d="M4 12a8 8 0 1 0 3-6.2M4 4v4h4"/>"#,
        "back" => r#"<path d="m15 6-6 6 6 6"/>"#,
        "goal" => r#"<path d="M6 21V4M6 5h11l-2 4 2 4H6"/>"#,
        "next" => r#"<path d="m9 6 6 6-6 6"/>"#,
        "eye" => {
            r#"<path d="M3 12c2-4 5-6 9-6s7 2 9 6c-2 4-5 6-9 6s-7-2-9-6Z"/><circle cx="12" cy="12" r="2.5"/>"#
        }
        _ => "",
    };
    html! {
        svg.icon viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.8"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" { (PreEscaped(lines)) }
    }
}
