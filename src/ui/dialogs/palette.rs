//! The command palette: type a few letters, press Enter.

use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::{Callback, Html, InputEvent, Properties, TargetCast, component, html, use_state};

use crate::ui::model::{Entry, Layer, Msg};
use crate::ui::parts::{IconName, icon};
use crate::ui::player::Player;

use super::Dialog;

#[derive(Debug, PartialEq, Properties)]
pub struct CommandPaletteProps {
    pub player: Player,
    pub send: Callback<Msg>,
}

#[component]
pub fn CommandPalette(props: &CommandPaletteProps) -> Html {
    let typed = use_state(String::new);
    let place = use_state(|| 0usize);
    let entries = props.player.read(|model| model.palette(&typed));
    let chosen = (*place).min(entries.len().saturating_sub(1));
    let run = {
        let send = props.send.clone();
        Callback::from(move |entry: Entry| {
            send.emit(Msg::Close(Layer::Palette));
            send.emit(entry.msg);
        })
    };
    let oninput = {
        let (typed, place) = (typed.clone(), place.clone());
        move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            typed.set(input.value());
            place.set(0);
        }
    };
    let onkeydown = {
        let (place, run) = (place.clone(), run.clone());
        let (entry, last) = (entries.get(chosen).cloned(), entries.len().saturating_sub(1));
        move |event: KeyboardEvent| match (event.key().as_str(), &entry) {
            ("ArrowDown", _) => {
                event.prevent_default();
                place.set((chosen + 1).min(last));
            }
            ("ArrowUp", _) => {
                event.prevent_default();
                place.set(chosen.saturating_sub(1));
            }
            ("Enter", Some(entry)) => {
                event.prevent_default();
                run.emit(entry.clone());
            }
            _ => {}
        }
    };
    html! {
        <Dialog name="All commands" class="dialog palette" send={props.send.clone()}>
            <div class="p-in">
                { icon(IconName::Cmd) }
                <input
                    type="text"
                    role="combobox"
                    aria-label="Command"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-activedescendant={format!("palette-{chosen}")}
                    placeholder="Kill, slow, rewind…"
                    autocomplete="off"
                    spellcheck="false"
                    data-first=""
                    {oninput}
                    {onkeydown}
                />
            </div>
            <ul id="palette-list" role="listbox" aria-label="Commands">
                { for entries.iter().enumerate().map(|(index, entry)| {
                    item(index, entry, index == chosen, &run)
                }) }
            </ul>
            if entries.is_empty() {
                <p class="p-none">{ "No command has these words." }</p>
            }
        </Dialog>
    }
}

fn item(index: usize, entry: &Entry, chosen: bool, run: &Callback<Entry>) -> Html {
    let onclick = {
        let entry = entry.clone();
        run.reform(move |_: yew::MouseEvent| entry.clone())
    };
    html! {
        <li
            id={format!("palette-{index}")}
            role="option"
            aria-selected={chosen.to_string()}
            class={chosen.then_some("on")}
            {onclick}
        >
            <span>{ &entry.label }</span>
            if !entry.key.is_empty() {
                <kbd>{ entry.key }</kbd>
            }
        </li>
    }
}
