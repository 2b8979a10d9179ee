//! `window.ackademy`: the learner's commands, for demos and automation.
//!
//! It can do nothing that a learner's hands cannot. What is refused is thrown as an `Error` with
//! the sentence that a learner would read.

use std::time::Duration;

use js_sys::{JSON, Object, Reflect};
use serde_json::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use crate::engine::Instant;
use crate::json::{self, Json};
use crate::simulation::Command;

use super::browser;
use super::model::{Msg, Redraw, Speed};
use super::outside::thrown;
use super::player::Player;

/// A day: reaching a later moment takes longer than anyone waits.
const LATEST: Duration = Duration::from_secs(24 * 3_600);

type Answer = Result<JsValue, JsValue>;

/// Puts the object on the window; it lives as long as the page.
pub fn install(player: &Player) {
    let object = Object::new();
    let give = player.clone();
    with_argument(&object, "command", move |json| command(&give, &json));
    let look = player.clone();
    with_argument(&object, "observe", move |_| to_js(&look.read(|model| model.observe().write())));
    let read = player.clone();
    with_argument(&object, "scenario", move |_| {
        to_js(&read.read(|model| model.timeline.scenario().document.clone()))
    });
    let jump = player.clone();
    with_argument(&object, "seek", move |ms| seek(&jump, &ms));
    let start = player.clone();
    with_argument(&object, "play", move |speed| play(&start, &speed));
    let stop = player.clone();
    with_argument(&object, "pause", move |_| {
        stop.send(Msg::Pause);
        Ok(JsValue::UNDEFINED)
    });
    set(&browser::window(), "ackademy", &object);
}

fn with_argument(object: &Object, name: &str, act: impl Fn(JsValue) -> Answer + 'static) {
    let closure = Closure::<dyn Fn(JsValue) -> Answer>::new(act);
    // The object is there until the page is closed.
    set(object, name, &closure.into_js_value());
}

fn set(target: &JsValue, name: &str, value: &JsValue) {
    let done = Reflect::set(target, &name.into(), value);
    assert!(done.is_ok(), "{name} can be set on a plain object");
}

fn to_js(value: &Value) -> Answer {
    JSON::parse(&json::text(value))
}

/// Takes a command as an object or as its JSON.
fn command(player: &Player, json: &JsValue) -> Answer {
    let text = match json.as_string() {
        Some(text) => text,
        None => JSON::stringify(json)?.as_string().ok_or_else(|| thrown("a command is JSON"))?,
    };
    let command: Command =
        json::read(&text).map_err(|error| thrown(&format!("no command: {error}")))?;
    let given = player.ask(|model| match model.command(command) {
        Ok(redraw) => (Ok(JsValue::UNDEFINED), redraw),
        Err(message) => (Err(thrown(&message)), Redraw::None),
    });
    given.unwrap_or_else(|| Err(thrown("the page is busy")))
}

fn seek(player: &Player, ms: &JsValue) -> Answer {
    let to = ms.as_f64().filter(|ms| (0.0..=LATEST.as_millis() as f64).contains(ms));
    let to = to.ok_or_else(|| thrown("seek takes milliseconds, from 0 to one day"))?;
    player.send(Msg::Seek(Instant::from_millis(to as u64)));
    player.ask(|model| ((), model.arrive()));
    Ok(JsValue::UNDEFINED)
}

/// Plays at a speed, or at the present one.
fn play(player: &Player, speed: &JsValue) -> Answer {
    if !speed.is_undefined() && !speed.is_null() {
        let times = speed.as_f64().filter(|times| *times > 0.0);
        let times = times.ok_or_else(|| thrown("play takes a speed above 0"))?;
        player.send(Msg::SetSpeed(Speed::new(times)));
    }
    player.send(Msg::Play);
    Ok(JsValue::UNDEFINED)
}
