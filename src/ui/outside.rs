//! The page's ties to the browser: address, keys, storage, clipboard, theme, and programs.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, Element, File, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::lessons::LANGUAGES;

use super::model::{Errand, Key, LAST_RUN_KEY, Model, Msg, PROGRESS_KEY, Route, Theme};
use super::player::Player;
use super::{api, browser};

/// A player on what the browser kept and the address asks for, with its ties.
pub fn start() -> Player {
    let mut model = Model::shop();
    model.theme = shown_theme();
    model.presenting = browser::root().dataset().get("presenting").is_some_and(|on| on == "on");
    model.reduced_motion = browser::matches("(prefers-reduced-motion: reduce)");
    let kept = browser::root().dataset().get("language");
    let known = LANGUAGES.into_iter().find(|one| kept.as_deref() == Some(*one));
    model.language = known.unwrap_or(model.language);
    restore(&mut model);
    let player = Player::new(model);
    player.on_errand({
        let player = player.clone();
        Rc::new(move |errand| run(&player, errand))
    });
    let route = Route::parse(&browser::hash());
    if route != Route::Shop {
        player.send(Msg::Visit(route));
    }
    api::install(&player);
    player
}

/// The boot script loads the lessons behind the page and leaves its promise of them here. The page
/// has to be there to hear of it.
fn load_lessons(player: &Player) {
    let player = player.clone();
    spawn_local(async move {
        let promise = js_sys::Reflect::get(&browser::window(), &"ackademyLessons".into());
        let loaded = match promise.and_then(|promise| promise.dyn_into::<js_sys::Promise>()) {
            Ok(promise) => JsFuture::from(promise).await,
            Err(missing) => Err(missing),
        };
        let words = |value: JsValue| value.as_string().unwrap_or_default();
        player.send(Msg::Lessons(loaded.map(words).map_err(words)));
    });
}

/// The theme that `theme.js` has put on the page.
fn shown_theme() -> Theme {
    Theme::named(&browser::root().dataset().get("theme").unwrap_or_default())
}

/// Progress and the last run. Blocked or damaged storage is said once, and the page goes on.
fn restore(model: &mut Model) {
    match browser::load(PROGRESS_KEY) {
        Ok(Some(stored)) => model.restore_progress(&stored),
        Ok(None) => {}
        Err(why) => {
            model.update(not_kept(&why));
        }
    }
    if let Ok(Some(stored)) = browser::load(LAST_RUN_KEY) {
        model.restore_last_run(&stored);
    }
}

fn not_kept(why: &str) -> Msg {
    Msg::Trouble {
        title: "Progress is not kept".to_owned(),
        text: format!("{why}; everything else works"),
    }
}

fn run(player: &Player, errand: Errand) {
    match errand {
        Errand::Go(route) => browser::go(&route.to_string()),
        Errand::Redirect(route) => browser::redirect(&route.to_string()),
        Errand::CopyLink(route) => copy(player, browser::address(&route.to_string()), true),
        Errand::Copy(text) => copy(player, text, false),
        Errand::Keep(key, value) => {
            if let Err(why) = browser::store(key, &value) {
                player.send(not_kept(&why));
            }
        }
        Errand::Save(name, text) => browser::save(&name, &text),
        Errand::PickFile => {
            let player = player.clone();
            browser::pick_file(move |file| open(&player, file));
        }
        Errand::Seed => match fresh_seed() {
            Ok(seed) => player.send(Msg::Reseed(seed)),
            Err(text) => player.send(Msg::Trouble { title: "No seed".to_owned(), text }),
        },
        Errand::Look(name, value) => {
            // The root always takes an attribute; storage may not, and the choice then lasts for
            // this visit.
            let _shown = browser::root().dataset().set(name, value);
            let _kept = browser::store(&format!("ackademy.{name}"), value);
            player.request_frame();
        }
    }
}

/// A seed small enough to be read out.
fn fresh_seed() -> Result<u64, String> {
    const DIGITS: u64 = 1_000_000;
    let drawn = getrandom::u64().map_err(|error| error.to_string())?;
    Ok(drawn % DIGITS)
}

fn copy(player: &Player, text: String, link: bool) {
    let player = player.clone();
    spawn_local(async move {
        match browser::clipboard() {
            Some(clipboard) if JsFuture::from(clipboard.write_text(&text)).await.is_ok() => {
                player.send(Msg::Copied { link });
            }
            Some(_) | None => player.send(Msg::Trouble {
                title: "Not copied".to_owned(),
                text: format!("the browser does not allow it; here it is: {text}"),
            }),
        }
    });
}

/// Opens the run that a file holds.
fn open(player: &Player, file: File) {
    let player = player.clone();
    spawn_local(async move {
        // What cannot be read is an empty text, which is no run.
        let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
        player.send(Msg::OpenText(text.unwrap_or_default()));
    });
}

/// A file that is dropped on the page is opened, instead of leaving the page for it.
fn drops(player: &Player, event: &'static str) -> EventListener {
    let player = player.clone();
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&browser::document(), event, options, move |event| {
        let Some(event) = event.dyn_ref::<DragEvent>() else {
            return;
        };
        event.prevent_default();
        let dropped = event.data_transfer().and_then(|data| data.files());
        if event.type_() == "drop"
            && let Some(file) = dropped.and_then(|files| files.get(0))
        {
            open(&player, file);
        }
    })
}

/// Listens to what happens around the page for as long as the listeners are kept.
pub fn listen(player: &Player) -> Vec<EventListener> {
    load_lessons(player);
    let (window, document) = (browser::window(), browser::document());
    let on = |target: &web_sys::EventTarget, name: &'static str, act: fn(&Player)| {
        let player = player.clone();
        EventListener::new(target, name, move |_| act(&player))
    };
    let keys = {
        let player = player.clone();
        let options = EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(&document, "keydown", options, move |event| {
            if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
                press(&player, event);
            }
        })
    };
    vec![
        keys,
        drops(player, "dragover"),
        drops(player, "drop"),
        on(&window, "hashchange", |player| {
            let route = Route::parse(&browser::hash());
            if player.read(|model| model.route != route) {
                player.send(Msg::Visit(route));
            }
        }),
        on(&document, "visibilitychange", |player| {
            player.visibility_changed();
            if browser::is_hidden() {
                keep_run(player);
            }
        }),
        on(&window, "pagehide", keep_run),
        on(&window, "storage", take_over),
        on(&window, "resize", Player::request_frame),
        on(&window, "theme", |player| player.send(Msg::Theme(shown_theme()))),
        on(&window, "beforeprint", |player| player.send(Msg::Printing(true))),
        on(&window, "afterprint", |player| player.send(Msg::Printing(false))),
    ]
}

/// Another tab has kept something: what it did is done here too, and is not written over.
fn take_over(player: &Player) {
    if let Ok(Some(stored)) = browser::load(PROGRESS_KEY) {
        player.send(Msg::Kept(stored));
    }
}

/// Keeps the run for the next visit. That it cannot be kept is not worth a word when one leaves.
fn keep_run(player: &Player) {
    let run = player.read(Model::own_run);
    if !run.inputs.is_empty() {
        let _kept = browser::store(LAST_RUN_KEY, &run.to_json());
    }
}

fn press(player: &Player, event: &KeyboardEvent) {
    if event.default_prevented() {
        return;
    }
    let focused = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let key = Key {
        key: event.key(),
        ctrl: event.ctrl_key() || event.meta_key(),
        shift: event.shift_key(),
        alt: event.alt_key(),
        typing: focused.as_ref().is_some_and(takes_text),
        on_button: focused.as_ref().is_some_and(is_pressed_by_space),
        service: focused.as_ref().and_then(service_of),
    };
    if let Some(msg) = player.read(|model| model.key(&key)) {
        event.prevent_default();
        player.send(msg);
    }
}

fn takes_text(element: &Element) -> bool {
    match element.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => {
            let kind = element.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::type_);
            !matches!(kind.as_deref(), Some("range" | "radio" | "checkbox"))
        }
        _ => element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable),
    }
}

fn is_pressed_by_space(element: &Element) -> bool {
    match element.tag_name().as_str() {
        // A selected part of the stage has nothing left to press: the space bar plays.
        "BUTTON" => !(element.id().starts_with("stage-") && is_pressed(element)),
        "A" | "SUMMARY" => true,
        "INPUT" => element
            .dyn_ref::<HtmlInputElement>()
            .is_some_and(|input| matches!(input.type_().as_str(), "radio" | "checkbox")),
        _ => false,
    }
}

fn is_pressed(element: &Element) -> bool {
    element.get_attribute("aria-pressed").as_deref() == Some("true")
}

/// The service on whose card the focus is.
fn service_of(element: &Element) -> Option<Rc<str>> {
    let card = element.closest("[data-service]").ok().flatten()?;
    card.get_attribute("data-service").map(|id| id.as_str().into())
}

/// An error as JavaScript throws it.
pub(super) fn thrown(message: &str) -> JsValue {
    js_sys::Error::new(message).into()
}
