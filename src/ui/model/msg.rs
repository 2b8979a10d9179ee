//! What can be asked of the page, by hand, by key or by program.

use crate::engine::Instant;
use crate::simulation::Command;

use super::{Layer, Offer, Route, Selection, Speed, Until};

#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// A touch of the world.
    Command(Command),
    Play,
    Pause,
    TogglePlay,
    SetSpeed(Speed),
    Faster,
    Slower,
    Step,
    StepBack,
    Seek(Instant),
    /// Goes on by so many milliseconds, or back.
    SeekBy(i64),
    NextMarker,
    PreviousMarker,
    RunUntil(Until),
    Fork,
    /// Goes over to another future, by its place in the list of branches.
    SwitchTo(u32),
    Select(Option<Selection>),
    /// Follows an order wherever it goes; `None` stops.
    Follow(Option<u32>),
    FollowNext,
    ToggleTheme,
    ReducedMotion(bool),
    Open(Layer),
    Close(Layer),
    /// `Esc`: closes what lies on top.
    Back,
    /// The address has changed.
    Visit(Route),
    /// Starts the scenario anew with another seed.
    Reseed(u64),
    Share,
    /// Opens the part of a damaged link that could be read.
    OpenRescued,
    Accept(Offer),
    Dismiss(u32),
    /// Something went wrong outside the model: storage, clipboard.
    Trouble {
        title: String,
        text: String,
    },
    Copied,
}

/// What the page must do outside the model after a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Writes the address bar.
    Go(Route),
    /// Puts a text on the clipboard.
    Copy(String),
    /// Keeps a value under a key in the browser.
    Keep(&'static str, String),
    /// Shows the theme.
    Theme,
}
