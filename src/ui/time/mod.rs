//! Time: playing, stepping, rewinding, forking.

mod futures;
mod scrub;
mod until;

use yew::{Callback, InputEvent};

use super::format;
use super::model::{Layer, Msg, Speed, Until};
use super::parts::{IconName, Node, component, el, icon, text, value_of};
use super::view::TimeView;

use futures::futures;
pub use scrub::{read_key, ticks};

use scrub::scrub;
use until::{RunUntil, RunUntilProps};

/// `until`: the choices of "Run until", while they are open.
pub fn transport(
    time: &TimeView,
    until: Option<Vec<(String, Until)>>,
    send: &Callback<Msg>,
) -> Node {
    let toggle =
        if until.is_some() { Msg::Close(Layer::RunUntil) } else { Msg::Open(Layer::RunUntil) };
    let run_until = el("button.btn")
        .attr("aria-haspopup", true)
        .attr("aria-expanded", until.is_some())
        .press(send, toggle)
        .child(icon(IconName::Flag))
        .child(text("span", "Run until"));
    let fork = el("button.btn")
        .press(send, Msg::Fork)
        .child(icon(IconName::Fork))
        .child(text("span", "Fork here"));
    let menu =
        until.map(|choices| component::<RunUntil>(RunUntilProps { choices, send: send.clone() }));
    let end = el("div.t-end")
        .child(futures(&time.futures, send))
        .child(el("div.t-actions").child(run_until).child((!time.compared).then_some(fork)))
        .child(menu);
    el("footer.transport")
        .label("Time")
        .child(buttons(time.playing, send))
        .child(clock(time, send))
        .child(scrub(time, send))
        .child(end)
}

fn buttons(playing: bool, send: &Callback<Msg>) -> Node {
    let button = |name: &'static str, sign: IconName, msg: Msg| {
        el("button.ib").label(name).attr("title", name).press(send, msg).child(icon(sign))
    };
    let start = Msg::Seek(crate::engine::Instant::ZERO);
    let play = if playing {
        button("Pause", IconName::Pause, Msg::Pause)
    } else {
        button("Play", IconName::Play, Msg::Play)
    };
    el("div.t-buttons")
        .child(button("Back to the start", IconName::Rewind, start))
        .child(button("Step back one event", IconName::Back, Msg::StepBack))
        .child(play.class("play"))
        .child(button("Step one event", IconName::Step, Msg::Step))
}

fn clock(time: &TimeView, send: &Callback<Msg>) -> Node {
    let clock = text("span.clock", format::clock(time.now))
        .role("timer")
        .label("Virtual time")
        .child(text("small", format!(".{}", format::tenth(time.now))));
    el("div.t-clock").child(clock).child(speed_slider(time.speed, time.running, send))
}

fn speed_slider(speed: Speed, running: bool, send: &Callback<Msg>) -> Node {
    let speed = if running { Speed::FASTEST } else { speed };
    let stop = speed.stop();
    let filled = stop as f64 * 100.0 / Speed::LAST_STOP as f64;
    let oninput =
        send.reform(|event: InputEvent| Msg::SetSpeed(Speed::at_stop(value_of(&event) as usize)));
    let input = el("input")
        .attr("type", "range")
        .attr("min", "0")
        .attr("max", Speed::LAST_STOP.to_string())
        .attr("step", "1")
        .value(stop.to_string())
        .style(format!("--v:{}%", format::decimal(filled)))
        .label("Speed")
        .attr("aria-valuetext", format!("{} times", format::decimal(speed.times())))
        .oninput(oninput);
    let name =
        el("span").child(text("span.speed-name", "speed")).child(text("b", speed.to_string()));
    el("label.speed").child(name).child(input)
}
