//! The lessons: what is taught, as data.
//!
//! A lesson is a folder under `lessons/`: `lesson.json` (world, palette, steps with their goals),
//! `en.md` (every word that a learner reads, with translations beside it) and `code/` (the same thing for the real systems).
//! Adding a lesson touches no code. A [`Session`] watches a run through its observations and says
//! when a step is done; [`play`] does the same without a page.
//!
//! Not here: drawing, storage, clocks. This layer reads the simulation and is read by the page.

mod audit;
mod built;
mod catalogue;
mod claim;
mod code;
mod document;
mod goal;
mod interview;
mod lesson;
mod markdown;
mod outline;
mod palette;
mod play;
mod progress;
mod record;
mod saved;
mod session;
mod text;
mod watch;
mod world;

pub use audit::{audit_claims, audit_files, audit_moves, audit_solution};
pub use catalogue::{Catalogue, Chapter, Entry};
pub use claim::{Claim, Compare, Moment, Source};
pub use code::{CodeLine, CodePart, CodeSample};
pub use document::{
    CodeFile, Document, Family, Mistake, Move, Predict, Question, Ready, Route, Shows, Step, Unit,
};
pub use goal::{Bound, Goal, Leaf, Share};
pub use interview::InterviewQuestion;
pub use lesson::{Files, LANGUAGES, Lesson, LessonError, SOURCE_LANGUAGE};
pub use palette::Palette;
pub use play::{Moves, StepVerdict, Verdict, play, play_moves};
pub use progress::Progress;
pub use record::{Record, StepRecord};
pub use saved::{Opened, Saved, SavedError, Standing};
pub use session::{Done, Progressed, Session};
pub use text::{Block, Choice, PredictText, QuizText, Section, Span, Spans, StepText, Text, plain};
pub use world::WorldSpec;
