//! The words of the stage: zones, topics, exchanges, trays, buyers, legend.

use std::rc::Rc;

use crate::simulation::{Observation, PartitionFigures, QueueFigures};
use crate::ui::format::{self, decimal};
use crate::ui::model::{Held, Selection};
use crate::ui::parts::{IconName, Node, diamond, el, fragment, icon, path, text};
use crate::ui::scene::{
    ExchangeSpot, Form, Layout, Point, Rect, SINGLES, Tape, TapeStyle, Tray, Why, ZoneKind, at,
    pile_scale,
};

use super::items::{exchange_id, partition_id, queue_id, row_rect};
use super::words::{trend, wait};

/// The width of the words about a bookmark that was not moved.
const REFUSAL: f32 = 280.0;

/// A box on the stage.
pub fn place(rect: Rect) -> String {
    let [x, y, w, h] = [rect.x, rect.y, rect.w, rect.h].map(decimal);
    format!("left:{x}px;top:{y}px;width:{w}px;height:{h}px")
}

fn corner(point: Point) -> String {
    format!("left:{}px;top:{}px", decimal(point.x), decimal(point.y))
}

/// What the words depend on.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    pub layout: &'a Layout,
    pub observation: &'a Observation,
    pub selection: Option<&'a Selection>,
    /// By topic: how many records one cell stands for.
    pub scales: &'a [u64],
    /// By tray: whether no token is on its way to it or from it, and why nothing gets in.
    pub at_rest: &'a [bool],
    pub closed: &'a [Option<&'static str>],
    /// Buyers at the door.
    pub in_line: u64,
}

impl Words<'_> {
    fn selects_queue(&self, tray: &Tray) -> bool {
        matches!(self.selection, Some(Selection::Queue(name)) if tray.queues.contains(name))
    }

    fn queue(&self, tray: &Tray) -> QueueFigures {
        let figures = tray.queues.first().and_then(|name| self.observation.queues.get(name));
        figures.cloned().unwrap_or_default()
    }
}

pub fn zones(words: &Words<'_>) -> Node {
    let zones = words.layout.zones.iter().map(|zone| {
        let (class, sign, name) = match zone.kind {
            ZoneKind::Log => ("log", IconName::Tape, "The log"),
            ZoneKind::Queue => ("queue", IconName::Tray, "The queue"),
        };
        let broker = &words.observation.rabbitmq;
        let rest = match zone.kind {
            ZoneKind::Log => " keeps",
            ZoneKind::Queue if broker.nodes_up == 0 => " is down",
            ZoneKind::Queue if broker.blocked_connections > 0 => " blocks publishers",
            // The wire to the exchange takes the place of the usual words.
            ZoneKind::Queue if words.layout.form == Form::Medium => "",
            ZoneKind::Queue => " hands out",
        };
        el("p.zone-name")
            .class(class)
            .style(corner(zone.name_at))
            .child(icon(sign))
            .child(el("span").child(text("b", name)).child(rest))
    });
    fragment().children(zones)
}

/// The name of a topic, its rows, and the flags of its groups.
pub fn topic(words: &Words<'_>, index: usize) -> Node {
    let tape = &words.layout.tapes[index];
    let figures = words.observation.topics.get(&tape.name);
    let rows = (0..tape.partitions).map(|partition| {
        let figures = figures.and_then(|topic| topic.partitions.get(partition as usize));
        let none = PartitionFigures::default();
        row(words, tape, index, partition, figures.unwrap_or(&none))
    });
    let flags = tape.groups.iter().map(|group| {
        let id = &words.layout.topology.groups[*group].id;
        let lag = words.observation.groups.get(id).map_or(0, |group| group.lag);
        let name = format!("group {id} reads {}, lag {}", tape.name, format::count(lag));
        text("span.sr", name).attr("data-group", id).attr("data-lag", lag.to_string())
    });
    let lift = 11.0;
    let title = el("p.st-topic")
        .style(corner(Point { y: tape.title.y - lift, ..tape.title }))
        .child(text("b", &tape.name))
        .child(text("span", topic_note(words, tape, index)));
    el("div")
        .key(format!("topic-{}", tape.name))
        .role("group")
        .label(format!("Topic {}", tape.name))
        .child(title)
        .children(rows)
        .children(flags)
}

fn topic_note(words: &Words<'_>, tape: &Tape, index: usize) -> String {
    // The low drawing has room above its first flags, the others of one column below their tapes.
    let low = words.layout.form == Form::Strip;
    let crowded = tape.groups.is_empty() == low || (low && index > 0);
    if words.layout.form.is_stacked() && crowded {
        return String::new();
    }
    let mut note = format::counted(tape.partitions.into(), "partition");
    let copies = words.layout.topology.topics[index].copies;
    if copies > 1 {
        note += &format!(", {copies} copies each");
    }
    let scale = words.scales.get(index).copied().unwrap_or(1);
    if scale > 1 && words.layout.form.is_stacked() {
        // There is room for one of the two, and the scale is what changes.
        return format!("1 cell = {}", format::counted(scale, "record"));
    }
    if scale > 1 {
        note.push_str(&format!(", 1 cell = {}", format::counted(scale, "record")));
    } else if tape.groups.is_empty() && words.layout.form == Form::Wide {
        note.push_str(", no group reads it yet");
    }
    note
}

fn row(
    words: &Words<'_>,
    tape: &Tape,
    topic: usize,
    partition: u32,
    figures: &PartitionFigures,
) -> Node {
    let end = figures.end_offset;
    let rect = row_rect(words.layout, topic, partition);
    let here = Selection::Partition(tape.name.clone(), partition);
    let selected = words.selection == Some(&here);
    let named = tape.label_x.is_some() && tape.names(partition);
    let offset = tape.offset_x.is_some() && tape.names(partition);
    let label = named.then(|| {
        let width = tape.label_x.map_or(0.0, |x| x - rect.x);
        text("span.st-label", format!("p{partition}"))
            .class_if(tape.style == TapeStyle::Close, "large")
            .style(format!("width:{}px", decimal(width)))
    });
    el("div.st-row")
        .key(partition)
        .attr("id", partition_id(&tape.name, partition))
        .role("button")
        .attr("tabindex", "-1")
        .attr("aria-pressed", selected)
        .style(place(rect))
        .attr("data-topic", &tape.name)
        .attr("data-partition", partition.to_string())
        .attr("data-end-offset", end.to_string())
        .child(text("span.sr", format!("Partition {partition} of {}: ", tape.name)))
        .child(label)
        .child(offset.then(|| text("span.st-offset", format::short(end)).attr("aria-hidden", true)))
        .child(text("span.sr", copies(words, tape, figures)))
}

/// What a row says of its copies.
fn copies(words: &Words<'_>, tape: &Tape, figures: &PartitionFigures) -> String {
    let mut said = format!("{} is the next offset", format::count(figures.end_offset));
    if tape.replicas.places > 0 {
        said += &match figures.leader {
            Some(broker) => format!(", broker {broker} leads"),
            None => ", no broker leads".to_owned(),
        };
    }
    if words.layout.topology.topics.iter().any(|topic| topic.name == tape.name && topic.copies > 1)
    {
        let in_sync = format::list(&figures.in_sync);
        let readable = format::count(figures.high_watermark);
        said += &format!(", in sync on {in_sync}, high watermark {readable}");
    }
    said
}

pub fn exchange(words: &Words<'_>, spot: &ExchangeSpot) -> Node {
    let (c, r) = (spot.center, spot.radius);
    let rect = Rect { x: c.x - r, y: c.y - r, w: 2.0 * r, h: 2.0 * r };
    let here = Selection::Exchange(spot.name.clone());
    let stacked = words.layout.form.is_stacked();
    let button = el("button.st-exchange")
        .attr("id", exchange_id(&spot.name))
        .attr("aria-pressed", words.selection == Some(&here))
        .label(format!("Exchange {}, {}", spot.name, spot.kind))
        .style(place(rect));
    let name = el("p.st-exchange-name")
        .class(if stacked { "starts" } else { "ends" })
        .style(corner(Point { x: spot.label.x, y: spot.label.y - 11.0 }))
        .attr("aria-hidden", true)
        .child(text("b", &spot.name))
        .child((!stacked).then(|| text("span", format!("{} exchange", spot.kind))));
    el("div")
        .key(format!("exchange-{}", spot.name))
        .attr("data-exchange", &spot.name)
        .child(button)
        .child(name)
}

/// A tray: name, exact count, and what a pile stands for.
pub fn tray(words: &Words<'_>, index: usize) -> Option<Node> {
    let tray = &words.layout.trays[index];
    let figures = words.queue(tray);
    let ready = figures.ready;
    let stacked = words.layout.form.is_stacked();
    let swollen = ready > SINGLES;
    let count = format::count(ready);
    let closed = words.closed[index];
    let state = closed.unwrap_or("ready");
    let body = if swollen && !stacked {
        let scale = format!("one dot = {}", format::count(pile_scale(ready, &tray.rect)));
        let trend = trend(&figures).filter(|_| words.layout.form == Form::Wide);
        let note = text("span.st-note", state).child(trend.map(|trend| format!(", {trend}")));
        fragment()
            .child(text("strong.st-big", count))
            .child(note)
            .child(text("span.st-note", scale))
    } else {
        let count = el("span.st-count")
            .class_if(swollen, "swollen")
            .child(text("b", count))
            .child((!stacked || closed.is_some()).then(|| format!(" {state}")));
        let idle = ready == 0 && figures.unacked == 0 && words.at_rest[index];
        let empty = idle && closed.is_none();
        fragment().child(count).child(empty.then(|| text("span.st-empty", "nothing waits")))
    };
    let button = tray_button(words, tray, &figures, body)?;
    Some(button.class_if(swollen && !stacked, "is-swollen").class_if(closed.is_some(), "is-closed"))
}

fn tray_button(words: &Words<'_>, tray: &Tray, figures: &QueueFigures, body: Node) -> Option<Node> {
    let name = tray.queues.first()?;
    let unacked = format::count(figures.unacked);
    let button = el("button.st-tray")
        .key(format!("queue-{name}"))
        .attr("id", queue_id(name))
        .attr("aria-pressed", words.selects_queue(tray))
        .style(place(tray.rect))
        .attr("data-queue", name)
        .attr("data-ready", figures.ready.to_string())
        .attr("data-unacked", figures.unacked.to_string())
        .child(text("span.sr", "Queue "))
        .child(text("b.st-name", name))
        .child(body)
        .child(text("span.sr", format!(", {unacked} in hand")));
    Some(button)
}

pub fn dead(words: &Words<'_>, tray: &Tray) -> Option<Node> {
    let figures = words.queue(tray);
    let count = el("span.st-count").child(text("b", format::count(figures.ready)));
    let empty = (figures.ready == 0).then(|| text("span.st-empty", "nothing given up"));
    let button = tray_button(words, tray, &figures, fragment().child(count).child(empty))?;
    Some(button.class("st-dead").class_if(figures.ready > 0, "has-some"))
}

/// One rung: the queues with one time to live, with their sum.
pub fn rung(words: &Words<'_>, index: usize) -> Option<Node> {
    let tray = &words.layout.rungs[index];
    let first = tray.queues.first()?;
    let ttl_ms = words.layout.topology.rungs[index].ttl_ms;
    let figures = |name: &Rc<str>| words.observation.queues.get(name).cloned().unwrap_or_default();
    let sum: u64 = tray.queues.iter().map(|name| figures(name).ready).sum();
    let each = tray.queues.iter().map(|name| {
        let figures = figures(name);
        el("span")
            .flag("hidden", true)
            .attr("data-queue", name)
            .attr("data-ready", figures.ready.to_string())
            .attr("data-unacked", figures.unacked.to_string())
    });
    let count = (sum > 0).then(|| el("span.st-count").child(text("b", format::count(sum))));
    let button = el("button.st-tray")
        .class("st-rung")
        .key(format!("rung-{ttl_ms}"))
        .attr("id", queue_id(first))
        .attr("aria-pressed", words.selects_queue(tray))
        .label(format!("{} {} messages wait", wait(ttl_ms), format::count(sum)))
        .style(place(tray.rect))
        .attr("data-rung", ttl_ms.to_string())
        .attr("data-sum", sum.to_string())
        .child(text("b.st-name", wait(ttl_ms)))
        .child(" ")
        .child(count)
        .children(each);
    Some(button)
}

pub fn buyers(words: &Words<'_>) -> Option<Node> {
    let stand = words.layout.buyers?;
    let rows = words.in_line.div_ceil(5).clamp(1, 14) as f32;
    let place = Point { x: stand.x - 34.0, y: stand.y + rows * 4.5 + 8.0 };
    let who = if words.in_line == 1 { "buyer waits" } else { "buyers wait" };
    let count = text("b", format::count(words.in_line));
    Some(el("p.st-buyers").style(corner(place)).child(count).child(text("span", who)))
}

/// Why things were refused, dropped, doubled or given up just now, where it happened.
pub fn whys(whys: &[Why]) -> Node {
    let badge = |why: &Why| {
        el("li.why")
            .class(why.kind.class())
            .style(format!(
                "{};max-width:{}px",
                corner(at(why.rect.x, why.rect.y)),
                decimal(why.rect.w)
            ))
            .child(text("span.sr", format!("{}: ", why.place)))
            .child(text("span", &why.reason))
            .child((why.more > 0).then(|| text("b", format!("+{}", why.more))))
    };
    el("ul.whys").label("Refused or doubled just now").children(whys.iter().map(badge))
}

/// Why a bookmark was not moved, where it was put down.
pub fn refusal(held: &Held, layout: &Layout) -> Node {
    let (x, y) = held.place;
    let left = (x - REFUSAL / 2.0).clamp(4.0, (layout.width - REFUSAL - 4.0).max(4.0));
    text("p.why", held.refused.as_deref().unwrap_or_default().to_owned())
        .class("refused says")
        .style(format!("{};width:{}px", corner(at(left, y + 4.0)), decimal(REFUSAL)))
}

/// What the shapes mean.
pub fn legend(layout: &Layout) -> Option<Node> {
    let point = layout.legend?;
    let item = |shape: Node, words: &'static str| {
        let drawing = el("svg")
            .attr("width", "18")
            .attr("height", "18")
            .attr("viewBox", "-9 -9 18 18")
            .attr("aria-hidden", true)
            .child(shape);
        el("li").child(drawing).child(words)
    };
    let disc =
        |hue: &'static str, radius: &'static str| el("circle.tok").class(hue).attr("r", radius);
    let tried = diamond("-5.2", "10.3", "1.6").class("tok k0");
    let given_up = path("path.tok", "M0 -6.2 L6.3 5.1 H-6.3 Z").class("k0 dead");
    let key = fragment()
        .child(disc("k3", "4").attr("cx", "-3.4"))
        .child(disc("k3", "4").attr("cx", "3.4"));
    let flag = path("path.st-flag", "M-6 -8H8l-3 4 3 4H-4.5V8H-6Z");
    let legend = el("ul.legend")
        .style(corner(point))
        .label("Legend")
        .child(item(disc("k0", "5.5"), "fresh order"))
        .child(item(tried, "tried before"))
        .child(item(given_up, "given up"))
        .child(item(key, "one hue, one key"))
        .child((!layout.tapes.is_empty()).then(|| item(flag, "reads from here")));
    Some(legend)
}
