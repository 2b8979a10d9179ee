//! The colours of the theme, read from the style sheet once per change.

use crate::ui::browser;
use crate::ui::scene::Tone;

/// Tokens in the order of [`place`].
const NAMES: [&str; 45] = [
    "--stage",
    "--line",
    "--line-2",
    "--edge",
    "--text",
    "--text-2",
    "--text-3",
    "--invert",
    "--log",
    "--log-text",
    "--log-zone",
    "--log-line",
    "--tape",
    "--cell-read",
    "--cell-some",
    "--cell-new",
    "--group-1",
    "--group-2",
    "--group-3",
    "--queue",
    "--queue-text",
    "--queue-zone",
    "--queue-line",
    "--tray",
    "--pile",
    "--fail",
    "--fail-text",
    "--fail-line",
    "--fail-zone",
    "--ok",
    "--key-0",
    "--key-1",
    "--key-2",
    "--key-3",
    "--key-4",
    "--key-5",
    "--key-edge",
    "--card",
    "--font-ui",
    "--font-data",
    "--ink",
    "--broker-1",
    "--broker-2",
    "--broker-3",
    "--chalk",
];
const FONT_UI: usize = 38;
const FONT_DATA: usize = 39;
const INK: usize = 40;
const BROKERS: usize = 41;
const CHALK: usize = 44;
/// What is written on tokens is dark in both themes and what is written on badges is light, so
/// they are no tokens of a theme.
const INK_COLOUR: &str = "#10151b";
const CHALK_COLOUR: &str = "#fff";

/// Values of the tokens, and the fonts.
#[derive(Clone, Debug)]
pub struct Palette {
    values: Vec<String>,
}

impl Palette {
    pub fn read() -> Palette {
        let root = browser::document().document_element();
        let style =
            root.and_then(|root| browser::window().get_computed_style(&root).ok()).flatten();
        let value = |name: &&str| {
            let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
            value.unwrap_or_default().trim().to_owned()
        };
        let mut values: Vec<String> = NAMES.iter().map(value).collect();
        values[INK] = INK_COLOUR.to_owned();
        values[CHALK] = CHALK_COLOUR.to_owned();
        Palette { values }
    }

    pub fn colour(&self, tone: Tone) -> &str {
        &self.values[place(tone)]
    }

    pub fn font_ui(&self) -> &str {
        &self.values[FONT_UI]
    }

    pub fn font_data(&self) -> &str {
        &self.values[FONT_DATA]
    }
}

/// Where a tone stands among the names.
pub fn place(tone: Tone) -> usize {
    match tone {
        Tone::Stage => 0,
        Tone::Line => 1,
        Tone::Line2 => 2,
        Tone::Edge => 3,
        Tone::Text => 4,
        Tone::Text2 => 5,
        Tone::Text3 => 6,
        Tone::Invert => 7,
        Tone::Log => 8,
        Tone::LogText => 9,
        Tone::LogZone => 10,
        Tone::LogLine => 11,
        Tone::Tape => 12,
        Tone::CellRead => 13,
        Tone::CellSome => 14,
        Tone::CellNew => 15,
        Tone::Group(group) => 16 + usize::from(group.min(2)),
        Tone::Queue => 19,
        Tone::QueueText => 20,
        Tone::QueueZone => 21,
        Tone::QueueLine => 22,
        Tone::Tray => 23,
        Tone::Pile => 24,
        Tone::Fail => 25,
        Tone::FailText => 26,
        Tone::FailLine => 27,
        Tone::FailZone => 28,
        Tone::Ok => 29,
        Tone::Key(hue) => 30 + usize::from(hue.min(5)),
        Tone::KeyEdge => 36,
        Tone::Card => 37,
        Tone::Ink => INK,
        Tone::Chalk => CHALK,
        Tone::Broker(number) => BROKERS + (number.max(1) as usize - 1) % 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_stand_at_the_names_of_their_tokens() {
        let pairs = [
            (Tone::Group(2), "--group-3"),
            (Tone::Queue, "--queue"),
            (Tone::Key(5), "--key-5"),
            (Tone::Card, "--card"),
            (Tone::FailZone, "--fail-zone"),
            (Tone::Broker(3), "--broker-3"),
            (Tone::Broker(4), "--broker-1"),
        ];
        for (tone, name) in pairs {
            assert_eq!(NAMES[place(tone)], name);
        }
    }
}
