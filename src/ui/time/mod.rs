//! Time: playing, stepping, rewinding, forking.

mod futures;
mod scrub;
mod until;

use yew::{Callback, Html, InputEvent, html};

use super::format;
use super::model::{Layer, Msg, Speed, Until};
use super::parts::{IconName, icon, press, value_of};
use super::view::TimeView;

use futures::futures;
use scrub::scrub;
use until::RunUntil;

/// `until`: the choices of "Run until", while they are open.
pub fn transport(
    time: &TimeView,
    until: Option<Vec<(String, Until)>>,
    send: &Callback<Msg>,
) -> Html {
    let toggle =
        if until.is_some() { Msg::Close(Layer::RunUntil) } else { Msg::Open(Layer::RunUntil) };
    html! {
        <footer class="transport" aria-label="Time">
            { buttons(time.playing, send) }
            <div class="t-clock">
                <span class="clock" role="timer" aria-label="Virtual time">
                    { format::clock(time.now) }<small>{ format!(".{}", format::tenth(time.now)) }</small>
                </span>
                { speed_slider(time.speed, time.running, send) }
            </div>
            { scrub(time, send) }
            <div class="t-end">
                { futures(&time.futures, send) }
                <div class="t-actions">
                    <button
                        class="btn"
                        aria-haspopup="true"
                        aria-expanded={until.is_some().to_string()}
                        onclick={press(send, toggle)}
                    >
                        { icon(IconName::Flag) }<span>{ "Run until" }</span>
                    </button>
                    <button class="btn" onclick={press(send, Msg::Fork)}>
                        { icon(IconName::Fork) }<span>{ "Fork here" }</span>
                    </button>
                </div>
                if let Some(choices) = until {
                    <RunUntil {choices} send={send.clone()} />
                }
            </div>
        </footer>
    }
}

fn buttons(playing: bool, send: &Callback<Msg>) -> Html {
    let button = |class: &'static str, name: &'static str, sign: IconName, msg: Msg| {
        let onclick = press(send, msg);
        html! { <button {class} aria-label={name} title={name} {onclick}>{ icon(sign) }</button> }
    };
    let start = Msg::Seek(crate::engine::Instant::ZERO);
    html! {
        <div class="t-buttons">
            { button("ib", "Back to the start", IconName::Rewind, start) }
            { button("ib", "Step back one event", IconName::Back, Msg::StepBack) }
            if playing {
                { button("ib play", "Pause", IconName::Pause, Msg::Pause) }
            } else {
                { button("ib play", "Play", IconName::Play, Msg::Play) }
            }
            { button("ib", "Step one event", IconName::Step, Msg::Step) }
        </div>
    }
}

fn speed_slider(speed: Speed, running: bool, send: &Callback<Msg>) -> Html {
    let speed = if running { Speed::FASTEST } else { speed };
    let stop = speed.stop();
    let filled = stop as f64 * 100.0 / Speed::LAST_STOP as f64;
    let oninput =
        send.reform(|event: InputEvent| Msg::SetSpeed(Speed::at_stop(value_of(&event) as usize)));
    html! {
        <label class="speed">
            <span><span class="speed-name">{ "speed" }</span><b>{ speed.to_string() }</b></span>
            <input
                type="range"
                min="0"
                max={Speed::LAST_STOP.to_string()}
                step="1"
                value={stop.to_string()}
                style={format!("--v:{filled:.1}%")}
                aria-label="Speed"
                aria-valuetext={format!("{} times", speed.times())}
                {oninput}
            />
        </label>
    }
}
