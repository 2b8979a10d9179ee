//! The keyboard: which key asks for what.

use std::rc::Rc;

use crate::simulation::Command;

use super::{Layer, Model, Msg, Selection};

/// A key that was pressed, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// As the browser names it: `Enter`, `k`, `?`.
    pub key: String,
    pub ctrl: bool,
    pub shift: bool,
    pub alt: bool,
    /// The focus is in a field that takes text.
    pub typing: bool,
    /// The focus is on something that Enter and Space press.
    pub on_button: bool,
    /// The service whose card has the focus.
    pub service: Option<Rc<str>>,
}

/// The sheet of keys, in the order in which they are taught.
pub const KEYS: [(&str, &str); 28] = [
    ("Space", "play or pause"),
    (". ,", "step one event forward, back"),
    ("[ ]", "slower, faster"),
    ("← →", "on the time bar: 1 s; with Shift 10 s"),
    ("Home End", "on the time bar: the start, the furthest moment"),
    ("M", "next marker; with Shift the previous one"),
    ("U", "run until"),
    ("B", "fork here"),
    ("C", "compare with the newest other future"),
    ("I", "the instruments; arrows read them off, Enter goes there"),
    ("Tab", "regions, then cards in the order of flow"),
    ("Enter", "select"),
    ("K", "kill or restart the selected service"),
    ("S", "slow it, or bring it back to pace"),
    ("P", "poison its next message"),
    ("+ -", "one instance more, less"),
    ("Ctrl Z", "take the last command back; with Shift give it again"),
    ("F", "follow an order"),
    ("1 to 9", "a step of the lesson"),
    ("H", "the next hint"),
    ("L", "all lessons"),
    ("T", "next theme"),
    ("W", "presenter mode, or out of it"),
    ("Y", "copy a link to this run"),
    ("Ctrl P", "print the lesson"),
    ("Ctrl K", "every command by name"),
    ("?", "this sheet"),
    ("Esc", "back"),
];

impl Model {
    /// What a key asks for; `None` leaves it to the browser.
    pub fn key(&self, key: &Key) -> Option<Msg> {
        if key.ctrl && key.key.eq_ignore_ascii_case("k") {
            return Some(Msg::Open(Layer::Palette));
        }
        if key.ctrl && !key.typing && key.key.eq_ignore_ascii_case("z") {
            return Some(if key.shift { Msg::Redo } else { Msg::Undo });
        }
        if key.key == "Escape" {
            return Some(Msg::Back);
        }
        // While a dialog is open its own keys count; Ctrl and Alt belong to the browser.
        let busy = matches!(self.layer, Some(Layer::Palette | Layer::Help | Layer::Share))
            || self.notice.is_some();
        if key.typing || key.ctrl || key.alt || busy {
            return None;
        }
        match key.key.as_str() {
            " " if !key.on_button => Some(Msg::TogglePlay),
            "." => Some(Msg::Step),
            "," => Some(Msg::StepBack),
            "[" => Some(Msg::Slower),
            "]" => Some(Msg::Faster),
            "m" => Some(Msg::NextMarker),
            "M" => Some(Msg::PreviousMarker),
            "u" => Some(Msg::Open(Layer::RunUntil)),
            "b" => Some(Msg::Fork),
            "c" => Some(Msg::Compare(self.newest_future())),
            "i" => Some(Msg::Instruments(!self.instruments)),
            "t" => Some(Msg::ToggleTheme),
            "w" => Some(Msg::Present),
            "f" => Some(self.follow_key()),
            "l" => Some(Msg::Go(super::Route::Lessons)),
            "y" => Some(Msg::Share),
            "h" => Some(Msg::Hint),
            digit @ ("1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9") => {
                let step = digit.parse::<usize>().ok()?;
                self.lesson.is_some().then_some(Msg::OpenStep(step - 1))
            }
            "?" => Some(Msg::Open(Layer::Help)),
            other => self.service_key(other, key.service.as_ref()),
        }
    }

    fn follow_key(&self) -> Msg {
        match (&self.selection, self.followed) {
            (_, Some(_)) => Msg::Follow(None),
            (Some(Selection::Order(number)), None) => Msg::Follow(Some(*number)),
            (_, None) => Msg::FollowNext,
        }
    }

    fn newest_future(&self) -> u32 {
        (self.timeline.branches().len() as u32).saturating_sub(1)
    }

    /// Keys that touch a service: the one whose card has the focus, or the selected one.
    fn service_key(&self, key: &str, focused: Option<&Rc<str>>) -> Option<Msg> {
        let selected = match &self.selection {
            Some(Selection::Service(id)) => Some(id),
            _ => None,
        };
        let service = focused.or(selected)?.clone();
        let instances = self.world().service(&service)?.instances.len() as u32;
        let command = match key {
            "+" => Command::Instances { service, count: instances + 1 },
            "-" if instances > 1 => Command::Instances { service, count: instances - 1 },
            _ => {
                let mut actions = self.actions(&Selection::Service(service)).into_iter();
                actions.find(|one| one.key.eq_ignore_ascii_case(key))?.command
            }
        };
        Some(Msg::Command(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::model::Route;

    /// Keys of the browser and of the part that has the focus.
    const ELSEWHERE: [&str; 7] = ["←", "→", "Home", "End", "Tab", "Enter", "Ctrl P"];

    /// The sheet, one entry a key.
    fn sheet() -> Vec<String> {
        let mut keys = Vec::new();
        for (caps, _) in KEYS {
            match caps {
                "1 to 9" => keys.extend((1..=9).map(|digit| digit.to_string())),
                one if one.starts_with("Ctrl ") => keys.push(one.to_owned()),
                caps => keys.extend(caps.split(' ').map(str::to_owned)),
            }
        }
        keys.retain(|key| !ELSEWHERE.contains(&key.as_str()));
        keys.sort();
        keys
    }

    /// Every key that does something while a service of a lesson is selected.
    fn answered() -> Vec<String> {
        let mut model = Model::shop();
        model.update(Msg::Visit(Route::Lesson("acknowledge".to_owned())));
        model.update(Msg::Select(Some(Selection::Service("email".into()))));
        model.update(Msg::Command(Command::Instances { service: "email".into(), count: 2 }));
        let named = ["Escape".to_owned(), "Home".to_owned(), "F1".to_owned()];
        let printed = (' '..='~').map(|one| one.to_string());
        let mut found = Vec::new();
        for key in printed.chain(named) {
            for ctrl in [false, true] {
                let pressed = Key { key: key.clone(), ctrl, ..Key::default() };
                if model.key(&pressed).is_some() {
                    let cap = match key.as_str() {
                        " " => "Space".to_owned(),
                        "Escape" => "Esc".to_owned(),
                        one => one.to_ascii_uppercase(),
                    };
                    let held = ctrl && key != "Escape";
                    found.push(if held { format!("Ctrl {cap}") } else { cap });
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn the_sheet_has_every_key_that_is_answered_and_no_other() {
        assert_eq!(sheet(), answered());
    }
}
