//! The scrub bar: the run from its start to beyond the present, with what was done and when.

use web_sys::KeyboardEvent;
use yew::{Callback, InputEvent};

use crate::engine::Instant;
use crate::ui::format;
use crate::ui::model::{Msg, shifted};
use crate::ui::parts::{Node, el, fragment, mark_class, path, text, value_of};
use crate::ui::view::{TimeMark, TimeView, area, line};

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 30.0;

pub fn scrub(time: &TimeView, send: &Callback<Msg>) -> Node {
    let now = time.place(time.now) * 100.0;
    let future = time.place(time.furthest) * 100.0;
    let furthest = time.furthest;
    // What has not been played cannot be jumped to; stepping and playing lead there.
    let oninput = send.reform(move |event: InputEvent| {
        Msg::Seek(Instant::from_millis(value_of(&event)).min(furthest))
    });
    let onkeydown = {
        let send = send.clone();
        move |event: KeyboardEvent| {
            if let Some(msg) = key(&event.key(), event.shift_key(), furthest) {
                event.prevent_default();
                event.stop_propagation();
                send.emit(msg);
            }
        }
    };
    let drawing = el("svg.area")
        .attr("viewBox", format!("0 0 {} {}", format::decimal(WIDTH), format::decimal(HEIGHT)))
        .attr("preserveAspectRatio", "none")
        .class(time.family)
        .attr("aria-hidden", true)
        .children(time.lines.iter().map(|one| {
            let filled = path("path.fillarea", area(&one.points, WIDTH, HEIGHT));
            let drawn = path("path.line", line(&one.points, WIDTH, HEIGHT)).class(one.class);
            fragment().child(one.class.is_empty().then_some(filled)).child(drawn)
        }));
    let input = el("input")
        .attr("type", "range")
        .attr("min", "0")
        .attr("max", time.end.as_millis().to_string())
        .attr("step", "1")
        .value(time.now.as_millis().to_string())
        .label("Rewind to time")
        .attr("aria-valuetext", format::clock(time.now))
        .attr("title", &time.quantity)
        .oninput(oninput)
        .onkeydown(onkeydown);
    let bar = el("div.scrub-bar")
        .child(drawing)
        .child(el("span.future").style(left(future)))
        .child(time.reading.map(|at| el("span.reading").style(left(time.place(at) * 100.0))))
        .child(el("span.playhead").style(left(now)))
        .child(input);
    el("div.scrub")
        .child(el("div.scrub-marks").children(time.marks.iter().map(|one| mark(one, send))))
        .child(bar)
        .child(ticks(time))
}

/// The axis of time.
pub fn ticks(time: &TimeView) -> Node {
    let tick = |(place, name): &(f64, String)| text("span", name).style(left(place * 100.0));
    el("div.scrub-ticks").attr("aria-hidden", true).children(time.ticks.iter().map(tick))
}

/// The same keys read the instruments off instead; Enter goes to the moment that is read.
pub fn read_key(name: &str, shift: bool, at: Instant, furthest: Instant) -> Option<Msg> {
    let read = |at: Instant| Some(Msg::Read(Some(at.min(furthest))));
    match key(name, shift, furthest) {
        Some(Msg::SeekBy(millis)) => read(shifted(at, millis)),
        Some(Msg::Seek(to)) => read(to),
        _ => (name == "Enter").then_some(Msg::Seek(at)),
    }
}

/// What the keys of a slider do to time: a second, ten, the start, the furthest moment.
fn key(key: &str, shift: bool, furthest: Instant) -> Option<Msg> {
    let step = if shift { 10_000 } else { 1_000 };
    match key {
        "ArrowRight" | "ArrowUp" => Some(Msg::SeekBy(step)),
        "ArrowLeft" | "ArrowDown" => Some(Msg::SeekBy(-step)),
        "PageUp" => Some(Msg::SeekBy(60_000)),
        "PageDown" => Some(Msg::SeekBy(-60_000)),
        "Home" => Some(Msg::Seek(Instant::ZERO)),
        "End" => Some(Msg::Seek(furthest)),
        _ => None,
    }
}

fn left(percent: f64) -> String {
    format!("left:{}%", format::decimal(percent))
}

fn mark(mark: &TimeMark, send: &Callback<Msg>) -> Node {
    let name = format!("Go to {}, {}", format::tick(mark.at), mark.label);
    el("button")
        .class(mark_class("mark", mark.kind))
        .style(left(mark.place * 100.0))
        .attr("title", &name)
        .label(name)
        .press(send, Msg::Seek(mark.at))
        .child(el("i"))
        .child(mark.named.then(|| text("span", &mark.label)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_by_a_second_ten_or_to_the_ends() {
        let end = Instant::from_secs(90);
        assert_eq!(key("ArrowRight", false, end), Some(Msg::SeekBy(1_000)));
        assert_eq!(key("ArrowLeft", true, end), Some(Msg::SeekBy(-10_000)));
        assert_eq!(key("Home", false, end), Some(Msg::Seek(Instant::ZERO)));
        assert_eq!(key("End", false, end), Some(Msg::Seek(end)));
        assert_eq!(key("m", false, end), None);
    }
}
