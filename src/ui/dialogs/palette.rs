//! The command palette: type a few letters, press Enter.

use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::{Callback, Html, InputEvent, MouseEvent, Properties, TargetCast, component, use_state};

use crate::ui::model::{Entry, Layer, Msg};
use crate::ui::parts::{IconName, Node, el, fragment, icon, text};
use crate::ui::player::Player;

use super::dialog;

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
        let (typed, place, run) = (typed.clone(), place.clone(), run.clone());
        let (player, last) = (props.player.clone(), entries.len().saturating_sub(1));
        move |event: KeyboardEvent| match event.key().as_str() {
            "ArrowDown" => {
                event.prevent_default();
                place.set((chosen + 1).min(last));
            }
            "ArrowUp" => {
                event.prevent_default();
                place.set(chosen.saturating_sub(1));
            }
            "Enter" => {
                event.prevent_default();
                // Whoever types fast is ahead of what is drawn.
                let input: HtmlInputElement = event.target_unchecked_into();
                let words = input.value();
                let chosen = if words == *typed { chosen } else { 0 };
                let entry = player.read(|model| model.palette(&words)).into_iter().nth(chosen);
                entry.into_iter().for_each(|entry| run.emit(entry));
            }
            _ => {}
        }
    };
    let input = el("input")
        .attr("type", "text")
        .role("combobox")
        .label("Command")
        .attr("aria-expanded", !entries.is_empty())
        .attr("aria-controls", "palette-list")
        .attr("aria-activedescendant", (!entries.is_empty()).then(|| format!("palette-{chosen}")))
        .attr("placeholder", "Kill, slow, rewind…")
        .attr("autocomplete", "off")
        .attr("spellcheck", false)
        .attr("data-first", "")
        .oninput(oninput)
        .onkeydown(onkeydown);
    let item = |(index, entry): (usize, &Entry)| item(index, entry, index == chosen, &run);
    let list = el("ul")
        .attr("id", "palette-list")
        .role("listbox")
        .label("Commands")
        .children(entries.iter().enumerate().map(item));
    let none =
        entries.is_empty().then(|| text("p.p-none", "No command has these words.").role("status"));
    let content = fragment()
        .child(el("div.p-in").child(icon(IconName::Cmd)).child(input))
        .child(list)
        .child(none);
    dialog("All commands", "palette", content, &props.send).into()
}

fn item(index: usize, entry: &Entry, chosen: bool, run: &Callback<Entry>) -> Node {
    let onclick = {
        let entry = entry.clone();
        run.reform(move |_: MouseEvent| entry.clone())
    };
    el("li")
        .attr("id", format!("palette-{index}"))
        .role("option")
        .attr("aria-selected", chosen)
        .class_if(chosen, "on")
        .onclick(onclick)
        .child(text("span", &entry.label))
        .child((!entry.key.is_empty()).then(|| text("kbd", entry.key)))
}
