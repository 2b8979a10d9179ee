//! `lesson.json`: everything of a lesson that is not text.

use litemap::LiteMap;

use crate::engine::Set;

use super::goal::Goal;
use super::palette::Palette;
use super::world::WorldSpec;
use crate::json::document;
use crate::simulation::Command;

/// The version of the format that this program reads.
pub(super) const VERSION: u32 = 1;

document! {
    pub struct Document {
        pub version: u32,
        pub slug: String,
        pub number: u32,
        /// Lessons to be done before it, by their slugs.
        pub prerequisites: Vec<String> = Vec::new(),
        pub world: WorldSpec,
        /// What the learner may do.
        pub palette: Palette,
        /// Virtual seconds per second when the lesson starts.
        pub speed: u32,
        pub predict: Predict,
        pub steps: Vec<Step>,
        pub quiz: Vec<Question>,
        /// Settings that the code shows, by name, with their place in the scenario:
        /// `/services/email/input/queue/prefetch`.
        pub settings: LiteMap<String, String> = LiteMap::new(),
        pub code: Vec<CodeFile>,
    }
}

document! {
    /// The question before the run; the words of the options are in the text.
    pub struct Predict: Eq {
        pub options: Vec<String>,
        pub right: String,
        /// The step after which the page shows what happened beside what was predicted.
        pub after: String,
    }
}

document! {
    pub struct Question: Eq {
        pub id: String,
        pub options: Vec<String>,
        pub right: String,
    }
}

document! {
    pub struct Step {
        pub id: String,
        pub goal: Goal,
        pub shows: Shows,
        /// Waiting is the point of the step: doing nothing completes it.
        pub waits: bool = false,
        /// Commands that stand ready in words, for what has no control on the stage.
        pub choices: Vec<Ready> = Vec::new(),
        /// What a learner may have done instead, to be told what it did.
        pub mistakes: Vec<Mistake> = Vec::new(),
        /// The scripted solution of this step; times count from its start.
        pub solution: Vec<Move> = Vec::new(),
        /// The solution needs at most this long.
        pub within_ms: u64,
        /// Other ways that complete the step as well: a goal that knows only one way is unfair.
        pub routes: Vec<Route> = Vec::new(),
        /// What does not complete the step, for as long as the solution may take.
        pub wrong: Vec<Route> = Vec::new(),
    }
}

document! {
    /// What the bar under a step shows.
    pub struct Shows: Eq {
        /// The address in the goal that the bar follows; empty for the time of an `always`.
        pub at: String,
        pub unit: Unit,
        pub family: Family,
    }
}

document! {
    /// How the page writes the values of a bar.
    pub enum Unit: Copy, Eq {
        Count,
        Ms,
        /// Milliseconds that are written as whole seconds.
        Seconds,
        PerMille,
    }
}

document! {
    /// Whose colour the bar has.
    pub enum Family: Copy, Eq {
        Log,
        Queue,
        Ledger,
        /// Time and answers at the door have no hue.
        Plain,
    }
}

document! {
    pub struct Move: Eq {
        pub at_ms: u64,
        pub command: Command,
    }
}

document! {
    /// Moves with a name: what a learner may think of.
    pub struct Route: Eq {
        pub name: String,
        pub moves: Vec<Move>,
        /// The mistake of the step of which these moves are an example.
        pub told: Option<String> = None,
    }
}

document! {
    /// Commands with words of their own, given together by one press.
    pub struct Ready: Eq {
        pub id: String,
        pub commands: Vec<Command>,
    }
}

document! {
    /// A wrong way, known by what it did.
    pub struct Mistake {
        pub id: String,
        /// The learner is told as long as this holds.
        pub when: Goal,
    }
}

document! {
    pub struct CodeFile: Eq {
        pub file: String,
        pub language: String,
        /// The client library that the code uses.
        pub library: String,
    }
}

impl Document {
    pub(super) fn from_json(text: &str) -> Result<Document, String> {
        let document: Document = crate::json::read(text).map_err(|error| error.to_string())?;
        document.check().map(|()| document)
    }

    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    fn check(&self) -> Result<(), String> {
        if self.version != VERSION {
            let version = self.version;
            return Err(format!("field version: this program reads {VERSION}, not {version}"));
        }
        if !(1..=1_000).contains(&self.speed) {
            return Err("field speed: from 1 to 1000".to_owned());
        }
        if self.steps.is_empty() || self.quiz.len() != 3 {
            return Err("a lesson has steps, and a quiz of three questions".to_owned());
        }
        unique("steps", self.steps.iter().map(|step| &step.id))?;
        unique("quiz", self.quiz.iter().map(|question| &question.id))?;
        one_is_right("predict", &self.predict.options, &self.predict.right)?;
        if self.step(&self.predict.after).is_none() {
            return Err(format!("field predict.after: there is no step '{}'", self.predict.after));
        }
        for question in &self.quiz {
            one_is_right(&question.id, &question.options, &question.right)?;
        }
        for step in &self.steps {
            step.check().map_err(|message| format!("step {}: {message}", step.id))?;
        }
        Ok(())
    }
}

impl Step {
    fn check(&self) -> Result<(), String> {
        self.goal.check()?;
        let in_goal = self.goal.addresses().contains(&self.shows.at.as_str());
        if !in_goal && !self.shows.at.is_empty() {
            return Err(format!("shows {}, which its goal does not read", self.shows.at));
        }
        unique("choices", self.choices.iter().map(|choice| &choice.id))?;
        unique("mistakes", self.mistakes.iter().map(|mistake| &mistake.id))?;
        self.mistakes.iter().try_for_each(|mistake| mistake.when.check())?;
        if self.within_ms == 0 {
            return Err("within_ms must be above 0".to_owned());
        }
        Ok(())
    }
}

fn one_is_right(at: &str, options: &[String], right: &str) -> Result<(), String> {
    unique(at, options.iter())?;
    if options.len() < 2 || !options.iter().any(|option| option == right) {
        return Err(format!("{at}: needs two options or more, and the right one among them"));
    }
    Ok(())
}

fn unique<'a>(at: &str, ids: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = Set::new();
    for id in ids {
        if id.is_empty() || !seen.insert(id) {
            return Err(format!("{at}: '{id}' is empty or there twice"));
        }
    }
    Ok(())
}
