//! Two futures of a run: where they part, and what came of it.

use serde_json::Value;
use yew::Callback;

use crate::engine::Instant;
use crate::simulation::{Difference, FigureDifference};
use crate::ui::format;
use crate::ui::model::{Compared, Layer, Msg};
use crate::ui::parts::{IconName, Node, el, fragment, icon, text};

use super::dialog;

pub fn compare(compared: &Compared, send: &Callback<Msg>) -> Node {
    let close = el("button.ib")
        .label("Close the comparison")
        .attr("data-first", "")
        .press(send, Msg::Close(Layer::Compare))
        .child(icon(IconName::Close));
    let title = format!("This run and {}", compared.other);
    let head = el("header.dialog-head").child(text("h2", &title)).child(close);
    let body = el("div.dialog-body").region("Differences").child(parting(compared));
    let body = match compared.comparison.figures.is_empty() {
        true => body,
        false => body.child(figures(compared)),
    };
    dialog(title.clone(), "help", fragment().child(head).child(body), send)
}

fn parting(compared: &Compared) -> Node {
    let until = format::clock(compared.until);
    let Some(Difference { at_ms, left, right, .. }) = &compared.comparison.first else {
        return text("p", format!("Event by event the same, until {until}."));
    };
    let at = format::clock(Instant::from_millis(*at_ms));
    let line = |name: &str, event: &Option<String>| {
        let event = event.as_deref().unwrap_or("nothing more");
        el("p.note-line").child(text("b", name.to_owned())).child(format!(": {event}"))
    };
    fragment()
        .child(text(
            "p",
            format!("The same until {at}, then the first difference; both to {until}."),
        ))
        .child(line("This run", left))
        .child(line(&compared.other, right))
}

fn figures(compared: &Compared) -> Node {
    let head = |name: &str| text("th", name.to_owned()).attr("scope", "col");
    let heads = ["figure", "this run", &compared.other, "since"].map(head);
    let row = |one: &FigureDifference| {
        el("tr")
            .child(text("td.mono", one.figure.trim_start_matches('/').to_owned()))
            .child(text("td.num", plain(&one.left)))
            .child(text("td.num", plain(&one.right)))
            .child(text("td.num", format::clock(Instant::from_millis(one.since_ms))))
    };
    let more = (compared.more > 0).then(|| {
        text("p.dim", format!("{} figures more differ.", format::count(compared.more as u64)))
    });
    let table = el("table.compare")
        .class("rows")
        .child(el("thead").child(el("tr").children(heads)))
        .child(el("tbody").children(compared.comparison.figures.iter().map(row)));
    fragment().child(el("div.scroll-x").region("Figures that differ").child(table)).child(more)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(words) => words.clone(),
        Value::Number(number) => number.as_u64().map_or_else(|| number.to_string(), format::count),
        other => crate::json::text(other),
    }
}
