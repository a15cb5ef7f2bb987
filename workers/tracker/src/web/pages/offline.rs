//! What a browser shows that has no connection: a frame and the texts, the same for everybody who reads that language. The
//! script (`web/offline/`) fills it with what the browser keeps of the person whose it is.

use super::log::METHODS;
use crate::web::look::Look;
use crate::web::ui::{self, Tab, icon};
use crate::web::visit::Visit;
use maud::html;
use serde_json::{Map, Value};
use sesh_edge::http::{Failure, Page};

macro_rules! texts {
    ($t:expr; $($name:ident)*) => {{
        let texts: [(&str, &str); _] = [$((stringify!($name), $t.$name)),*];
        texts
    }};
}

/// The texts that the script needs, by name.
fn words(look: &Look) -> Value {
    let texts = texts!(look.t();
        today log stash history insights account more optional fix_this save cancel delete undo edit see_all clear
        used_today left last_seshes no_seshes log_one again empty_stash
        from_which how_much how when other_amount amount_hint not_sure nothing_from_stash rating mood_before mood_after
        effects effects_hint notes when_hint log_it one_to_five none edit_sesh used_up gone
        issue_amount issue_time issue_choose issue_future offline offline_line try_again
        off_kept_title off_kept_line off_nothing off_strip off_kept off_kept_one off_sending off_asks off_asks_one off_merged
        off_all_sent off_sign_in off_since off_never off_not_here off_typed off_waits off_asks_mark off_new off_edited off_deleted
        off_short off_take_left off_unknown off_other_lot off_let_go off_conflict off_mine off_theirs off_keep_mine
        off_keep_theirs off_gone off_keep_new off_delete_conflict off_delete_anyway off_keep_it off_refused off_merged_line
        off_seen off_sign_out off_send_first off_sign_out_anyway off_hidden off_send_now
    );
    let mut words: Map<String, Value> =
        texts.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    words.extend(METHODS.map(|method| (method.as_str().to_owned(), look.lang.method(method).into())));
    words.extend((0..12).map(|month| (format!("month{month}"), look.lang.month(month).into())));
    Value::Object(words)
}

pub(crate) async fn show(visit: Visit) -> Result<Page, Failure> {
    let (look, t) = (&*visit.look, visit.look.t());
    let texts = serde_json::to_string(&words(look)).map_err(Failure::internal)?;
    let head = html! { meta name="words" content=(texts); };
    let content = html! {
        div.hero data-shell { h1 { (t.offline) } p.lead { (t.offline_line) } p.actions { a.button href="/today" { (t.try_again) } } }
        template #icons { @for name in ["next", "again"] { span data-icon=(name) { (icon(name)) } } }
    };
    // It is kept for whoever opens this browser next: it says nothing of anybody.
    let look = Look { owner: None, path: "/offline".to_owned(), ..look.clone() };
    Ok(Page::html(200, ui::framed(&look, Tab::Elsewhere, t.offline, &head, &content)))
}
