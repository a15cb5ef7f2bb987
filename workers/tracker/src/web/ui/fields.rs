//! Forms: fields that keep what was typed, and say beside it how to mend it.

use crate::web::calls::Wrong;
use crate::web::look::Look;
use crate::web::visit::Visit;
use maud::{Markup, html};
use sesh_edge::http::Fields;

/// A form of this page's, with what proves that it is ours.
pub(crate) fn form(visit: &Visit, action: &str, class: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action=(action) class=(class) novalidate {
            @for (name, value) in visit.secrets() { (hidden(name, &value)) }
            (content)
        }
    }
}

/// A hidden field.
pub(crate) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// What is wrong with a form, above it, with a way to each field.
pub(crate) fn problems(look: &Look, wrong: &Wrong) -> Markup {
    html! {
        @if !wrong.is_empty() {
            div.problems role="alert" tabindex="-1" data-focus {
                p { (look.t().fix_this) }
                ul {
                    @for (field, text) in wrong.all() {
                        li { @if field.is_empty() { (text) } @else { a href={ "#f-" (field) } { (text) } } }
                    }
                }
            }
        }
    }
}

/// An input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    pub(crate) name: &'a str,
    pub(crate) label: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) hint: Option<&'a str>,
    /// What browsers may fill in (HTML, section 4.10.18.7).
    pub(crate) autocomplete: &'a str,
    /// Which keyboard a phone shows.
    pub(crate) keyboard: Option<&'a str>,
    pub(crate) is_optional: bool,
}

impl<'a> Input<'a> {
    /// A line of text.
    pub(crate) const fn text(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            kind: "text",
            hint: None,
            autocomplete: "off",
            keyboard: None,
            is_optional: false,
        }
    }

    /// The same of another kind.
    pub(crate) const fn kind(mut self, kind: &'a str) -> Self {
        self.kind = kind;
        self
    }

    /// The same with a line that says how.
    pub(crate) const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The same, filled in by browsers.
    pub(crate) const fn fills(mut self, what: &'a str) -> Self {
        self.autocomplete = what;
        self
    }

    /// The same with a keyboard of numbers.
    pub(crate) const fn numbers(mut self) -> Self {
        self.keyboard = Some("decimal");
        self
    }

    /// The same, which may be left empty.
    pub(crate) const fn optional(mut self) -> Self {
        self.is_optional = true;
        self
    }
}

/// A field: label, hint, input, and what is wrong with it.
pub(crate) fn field(look: &Look, input: Input<'_>, typed: &Fields, wrong: &Wrong) -> Markup {
    let Input { name, label, kind, hint, autocomplete, keyboard, is_optional } = input;
    let (problem, id) = (wrong.of(name), format!("f-{name}"));
    let value = if kind == "password" { "" } else { typed.exact(name) };
    let described = match (hint, problem) {
        (None, None) => None,
        (Some(_), None) => Some(format!("{id}-hint")),
        (None, Some(_)) => Some(format!("{id}-wrong")),
        (Some(_), Some(_)) => Some(format!("{id}-wrong {id}-hint")),
    };
    html! {
        div.field {
            label for=(id) { (label) @if is_optional { " " span.quiet { (look.t().optional) } } }
            @if kind == "textarea" {
                textarea id=(id) name=(name) rows="3" aria-describedby=[described] aria-invalid=[problem.map(|_| "true")] { (value) }
            } @else {
                input id=(id) name=(name) type=(kind) value=(value) autocomplete=(autocomplete) inputmode=[keyboard]
                    required[!is_optional] aria-describedby=[described] aria-invalid=[problem.map(|_| "true")];
            }
            @if let Some(problem) = problem { p.wrong id={ (id) "-wrong" } { (problem) } }
            @if let Some(hint) = hint { p.hint id={ (id) "-hint" } { (hint) } }
        }
    }
}

/// One of several.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) more: Option<String>,
}

impl Choice {
    /// A choice.
    pub(crate) fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self { value: value.into(), text: text.into(), more: None }
    }

    /// The same with a second line.
    pub(crate) fn more(mut self, more: String) -> Self {
        self.more = Some(more);
        self
    }
}

/// One of several, each a target for a thumb.
pub(crate) fn chips(
    name: &str,
    legend: &str,
    class: &str,
    choices: &[Choice],
    chosen: &str,
    wrong: &Wrong,
) -> Markup {
    set_of_chips(name, (legend, None), class, choices, chosen, wrong)
}

/// From 1 to 5, or nothing.
pub(crate) fn scale(look: &Look, name: &str, legend: &str, chosen: &str, wrong: &Wrong) -> Markup {
    let t = look.t();
    let steps = (1..=5).map(|step| Choice::new(step.to_string(), step.to_string()));
    let choices: Vec<Choice> = std::iter::once(Choice::new("", t.none)).chain(steps).collect();
    set_of_chips(name, (legend, Some(t.one_to_five)), "scale", &choices, chosen, wrong)
}

fn set_of_chips(
    name: &str,
    (legend, legend_hint): (&str, Option<&str>),
    class: &str,
    choices: &[Choice],
    chosen: &str,
    wrong: &Wrong,
) -> Markup {
    let problem = wrong.of(name);
    html! {
        fieldset class={ "chips " (class) } id={ "f-" (name) } tabindex="-1" aria-describedby=[problem.map(|_| format!("f-{name}-wrong"))] {
            legend { (legend) @if let Some(range) = legend_hint { " " span.quiet { (range) } } }
            div.set {
                @for Choice { value, text, more } in choices {
                    label.chip {
                        input type="radio" name=(name) value=(value) checked[value == chosen];
                        span { span.name { (text) } @if let Some(more) = more { span.more { (more) } } }
                    }
                }
            }
            @if let Some(problem) = problem { p.wrong id={ "f-" (name) "-wrong" } { (problem) } }
        }
    }
}

/// One of many, folded.
pub(crate) fn select(name: &str, label: &str, choices: &[Choice], chosen: &str) -> Markup {
    html! {
        div.field {
            label for={ "f-" (name) } { (label) }
            select id={ "f-" (name) } name=(name) {
                @for Choice { value, text, .. } in choices { option value=(value) selected[value == chosen] { (text) } }
            }
        }
    }
}

/// Any of several, each with a line of its own.
pub(crate) fn checks(name: &str, legend: &str, choices: &[(Choice, bool)], wrong: &Wrong) -> Markup {
    let problem = wrong.of(name);
    html! {
        fieldset.checks id={ "f-" (name) } tabindex="-1" aria-describedby=[problem.map(|_| format!("f-{name}-wrong"))] {
            legend { (legend) }
            @for (Choice { value, text, more }, is_chosen) in choices {
                label.check {
                    input type="checkbox" name=(name) value=(value) checked[*is_chosen];
                    span.main { span.name { (text) } @if let Some(more) = more { span.more { (more) } } }
                }
            }
            @if let Some(problem) = problem { p.wrong id={ "f-" (name) "-wrong" } { (problem) } }
        }
    }
}

/// A form of this page's that carries a file.
pub(crate) fn upload(visit: &Visit, action: &str, class: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action=(action) class=(class) enctype="multipart/form-data" novalidate {
            @for (name, value) in visit.secrets() { (hidden(name, &value)) }
            (content)
        }
    }
}

/// Where a file is chosen.
pub(crate) fn file(name: &str, label: &str, hint: &str, accept: &str, wrong: &Wrong) -> Markup {
    let (problem, id) = (wrong.of(name), format!("f-{name}"));
    let described = if problem.is_some() { format!("{id}-wrong {id}-hint") } else { format!("{id}-hint") };
    html! {
        div.field {
            label for=(id) { (label) }
            input id=(id) name=(name) type="file" accept=(accept) aria-describedby=(described) aria-invalid=[problem.map(|_| "true")];
            @if let Some(problem) = problem { p.wrong id={ (id) "-wrong" } { (problem) } }
            p.hint id={ (id) "-hint" } { (hint) }
        }
    }
}
