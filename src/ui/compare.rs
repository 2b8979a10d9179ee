//! Two runs, one above the other and in step, and beside them what differs.

use yew::Callback;

use super::format;
use super::model::Msg;
use super::parts::{IconName, Node, el, fragment, icon, text};
use super::view::{CompareView, Part, PartKind, Row, SideView, Wait};

const NAMES: [&str; 2] = ["A", "B"];
/// A part of a wait that is shorter than these shares of the longest one has no room for its name,
/// or for its figure.
const NAMED: [f64; 2] = [0.05, 0.1];

pub fn compared(view: &CompareView, stages: [Node; 2], send: &Callback<Msg>) -> Node {
    let sides = view.sides.iter().zip(NAMES).zip(stages);
    let sides = sides.map(|((one, name), stage)| side(one, name, stage));
    let main = el("main.sides")
        .attr("id", "stage")
        .label("Two runs in step")
        .child(text("h1.sr", view.title))
        .child(text("p.shared", &view.shared))
        .children(sides);
    fragment().child(main).child(differences(view, send))
}

fn badge(name: &'static str) -> Node {
    text("span.side-badge", name)
}

fn side(side: &SideView, name: &'static str, stage: Node) -> Node {
    let title = el("div.side-title")
        .child(text("h2", &side.name))
        .child(text("p.dim", &side.about).attr("title", &side.about));
    let figure = |name: &'static str, (value, bad): &(String, bool)| {
        el("div").child(text("dt", name)).child(text("dd", value).class_if(*bad, "bad"))
    };
    let figures =
        el("dl.side-figures").child(figure("p95", &side.p95)).child(figure("failed", &side.failed));
    let head = el("header.side-head").child(badge(name)).child(title).child(figures);
    el("section.side")
        .key(name)
        .label(format!("{name}: {}", side.name))
        .child(head)
        .child(stage)
        .child(waited(side.wait.as_ref()))
}

/// What one buyer waits for, as a bar of parts.
fn waited(wait: Option<&Wait>) -> Node {
    let Some(wait) = wait else {
        return text("p.wait", "No buyer has an answer in both runs yet.");
    };
    let after = if wait.accepted { "for a yes" } else { "and is told that it failed" };
    let mail = wait.mail_ms.map_or_else(
        || "no mail yet".to_owned(),
        |mail| format!("mail after {}", format::duration(mail)),
    );
    let words = el("p")
        .child(format!("The buyer of order {} waits ", format::count(wait.order.into())))
        .child(text("b", format::duration(wait.total_ms)))
        .child(format!(" {after}, {mail}"));
    let part = |part: &Part| {
        let share = part.micros as f64 / 1_000.0 / wait.scale_ms as f64;
        let kind = match part.kind {
            PartKind::Line => "line",
            PartKind::Work => "work",
            PartKind::Log => "log",
        };
        let name = format!("{} {}", part.name, format::duration(part.micros / 1_000));
        let shown = if share < NAMED[1] { &part.name } else { &name };
        let words = (share >= NAMED[0]).then(|| text("span", shown).attr("aria-hidden", true));
        el("li")
            .class(kind)
            .style(format!("width:{}%", format::decimal(share * 100.0)))
            .attr("title", &name)
            .child(words)
            .child(text("span.sr", &name))
    };
    let goes_on = wait.mail_ms.is_none_or(|mail| mail > wait.total_ms) && wait.accepted;
    let rest = goes_on.then(|| text("li.rest", "answered; the rest is done without the buyer"));
    el("div.wait")
        .child(words)
        .child(el("ol.wait-bar").children(wait.parts.iter().map(part)).child(rest))
}

fn differences(view: &CompareView, send: &Callback<Msg>) -> Node {
    let open = |other: bool, name: &'static str| {
        text("button.btn", name).press(send, Msg::OpenCompared(other))
    };
    let buttons = el("div.row").child(open(false, "Open A")).child(open(true, "Open B"));
    let alike = view.alike.then(|| text("p.note-line", "Event by event the same so far."));
    let parting = view.parting.as_ref().map(|(at, events)| {
        let line = |(event, name): (&String, &'static str)| {
            el("li").child(badge(name)).child(text("span", event))
        };
        el("div.parting")
            .child(text("h3", format!("They part at {}", format::clock(*at))))
            .child(el("ul").children(events.iter().zip(NAMES).map(line)))
    });
    let heads = NAMES.map(|name| el("th").attr("scope", "col").child(badge(name)));
    let head = el("tr").child(text("th.sr", "figure").attr("scope", "col")).children(heads);
    let groups = view.groups.iter().map(|(name, rows)| {
        let title = text("th", *name).attr("scope", "rowgroup").attr("colspan", "3");
        el("tbody").child(el("tr.group").child(title)).children(rows.iter().map(row))
    });
    let table = el("table.differences")
        .child(text("caption.sr", "What differs"))
        .child(el("thead").child(head))
        .children(groups);
    let body = el("div.insp-body").region("What differs").child(table).child(parting).child(alike);
    el("aside.differs")
        .label("What differs")
        .child(el("header.insp-head").child(text("h2", "What differs")))
        .child(body)
        .child(buttons)
}

fn row(row: &Row) -> Node {
    let value = |(value, other): (&String, bool)| {
        let better = row.better == Some(other);
        let tick = better.then(|| icon(IconName::Check).label("better").role("img"));
        el("td").class_if(better, "better").child(tick).child(value)
    };
    el("tr")
        .child(text("th", row.name).attr("scope", "row"))
        .children(row.values.iter().zip([false, true]).map(value))
}
