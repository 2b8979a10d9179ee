//! What the page asks of the browser. Natively, where tests render panels, there is none.

use gloo_events::EventListener;
use js_sys::Function;
use wasm_bindgen::JsCast;
use web_sys::{Clipboard, Document, File, HtmlElement, HtmlInputElement, Storage, Window};

/// Whether there is a browser around.
pub fn is_there() -> bool {
    cfg!(target_arch = "wasm32")
}

pub fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

pub fn document() -> Document {
    window().document().expect("a window has a document")
}

/// Milliseconds since the page was opened; 0 without a browser.
pub fn now() -> f64 {
    if !is_there() {
        return 0.0;
    }
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Has a function called in the next animation frame, with the time in milliseconds.
pub fn next_frame(function: &Function) {
    // The browser refuses only a thing that is no function.
    let _number = window().request_animation_frame(function);
}

pub fn is_hidden() -> bool {
    is_there() && document().hidden()
}

/// Whether a media query matches.
pub fn matches(query: &str) -> bool {
    let answer = window().match_media(query).ok().flatten();
    answer.is_some_and(|list| list.matches())
}

pub fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

/// The element of the whole document, which carries the theme.
pub fn root() -> HtmlElement {
    let root = document().document_element().expect("a document has a root");
    root.dyn_into().expect("the root of a page is an HTML element")
}

/// Writes the address bar; the page hears of it as of any link.
pub fn go(hash: &str) {
    // The browser refuses only when it is asked far too often, and the page is right without it.
    let _written = window().location().set_hash(hash);
}

/// Writes the address bar in place of what it says.
pub fn redirect(hash: &str) {
    // As above.
    let _written = window().location().replace(hash);
}

/// The whole address of a route of this page.
pub fn address(hash: &str) -> String {
    let href = window().location().href().unwrap_or_default();
    let page = href.split('#').next().unwrap_or_default();
    format!("{page}{hash}")
}

/// The clipboard, where the page is allowed to write to it.
pub fn clipboard() -> Option<Clipboard> {
    let clipboard = window().navigator().clipboard();
    // Without a secure origin there is none, whatever the type says.
    let there = !AsRef::<wasm_bindgen::JsValue>::as_ref(&clipboard).is_undefined();
    there.then_some(clipboard)
}

/// Offers a text as a file to be kept.
pub fn save(name: &str, text: &str) {
    let link = document().create_element("a").expect("a is the name of an element");
    let text = String::from(js_sys::encode_uri_component(text));
    // Names of attributes as these are never refused.
    let _href = link.set_attribute("href", &format!("data:application/json,{text}"));
    let _name = link.set_attribute("download", name);
    link.unchecked_into::<HtmlElement>().click();
}

/// Has the learner choose a file.
pub fn pick_file(chosen: impl FnOnce(File) + 'static) {
    let input = document().create_element("input").expect("input is the name of an element");
    let input: HtmlInputElement = input.unchecked_into();
    input.set_type("file");
    let asked = input.clone();
    let listener = EventListener::once(&input, "change", move |_| {
        if let Some(file) = asked.files().and_then(|files| files.get(0)) {
            chosen(file);
        }
    });
    listener.forget();
    input.click();
}

/// Reads a stored value; blocked storage is an error that says so.
pub fn load(key: &str) -> Result<Option<String>, String> {
    storage()?.get_item(key).map_err(|_| BLOCKED.to_owned())
}

pub fn store(key: &str, value: &str) -> Result<(), String> {
    let full = "the browser has no room left for it".to_owned();
    storage()?.set_item(key, value).map_err(|_| full)
}

const BLOCKED: &str = "the browser does not allow this page to keep anything";

fn storage() -> Result<Storage, String> {
    window().local_storage().ok().flatten().ok_or_else(|| BLOCKED.to_owned())
}
