//! The icons: uses of the symbols in `index.html`.

use super::{Node, el};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Play,
    Pause,
    Step,
    Back,
    Rewind,
    Fork,
    Flag,
    Share,
    Sun,
    Moon,
    Help,
    Power,
    Check,
    Close,
    Bulb,
    Tape,
    Tray,
    Bolt,
    Skull,
    Snail,
    Dice,
    Plus,
    Minus,
    Arrow,
    Lock,
    Cmd,
    Cut,
}

impl IconName {
    fn href(self) -> &'static str {
        match self {
            IconName::Play => "#i-play",
            IconName::Pause => "#i-pause",
            IconName::Step => "#i-step",
            IconName::Back => "#i-back",
            IconName::Rewind => "#i-rewind",
            IconName::Fork => "#i-fork",
            IconName::Flag => "#i-flag",
            IconName::Share => "#i-share",
            IconName::Sun => "#i-sun",
            IconName::Moon => "#i-moon",
            IconName::Help => "#i-help",
            IconName::Power => "#i-power",
            IconName::Check => "#i-check",
            IconName::Close => "#i-close",
            IconName::Bulb => "#i-bulb",
            IconName::Tape => "#i-tape",
            IconName::Tray => "#i-tray",
            IconName::Bolt => "#i-bolt",
            IconName::Skull => "#i-skull",
            IconName::Snail => "#i-snail",
            IconName::Dice => "#i-dice",
            IconName::Plus => "#i-plus",
            IconName::Minus => "#i-minus",
            IconName::Arrow => "#i-arrow",
            IconName::Lock => "#i-lock",
            IconName::Cmd => "#i-cmd",
            IconName::Cut => "#i-cut",
        }
    }
}

/// An icon; words stand beside it, or its control has a name.
pub fn icon(name: IconName) -> Node {
    symbol("svg.i", name.href())
}

/// A drawing that is a use of a symbol, for those who see it.
pub fn symbol(name: &'static str, href: &'static str) -> Node {
    el(name).attr("aria-hidden", true).child(el("use").attr("href", href))
}
