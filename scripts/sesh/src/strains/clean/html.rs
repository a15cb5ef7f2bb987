//! HTML to plain text.

/// The text of a piece of HTML, or nothing when there is no markup in it.
///
/// Tags, comments and the insides of `script` and `style` go; entities are decoded last and only once, so that
/// `&lt;b&gt;` ends as the three characters it stands for. The result is text: whoever shows it must escape it.
pub fn to_text(html: &str) -> Option<String> {
    let text = html_escape::decode_html_entities(&without_tags(html)).into_owned();
    (text != html).then_some(text)
}

fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        if after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            if breaks_words(&tag_name(after)) {
                text.push(' ');
            }
            rest = after_tag(after);
        } else {
            text.push('<');
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

/// What follows a tag that begins just before `tag`; a tag that never ends takes the rest with it.
fn after_tag(tag: &str) -> &str {
    let end = |text: &str, mark: &str| text.find(mark).map(|at| at + mark.len());
    if tag.starts_with("!--") {
        return end(tag, "-->").and_then(|at| tag.get(at..)).unwrap_or_default();
    }
    let body = end(tag, ">").and_then(|at| tag.get(at..)).unwrap_or_default();
    let name = tag_name(tag);
    if !tag.starts_with('/') && (name == "script" || name == "style") {
        let close = body.to_ascii_lowercase().find(&format!("</{name}"));
        return close.and_then(|at| body.get(at..)).unwrap_or_default();
    }
    body
}

fn tag_name(tag: &str) -> String {
    let name = tag.trim_start_matches('/');
    name.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn breaks_words(name: &str) -> bool {
    matches!(name, "p" | "br" | "div" | "li" | "ul" | "ol" | "tr" | "td" | "h1" | "h2" | "h3" | "h4")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        to_text(html)
            .map_or_else(|| html.to_owned(), |text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn tags_go_and_entities_are_decoded_once() {
        assert_eq!(text("<p>One</p><p>two&nbsp;&amp; <b>th</b>ree</p>"), "One two & three");
        assert_eq!(text("&amp;lt;b&amp;gt;"), "&lt;b&gt;");
        assert_eq!(text("&lt;b&gt;"), "<b>");
    }

    #[test]
    fn scripts_and_comments_leave_nothing() {
        assert_eq!(text("a<script src=x>alert('<p>')</SCRIPT>b<!-- c -- > d -->e"), "abe");
        assert_eq!(text("a<style>p{}"), "a");
        assert_eq!(text("a<img src=x onerror=alert(1)"), "a");
    }

    #[test]
    fn text_without_markup_is_left_alone() {
        for plain in ["THC < 5 and > 3", "a <3 b", ""] {
            assert_eq!(to_text(plain), None, "{plain}");
        }
    }
}
