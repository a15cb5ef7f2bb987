//! The document as a page: plain HTML that needs no script, prints, and works with a screen reader.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#22261f;--paper:#fbfaf6;--line:#d8d6cc;--quiet:#5c6256;--yours:#2c6e3f}\
@media(prefers-color-scheme:dark){:root{--ink:#e8e6dc;--paper:#1b1d19;--line:#3a3e36;--quiet:#a4a99c;--yours:#7fc492}}\
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:56rem;margin:2rem auto;padding:0 1rem}\
h1,h2,h3{line-height:1.2}h2{margin-top:3rem;border-bottom:1px solid var(--line)}\
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.5rem .75rem}\
summary{cursor:pointer}code,b.verb{font-family:ui-monospace,monospace}b.verb{color:var(--yours);display:inline-block;min-width:4.5rem}\
table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{text-align:left;vertical-align:top;padding:.25rem .5rem .25rem 0;border-top:1px solid var(--line)}\
.quiet{color:var(--quiet)}a{color:var(--yours)}";

/// Writes the page of a document.
pub fn page(document: &Value) -> String {
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let title = escape(text("/info/title"));
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} – API</title><style>{STYLE}</style><main><h1>{title}</h1><p>{}</p>\
         <p class=\"quiet\">Version {}. For programs: <a href=\"/api/openapi.json\">OpenAPI 3.1</a>.</p>",
        escape(text("/info/description")),
        escape(text("/info/version")),
    );
    for (tag, operations) in by_tag(document) {
        let _ = write!(html, "<h2>{}</h2>", escape(&tag));
        for (path, verb, operation) in operations {
            operation_html(&mut html, path, verb, operation);
        }
    }
    html.push_str("<h2>Shapes</h2>");
    for (name, schema) in
        document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten()
    {
        shape_html(&mut html, name, schema);
    }
    html.push_str("</main></html>\n");
    html
}

type Operation<'d> = (&'d str, &'d str, &'d Value);

fn by_tag(document: &Value) -> BTreeMap<String, Vec<Operation<'_>>> {
    let mut tags: BTreeMap<String, Vec<Operation<'_>>> = BTreeMap::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (verb, operation) in item.as_object().into_iter().flatten() {
            let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or("Other").to_owned();
            tags.entry(tag).or_default().push((path, verb, operation));
        }
    }
    tags
}

fn operation_html(html: &mut String, path: &str, verb: &str, operation: &Value) {
    let summary = operation.get("summary").and_then(Value::as_str).unwrap_or_default();
    let _ = write!(
        html,
        "<details><summary><b class=\"verb\">{}</b> <code>{}</code> <span class=\"quiet\">{}</span></summary>",
        verb.to_uppercase(),
        escape(path),
        escape(summary),
    );
    let callers: Vec<&str> = array(operation.get("security"))
        .filter_map(|item| Some(item.as_object()?.keys().next()?.as_str()))
        .collect();
    let who = if callers.is_empty() { "anyone".to_owned() } else { callers.join(" or ") };
    let _ = write!(html, "<p>Caller: <b>{}</b></p>", escape(&who));
    parameters_html(html, operation);
    if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
        let _ = write!(html, "<p>Body: {}</p>", kind(schema));
    }
    html.push_str("<table><tr><th>Status<th>Answer</tr>");
    for (status, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let description = response.get("description").and_then(Value::as_str).unwrap_or_default();
        let schema = response.pointer("/content/application~1json/schema");
        let data = schema.and_then(|schema| schema.pointer("/properties/data")).map(kind).unwrap_or_default();
        let _ = write!(html, "<tr><td>{}<td>{} {data}</tr>", escape(status), escape(description));
    }
    html.push_str("</table></details>");
}

fn parameters_html(html: &mut String, operation: &Value) {
    let mut rows = String::new();
    for parameter in array(operation.get("parameters")) {
        let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
        let _ = write!(
            rows,
            "<tr><td><code>{}</code><td>{}<td>{}<td>{}</tr>",
            escape(text("name")),
            escape(text("in")),
            parameter.get("schema").map(kind).unwrap_or_default(),
            escape(text("description")),
        );
    }
    if !rows.is_empty() {
        let _ = write!(html, "<table><tr><th>Parameter<th>In<th>Type<th>Meaning</tr>{rows}</table>");
    }
}

fn shape_html(html: &mut String, name: &str, schema: &Value) {
    let about = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let _ = write!(
        html,
        "<details id=\"{0}\"><summary><code>{0}</code> <span class=\"quiet\">{1}</span></summary>",
        escape(name),
        escape(about),
    );
    let mut rows = String::new();
    for (field, shape) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let meaning = shape.get("description").and_then(Value::as_str).unwrap_or_default();
        let required = array(schema.get("required")).any(|name| name.as_str() == Some(field));
        let _ = write!(
            rows,
            "<tr><td><code>{}</code>{}<td>{}<td>{}</tr>",
            escape(field),
            if required { "" } else { " <span class=\"quiet\">optional</span>" },
            kind(shape),
            escape(meaning),
        );
    }
    for choice in array(schema.get("oneOf")).chain(array(schema.get("enum"))) {
        let word =
            choice.as_str().or_else(|| choice.get("const").and_then(Value::as_str)).unwrap_or_default();
        let meaning = choice.get("description").and_then(Value::as_str).unwrap_or_default();
        let _ = write!(rows, "<tr><td><code>{}</code><td><td>{}</tr>", escape(word), escape(meaning));
    }
    if !rows.is_empty() {
        let _ = write!(html, "<table><tr><th>Field<th>Type<th>Meaning</tr>{rows}</table>");
    }
    html.push_str("</details>");
}

/// A schema in a few words, with links to shapes.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    if let Some(items) = schema.get("items") {
        return format!("list of {}", kind(items));
    }
    let choices: Vec<String> = array(schema.get("anyOf")).map(kind).filter(|word| !word.is_empty()).collect();
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    let word = match schema.get("type") {
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    };
    match schema.get("format").and_then(Value::as_str) {
        Some(format) => format!("{word} <span class=\"quiet\">{}</span>", escape(format)),
        None => word,
    }
}

fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_route_and_escapes_what_it_shows() {
        let document = serde_json::json!({
            "info": { "title": "A <b>", "version": "1" },
            "paths": { "/a/{id}": { "get": { "summary": "Reads", "tags": ["T"], "security": [{"person": []}] } } }
        });
        let html = page(&document);
        assert!(
            html.contains("<code>/a/{id}</code>")
                && html.contains("A &lt;b&gt;")
                && html.contains("<b>person</b>")
        );
    }
}
