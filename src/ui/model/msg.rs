//! What can be asked of the page, by hand, by key or by program.

use std::rc::Rc;

use crate::engine::Instant;
use crate::simulation::Command;

use super::{Draft, Held, Layer, LessonTab, Offer, Route, Selection, Speed, Theme, Until};

#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// A touch of the world.
    Command(Command),
    /// Takes the last command back.
    Undo,
    /// Gives the command again that was taken back last.
    Redo,
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
    /// Compares the present future with another one.
    Compare(u32),
    /// Leaves a comparison for one of its runs: the first or the other.
    OpenCompared(bool),
    Select(Option<Selection>),
    /// Follows an order wherever it goes; `None` stops.
    Follow(Option<u32>),
    FollowNext,
    /// Chooses a dead letter by its id, or no longer.
    Choose(Rc<str>),
    /// Edits a dead letter; `None` leaves it as it was.
    Edit(Option<Draft>),
    /// Replays dead letters of a queue by their ids.
    Replay(Rc<str>, Vec<Rc<str>>),
    /// Replays the letter of a queue that was edited.
    ReplayEdited(Rc<str>),
    /// A group's bookmark is dragged to a place, or let fall where it was.
    Hold(Option<Held>),
    /// The bookmark is put down: the group's offsets are reset to where it is.
    LetGo,
    /// Opens or closes the instruments beside the stage.
    Instruments(bool),
    /// Reads the instruments off at a moment; `None` at the present again.
    Read(Option<Instant>),
    /// The next theme.
    ToggleTheme,
    /// The system has another theme.
    Theme(Theme),
    /// Large type for a wall, or no longer.
    Present,
    /// The browser prints the page, or has.
    Printing(bool),
    ReducedMotion(bool),
    Open(Layer),
    Close(Layer),
    /// `Esc`: closes what lies on top.
    Back,
    /// Goes to another page, as a link would.
    Go(Route),
    /// The address has changed.
    Visit(Route),
    /// Opens an embedded scenario at its start.
    OpenScenario(&'static str),
    /// Asks for a fresh seed and starts the scenario anew with it.
    NewSeed,
    /// Starts the scenario anew with this seed.
    Reseed(u64),
    Share,
    /// Writes the run into a file.
    SaveRun,
    /// Asks which file to open.
    PickFile,
    /// Opens a run from what a file says.
    OpenText(String),
    /// Opens the part of a damaged link that could be read.
    OpenRescued,
    /// The lessons are loaded, packed as the build script does it, or why they are not.
    Lessons(Result<String, String>),
    /// Reads lessons in this language.
    Language(&'static str),
    /// Gives the commands of one of the present step's choices, by its place.
    Choice(usize),
    /// Keeps what the learner wrote under a key.
    Note(String, String),
    SaveProgress,
    /// Another tab has kept this progress.
    Kept(String),
    /// Shows the model answer to a question of the interview, by its id.
    Reveal(String),
    /// Plays the experiment of such a question.
    Experiment(String),
    Tab(LessonTab),
    Predict(String),
    Answer {
        question: String,
        option: String,
    },
    Hint,
    /// Opens or closes the text of a step, by its place.
    OpenStep(usize),
    /// Shows a sample of code, by its place.
    Sample(usize),
    /// Puts a text on the clipboard.
    CopyText(String),
    RestartLesson,
    ForgetLesson,
    Accept(Offer),
    Dismiss(u32),
    /// Something went wrong outside the model: storage, clipboard.
    Trouble {
        title: String,
        text: String,
    },
    /// A text is on the clipboard.
    Copied {
        link: bool,
    },
}

/// What the page must do outside the model after a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Writes the address bar.
    Go(Route),
    /// Writes it in place of an address that led here, to which there is no way back.
    Redirect(Route),
    /// Puts a link to a route on the clipboard.
    CopyLink(Route),
    /// Puts a text on the clipboard.
    Copy(String),
    /// Saves a text as a file of this name.
    Save(String, String),
    /// Asks for a file, whose text comes back.
    PickFile,
    /// Keeps a value under a key in the browser.
    Keep(&'static str, String),
    /// Draws a fresh seed and starts anew with it.
    Seed,
    /// Gives the root of the document, for style sheets, a value under a name, and keeps it.
    Look(&'static str, &'static str),
}
