//! The words of the stage: zones, topics, exchanges, trays, buyers, legend.

use std::rc::Rc;

use yew::{Html, classes, html};

use crate::simulation::{Observation, QueueFigures};
use crate::ui::format;
use crate::ui::model::Selection;
use crate::ui::parts::{IconName, icon};
use crate::ui::scene::{
    ExchangeSpot, Form, Layout, Point, Rect, SINGLES, Tape, TapeStyle, Tray, ZoneKind, pile_scale,
};

use super::items::{exchange_id, partition_id, queue_id, row_rect};
use super::words::{trend, wait};

/// A box on the stage.
pub fn place(rect: Rect) -> String {
    let Rect { x, y, w, h } = rect;
    format!("left:{x}px;top:{y}px;width:{w}px;height:{h}px")
}

fn corner(point: Point) -> String {
    format!("left:{}px;top:{}px", point.x, point.y)
}

/// What the words depend on.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    pub layout: &'a Layout,
    pub observation: &'a Observation,
    pub selection: Option<&'a Selection>,
    /// By topic: how many records one cell stands for.
    pub scales: &'a [u64],
    /// By tray: whether no token is on its way to it or from it.
    pub at_rest: &'a [bool],
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

pub fn zones(words: &Words<'_>) -> Html {
    let zones = words.layout.zones.iter().map(|zone| {
        let (class, sign, name, rest) = match zone.kind {
            ZoneKind::Log => ("log", IconName::Tape, "The log", " keeps"),
            ZoneKind::Queue => ("queue", IconName::Tray, "The queue", " hands out"),
        };
        // In the medium drawing the wire to the exchange takes the place of the second half.
        let tight = words.layout.form == Form::Medium && zone.kind == ZoneKind::Queue;
        let rest = if tight { "" } else { rest };
        html! {
            <p class={classes!("zone-name", class)} style={corner(zone.name_at)}>
                { icon(sign) }<span><b>{ name }</b>{ rest }</span>
            </p>
        }
    });
    html! { <>{ for zones }</> }
}

/// The name of a topic, its rows, and the flags of its groups.
pub fn topic(words: &Words<'_>, index: usize) -> Html {
    let tape = &words.layout.tapes[index];
    let figures = words.observation.topics.get(&tape.name);
    let rows = (0..tape.partitions).map(|partition| {
        let figures = figures.and_then(|topic| topic.partitions.get(partition as usize));
        let end = figures.map_or(0, |figures| figures.end_offset);
        row(words, tape, index, partition, end)
    });
    let flags = tape.groups.iter().map(|group| {
        let id = &words.layout.topology.groups[*group].id;
        let lag = words.observation.groups.get(id).map_or(0, |group| group.lag);
        let name = format!("group {id} reads {}, lag {}", tape.name, format::count(lag));
        html! {
            <span class="sr" data-group={id.to_string()} data-lag={lag.to_string()}>{ name }</span>
        }
    });
    let lift = 11.0;
    html! {
        <div
            key={format!("topic-{}", tape.name)}
            role="group"
            aria-label={format!("Topic {}", tape.name)}
        >
            <p class="st-topic" style={corner(Point { y: tape.title.y - lift, ..tape.title })}>
                <b>{ tape.name.to_string() }</b>
                <span>{ topic_note(words, tape, index) }</span>
            </p>
            { for rows }
            { for flags }
        </div>
    }
}

fn topic_note(words: &Words<'_>, tape: &Tape, index: usize) -> String {
    if words.layout.form.is_stacked() && !tape.groups.is_empty() {
        return String::new();
    }
    let mut note = format::counted(tape.partitions.into(), "partition");
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

fn row(words: &Words<'_>, tape: &Tape, topic: usize, partition: u32, end: u64) -> Html {
    let rect = row_rect(words.layout, topic, partition);
    let here = Selection::Partition(tape.name.clone(), partition);
    let selected = words.selection == Some(&here);
    let named = tape.label_x.is_some() && tape.names(partition);
    let offset = tape.offset_x.is_some() && tape.names(partition);
    let label_width = tape.label_x.map_or(0.0, |x| x - rect.x);
    html! {
        <div
            key={partition}
            class="st-row"
            id={partition_id(&tape.name, partition)}
            role="button"
            tabindex="-1"
            aria-pressed={selected.to_string()}
            style={place(rect)}
            data-topic={tape.name.to_string()}
            data-partition={partition.to_string()}
            data-end-offset={end.to_string()}
        >
            <span class="sr">{ format!("Partition {partition} of {}: ", tape.name) }</span>
            if named {
                <span
                    class={classes!("st-label", (tape.style == TapeStyle::Close).then_some("large"))}
                    style={format!("width:{label_width}px")}
                >
                    { format!("p{partition}") }
                </span>
            }
            if offset {
                <span class="st-offset">{ format::count(end) }</span>
            } else {
                <span class="sr">{ format::count(end) }</span>
            }
            <span class="sr">{ " is the next offset" }</span>
        </div>
    }
}

pub fn exchange(words: &Words<'_>, spot: &ExchangeSpot) -> Html {
    let (c, r) = (spot.center, spot.radius);
    let rect = Rect { x: c.x - r, y: c.y - r, w: 2.0 * r, h: 2.0 * r };
    let here = Selection::Exchange(spot.name.clone());
    let selected = words.selection == Some(&here);
    let stacked = words.layout.form.is_stacked();
    let side = if stacked { "starts" } else { "ends" };
    let label = Point { x: spot.label.x, y: spot.label.y - 11.0 };
    html! {
        <div key={format!("exchange-{}", spot.name)} data-exchange={spot.name.to_string()}>
            <button
                class="st-exchange"
                id={exchange_id(&spot.name)}
                aria-pressed={selected.to_string()}
                aria-label={format!("Exchange {}, {}", spot.name, spot.kind)}
                style={place(rect)}
            />
            <p class={classes!("st-exchange-name", side)} style={corner(label)} aria-hidden="true">
                <b>{ spot.name.to_string() }</b>
                if !stacked {
                    <span>{ format!("{} exchange", spot.kind) }</span>
                }
            </p>
        </div>
    }
}

/// A tray: name, exact count, and what a pile stands for.
pub fn tray(words: &Words<'_>, index: usize) -> Html {
    let tray = &words.layout.trays[index];
    let figures = words.queue(tray);
    let ready = figures.ready;
    let stacked = words.layout.form.is_stacked();
    let swollen = ready > SINGLES;
    let figure = format::count(ready);
    let count = html! { <><b>{ figure.clone() }</b>if !stacked { { " ready" } }</> };
    let body = if swollen && !stacked {
        let scale = format!("one dot = {}", format::count(pile_scale(ready, &tray.rect)));
        let trend = trend(&figures).filter(|_| words.layout.form == Form::Wide);
        html! {
            <>
                <strong class="st-big">{ figure }</strong>
                <span class="st-note">
                    { "ready" }if let Some(trend) = trend { { format!(", {trend}") } }
                </span>
                <span class="st-note">{ scale }</span>
            </>
        }
    } else {
        html! {
            <>
                <span class={classes!("st-count", swollen.then_some("swollen"))}>{ count }</span>
                if ready == 0 && figures.unacked == 0 && words.at_rest[index] {
                    <span class="st-empty">{ "nothing waits" }</span>
                }
            </>
        }
    };
    let class = classes!("st-tray", (swollen && !stacked).then_some("is-swollen"));
    tray_button(
        words,
        tray,
        class,
        &figures,
        html! { <><b class="st-name">{ tray.queues.first().map(Rc::as_ref).unwrap_or_default() }</b>{ body }</> },
    )
}

fn tray_button(
    words: &Words<'_>,
    tray: &Tray,
    class: yew::Classes,
    figures: &QueueFigures,
    body: Html,
) -> Html {
    let Some(name) = tray.queues.first() else {
        return html! {};
    };
    let unacked = format::count(figures.unacked);
    html! {
        <button
            key={format!("queue-{name}")}
            {class}
            id={queue_id(name)}
            aria-pressed={words.selects_queue(tray).to_string()}
            style={place(tray.rect)}
            data-queue={name.to_string()}
            data-ready={figures.ready.to_string()}
            data-unacked={figures.unacked.to_string()}
        >
            <span class="sr">{ "Queue " }</span>
            { body }
            <span class="sr">{ format!(", {unacked} in hand") }</span>
        </button>
    }
}

pub fn dead(words: &Words<'_>, tray: &Tray) -> Html {
    let figures = words.queue(tray);
    let class = classes!("st-tray", "st-dead", (figures.ready > 0).then_some("has-some"));
    let body = html! {
        <>
            <b class="st-name">{ tray.queues.first().map(Rc::as_ref).unwrap_or_default() }</b>
            <span class="st-count"><b>{ format::count(figures.ready) }</b></span>
            if figures.ready == 0 {
                <span class="st-empty">{ "nothing given up" }</span>
            }
        </>
    };
    tray_button(words, tray, class, &figures, body)
}

/// One rung: the queues with one time to live, with their sum.
pub fn rung(words: &Words<'_>, index: usize) -> Html {
    let tray = &words.layout.rungs[index];
    let ttl_ms = words.layout.topology.rungs[index].ttl_ms;
    let figures = |name: &Rc<str>| words.observation.queues.get(name).cloned().unwrap_or_default();
    let sum: u64 = tray.queues.iter().map(|name| figures(name).ready).sum();
    let each = tray.queues.iter().map(|name| {
        let figures = figures(name);
        html! {
            <span
                hidden=true
                data-queue={name.to_string()}
                data-ready={figures.ready.to_string()}
                data-unacked={figures.unacked.to_string()}
            />
        }
    });
    let Some(first) = tray.queues.first() else {
        return html! {};
    };
    html! {
        <button
            key={format!("rung-{ttl_ms}")}
            class="st-tray st-rung"
            id={queue_id(first)}
            aria-pressed={words.selects_queue(tray).to_string()}
            aria-label={format!("Waits {}, {} messages", wait(ttl_ms), format::count(sum))}
            style={place(tray.rect)}
            data-rung={ttl_ms.to_string()}
            data-sum={sum.to_string()}
        >
            <b class="st-name">{ wait(ttl_ms) }</b>
            if sum > 0 {
                <span class="st-count"><b>{ format::count(sum) }</b></span>
            }
            { for each }
        </button>
    }
}

pub fn buyers(words: &Words<'_>) -> Html {
    let Some(stand) = words.layout.buyers else {
        return html! {};
    };
    let rows = words.in_line.div_ceil(5).clamp(1, 14) as f32;
    let place = Point { x: stand.x - 34.0, y: stand.y + rows * 4.5 + 8.0 };
    let who = if words.in_line == 1 { "buyer waits" } else { "buyers wait" };
    html! {
        <p class="st-buyers" style={corner(place)}>
            <b>{ format::count(words.in_line) }</b><span>{ who }</span>
        </p>
    }
}

/// What the shapes mean.
pub fn legend(layout: &Layout) -> Html {
    let Some(point) = layout.legend else {
        return html! {};
    };
    let item = |shape: Html, words: &'static str| {
        html! {
            <li>
                <svg width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true">{ shape }</svg>
                { words }
            </li>
        }
    };
    let fresh = html! { <circle class="tok k0" r="5.5" /> };
    let tried = html! {
        <rect class="tok k0" x="-5.2" y="-5.2" width="10.3" height="10.3" rx="1.6" transform="rotate(45)" />
    };
    let given_up = html! { <path class="tok k0 dead" d="M0 -6.2 L6.3 5.1 H-6.3 Z" /> };
    let key = html! {
        <><circle class="tok k3" cx="-3.4" r="4" /><circle class="tok k3" cx="3.4" r="4" /></>
    };
    let flag = html! { <path class="st-flag" d="M-6 -8H8l-3 4 3 4H-4.5V8H-6Z" /> };
    html! {
        <ul class="legend" style={corner(point)} aria-label="Legend">
            { item(fresh, "fresh order") }
            { item(tried, "tried before") }
            { item(given_up, "given up") }
            { item(key, "one hue, one key") }
            if !layout.tapes.is_empty() {
                { item(flag, "reads from here") }
            }
        </ul>
    }
}
