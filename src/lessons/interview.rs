//! The interview check: questions that people are asked, with model answers, red flags and an
//! experiment for each.
//!
//! `interview.json` has the questions in their order, `en.md` the words: under the heading of each
//! question the question itself, then `### Answer`, `### Red flags` (a list) and `### Experiment`.

use std::rc::Rc;

use super::document::Move;
use super::lesson::{Files, LessonError};
use super::outline::{self, Children};
use super::text::{Block, Section, Spans};
use super::world::WorldSpec;
use crate::engine::Instant;
use crate::json::document;
use crate::simulation::Timeline;

document! {
    struct Document {
        questions: Vec<QuestionSpec>,
    }
}

document! {
    struct QuestionSpec {
        id: String,
        /// The lesson in which it is learnt, by its slug.
        lesson: String,
        /// The world of the experiment, and what is done to it by itself.
        world: WorldSpec,
        moves: Vec<Move> = Vec::new(),
        /// Virtual seconds per second.
        speed: u32 = 10,
    }
}

#[derive(Clone, Debug)]
pub struct InterviewQuestion {
    pub id: String,
    pub lesson: String,
    pub question: Vec<Block>,
    pub answer: Vec<Block>,
    pub red_flags: Vec<Spans>,
    /// What is to be seen.
    pub experiment: Vec<Block>,
    pub speed: u32,
    world: WorldSpec,
    moves: Vec<Move>,
}

impl InterviewQuestion {
    /// The experiment at its start; what is done to it lies ahead.
    pub fn timeline(&self) -> Result<Timeline, String> {
        let scenario = WorldSpec::scenario(&self.world.document()?)?;
        let seed = scenario.seed;
        let moves = self.moves.iter();
        let inputs = moves.map(|one| (Instant::from_millis(one.at_ms), one.command.clone()));
        Ok(Timeline::with_inputs(Rc::new(scenario), seed, inputs.collect()))
    }
}

/// Reads the questions from the files of their folder, as the build script leaves them.
pub(super) fn read(files: &Files) -> Result<Vec<InterviewQuestion>, LessonError> {
    let error =
        |file: &str, message: String| LessonError { file: format!("interview/{file}"), message };
    let text =
        |file: &str| files.get(file).ok_or_else(|| error(file, "the file is missing".to_owned()));
    let document: Document = crate::json::read(text("interview.json")?)
        .map_err(|it| error("interview.json", it.to_string()))?;
    let words: Section =
        crate::json::read(text("en.json")?).map_err(|it| error("en.json", it.to_string()))?;
    worded(document, &words).map_err(|message| error("en.md", message))
}

fn worded(document: Document, words: &Section) -> Result<Vec<InterviewQuestion>, String> {
    let mut titles = Children::new("", words)?;
    let title = titles.first()?;
    titles.finish()?;
    let mut parts = Children::new(&title.heading, title)?;
    let mut questions = Vec::new();
    for QuestionSpec { id, lesson, world, moves, speed } in document.questions {
        let section = parts.take(&id)?;
        let mut inner = Children::new(&id, section)?;
        let answer = inner.take("Answer")?.blocks.clone();
        let red_flags = outline::list("Red flags", inner.take("Red flags")?)?;
        let experiment = inner.take("Experiment")?.blocks.clone();
        inner.finish()?;
        let question = section.blocks.clone();
        questions.push(InterviewQuestion {
            id,
            lesson,
            question,
            answer,
            red_flags,
            experiment,
            speed,
            world,
            moves,
        });
    }
    parts.finish()?;
    Ok(questions)
}
