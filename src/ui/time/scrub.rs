//! The scrub bar: the run from its start to beyond the present, with what was done and when.

use web_sys::KeyboardEvent;
use yew::{Callback, Html, InputEvent, html};

use crate::engine::Instant;
use crate::ui::format;
use crate::ui::model::Msg;
use crate::ui::parts::{mark_class, press, value_of};
use crate::ui::view::{TimeMark, TimeView, area, line};

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 30.0;

pub fn scrub(time: &TimeView, send: &Callback<Msg>) -> Html {
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
    html! {
        <div class="scrub">
            <div class="scrub-marks">
                { for time.marks.iter().map(|one| mark(one, send)) }
            </div>
            <div class="scrub-bar">
                <svg
                    viewBox={format!("0 0 {WIDTH} {HEIGHT}")}
                    preserveAspectRatio="none"
                    class={format!("area {}", time.family)}
                    aria-hidden="true"
                >
                    <path class="fillarea" d={area(&time.line, WIDTH, HEIGHT)} />
                    <path class="line" d={line(&time.line, WIDTH, HEIGHT)} />
                </svg>
                <span class="future" style={format!("left:{future:.2}%")}></span>
                <span class="playhead" style={format!("left:{now:.2}%")}></span>
                <input
                    type="range"
                    min="0"
                    max={time.end.as_millis().to_string()}
                    step="1"
                    value={time.now.as_millis().to_string()}
                    aria-label="Rewind to time"
                    aria-valuetext={format::clock(time.now)}
                    title={time.quantity.clone()}
                    {oninput}
                    {onkeydown}
                />
            </div>
            <div class="scrub-ticks" aria-hidden="true">
                { for time.ticks.iter().map(|(place, name)| {
                    html! { <span style={format!("left:{}%", place * 100.0)}>{ name }</span> }
                }) }
            </div>
        </div>
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

fn mark(mark: &TimeMark, send: &Callback<Msg>) -> Html {
    let name = format!("Go to {}, {}", format::tick(mark.at), mark.label);
    html! {
        <button
            class={mark_class("mark", mark.kind)}
            style={format!("left:{:.2}%", mark.place * 100.0)}
            title={name.clone()}
            aria-label={name}
            onclick={press(send, Msg::Seek(mark.at))}
        >
            <i></i>
            if mark.named {
                <span>{ &mark.label }</span>
            }
        </button>
    }
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
