//! The state of the page as plain values, and the one function that changes it.
//!
//! Everything that a hand, a key or a program asks for is a [`Msg`]; [`Model::update`] carries it
//! out and says what has to be drawn again. What must happen outside (the address bar, storage,
//! the clipboard) leaves as an [`Errand`]. Nothing here knows Yew or a browser, so all of it is
//! tested natively.

mod actions;
mod advance;
mod announce;
mod bookmark;
mod compare;
mod doors;
mod keys;
mod lesson;
mod letters;
mod msg;
mod narrate;
mod palette;
mod redraw;
mod route;
mod selection;
mod speed;
mod travel;
mod until;
mod update;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::engine::Instant;
use crate::lessons::{Catalogue, SOURCE_LANGUAGE, Saved};
use crate::simulation::{Observation, Run, Scenario, Timeline, World};

pub use actions::{Action, ActionKind};
pub use announce::{Announcer, Mood, Offer, Toast, Toasts};
pub use bookmark::Held;
pub use compare::Rivals;
pub use keys::{KEYS, Key};
pub use lesson::{LAST_RUN_KEY, LessonState, LessonTab, PROGRESS_KEY};
pub use letters::{Draft, Letters, replay};
pub use msg::{Errand, Msg};
use narrate::Told;
pub use palette::Entry;
pub use redraw::Redraw;
pub use route::Route;
pub use selection::Selection;
pub use speed::Speed;
pub use until::{Running, Until};
pub use update::shifted;

/// A set of colours, by its place in [`Theme::NAMES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme(usize);

impl Theme {
    /// As style sheets and storage name them, dark and light in turn.
    pub const NAMES: [&str; 4] = ["dark", "light", "dark-high", "light-high"];

    pub fn named(name: &str) -> Theme {
        Theme(Theme::NAMES.iter().position(|known| *known == name).unwrap_or_default())
    }

    pub fn name(self) -> &'static str {
        Theme::NAMES[self.0]
    }

    pub fn words(self) -> &'static str {
        ["dark", "light", "high contrast, dark", "high contrast, light"][self.0]
    }

    pub fn is_dark(self) -> bool {
        self.0.is_multiple_of(2)
    }

    pub fn next(self) -> Theme {
        Theme((self.0 + 1) % Theme::NAMES.len())
    }
}

/// What can lie over the page or slide in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The command palette.
    Palette,
    Help,
    /// Links and files of the run.
    Share,
    /// The choices of "Run until".
    RunUntil,
    /// On narrow screens: the whole lesson.
    Sheet,
}

/// A dialog that says what went wrong, what is safe and what can be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub title: String,
    pub text: String,
    /// The part of a damaged link that could be read.
    pub rescued: Option<Run>,
}

/// Everything that the page shows.
#[derive(Debug)]
pub struct Model {
    pub timeline: Timeline,
    pub playing: bool,
    pub speed: Speed,
    pub running: Option<Running>,
    /// The moment that is being travelled to, while it is not reached.
    pub destination: Option<Instant>,
    pub route: Route,
    pub selection: Option<Selection>,
    /// The order that is followed wherever it goes.
    pub followed: Option<u32>,
    /// The dead letters that are chosen or edited.
    pub letters: Letters,
    /// The bookmark of a group that is being dragged.
    pub held: Option<Held>,
    pub theme: Theme,
    /// For a wall: large type, and beside the stage only what is told about it.
    pub presenting: bool,
    /// The lesson is laid out as a document, with all of its parts.
    pub printing: bool,
    pub reduced_motion: bool,
    pub layer: Option<Layer>,
    pub notice: Option<Notice>,
    /// The run beside this one, while two are compared.
    pub rivals: Option<Rivals>,
    /// The instruments are open, in the place of the inspector.
    pub instruments: bool,
    /// The moment at which they are read off, if it is not the present.
    pub reading: Option<Instant>,
    pub catalogue: Rc<Catalogue>,
    /// The page that waits for the lessons to be loaded.
    pub awaited: Option<Route>,
    /// The language in which lessons are read, where they are translated.
    pub language: &'static str,
    /// Questions of the interview whose model answer is shown, by their ids.
    pub revealed: Vec<String>,
    /// What was done in all lessons.
    pub saved: Saved,
    /// The lesson that is open; its world is the one that runs.
    pub lesson: Option<LessonState>,
    pub toasts: Toasts,
    pub announcer: Announcer,
    /// What of the world the announcer knows.
    told: Told,
    /// The run of the last visit, while it is offered.
    last_run: Option<Run>,
    errands: Vec<Errand>,
}

impl Model {
    /// A page on this scenario, at its start and paused.
    pub fn new(scenario: Rc<Scenario>) -> Model {
        let seed = scenario.seed;
        Model {
            timeline: Timeline::new(scenario, seed),
            playing: false,
            speed: Speed::NORMAL,
            running: None,
            destination: None,
            route: Route::Shop,
            selection: None,
            followed: None,
            letters: Letters::default(),
            held: None,
            theme: Theme::default(),
            presenting: false,
            printing: false,
            reduced_motion: false,
            layer: None,
            notice: None,
            rivals: None,
            instruments: false,
            reading: None,
            catalogue: Rc::new(Catalogue::embedded()),
            awaited: None,
            language: SOURCE_LANGUAGE,
            revealed: Vec::new(),
            saved: Saved::default(),
            lesson: None,
            toasts: Toasts::default(),
            announcer: Announcer::default(),
            told: Told::default(),
            last_run: None,
            errands: Vec::new(),
        }
    }

    /// The shop, running.
    pub fn shop() -> Model {
        Model { playing: true, ..Model::new(embedded("shop").expect("the shop is embedded")) }
    }

    pub fn world(&self) -> &World {
        self.timeline.world()
    }

    /// The first or the other of two runs that are compared; without a comparison there is one.
    pub fn side(&self, other: bool) -> Option<&Timeline> {
        match (other, &self.rivals) {
            (false, _) => Some(&self.timeline),
            (true, rivals) => rivals.as_ref().map(|rivals| &rivals.other),
        }
    }

    pub fn now(&self) -> Instant {
        self.timeline.now()
    }

    pub fn observe(&self) -> Observation {
        self.world().observe()
    }

    /// Takes the wall clock in milliseconds, for what leaves or speaks by itself.
    pub fn clock(&mut self, now: f64) -> Redraw {
        if self.destination.is_none() && self.announcer.listens(now) {
            self.narrate();
        }
        let (spoke, left) = (self.announcer.clock(now), self.toasts.clock(now));
        if spoke || left { Redraw::Panels } else { Redraw::None }
    }

    /// What is to be done outside, oldest first; it is then forgotten here.
    pub fn take_errands(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.errands)
    }
}

/// A scenario that comes with the program.
pub fn embedded(name: &str) -> Option<Rc<Scenario>> {
    Scenario::embedded(name)
}
