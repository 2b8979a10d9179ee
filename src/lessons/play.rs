//! Playing a lesson without a page: the scripted solution, nothing at all, or a wrong move.

use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;
use serde::Serialize;

use crate::simulation::{LedgerFigures, Timeline};

use super::document::{Move, Step};
use super::lesson::Lesson;
use super::record::{Record, StepRecord};
use super::session::Session;

/// How often the page looks at the world, in virtual time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Whose hand it is.
#[derive(Clone, Copy, Debug)]
pub enum Moves<'a> {
    Solution,
    /// The solution up to the step with this index, and there these moves instead.
    Instead {
        step: u32,
        moves: &'a [Move],
    },
    /// Nothing, by a learner who did the steps before this one in an earlier visit.
    Nothing {
        from: u32,
    },
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    pub kind: &'static str,
    pub lesson: String,
    pub seed: u64,
    /// Every step was done.
    pub solved: bool,
    pub until_ms: u64,
    pub steps: Vec<StepVerdict>,
    /// Moves that the palette or the world refused.
    pub refused: Vec<String>,
    /// What the referee says at the end.
    #[serde(serialize_with = "crate::json::serialize")]
    pub ledger: LedgerFigures,
}

#[derive(Clone, Debug, Serialize)]
pub struct StepVerdict {
    pub id: String,
    pub done: bool,
    pub began_ms: Option<u64>,
    pub done_ms: Option<u64>,
    /// The mistakes that the learner was told of on the way.
    pub told: Vec<String>,
}

/// Plays a lesson by its solution or by doing nothing.
pub fn play(lesson: &Lesson, solution: bool) -> Verdict {
    let moves = if solution { Moves::Solution } else { Moves::Nothing { from: 0 } };
    play_moves(lesson, lesson.scenario.seed, moves).0
}

/// Plays a lesson with a seed. It ends when all steps are done, or one takes longer than allowed.
pub fn play_moves(lesson: &Lesson, seed: u64, moves: Moves<'_>) -> (Verdict, Record) {
    let mut hand = Hand::new(lesson, seed);
    if let Moves::Nothing { from } = moves {
        hand.resume(from);
    }
    while let Some(step) = hand.session.step().cloned() {
        let index = hand.session.index();
        let instead = match moves {
            Moves::Instead { step, moves } if step == index => Some(moves),
            Moves::Nothing { .. } => Some(&[][..]),
            Moves::Solution | Moves::Instead { .. } => None,
        };
        hand.play_step(&step, instead.unwrap_or(&step.solution));
        if hand.session.index() == index {
            break;
        }
    }
    hand.finish()
}

/// A hand that plays by the clock.
struct Hand<'a> {
    lesson: &'a Lesson,
    run: Timeline,
    session: Session,
    record: Record,
    refused: Vec<String>,
    last_began_ms: Option<u64>,
    told: LiteMap<String, Vec<String>>,
}

impl Hand<'_> {
    fn new(lesson: &Lesson, seed: u64) -> Hand<'_> {
        let run = Timeline::new(lesson.scenario.clone(), seed);
        let start = run.world().observe();
        let mut session = Session::new(Rc::new(lesson.clone()));
        session.observe(&start);
        let record = Record { scenario: lesson.world.clone(), start, ..Record::default() };
        let (refused, told) = (Vec::new(), LiteMap::new());
        Hand { lesson, run, session, record, refused, last_began_ms: None, told }
    }

    fn resume(&mut self, step: u32) {
        let before = self.lesson.document.steps.iter().take(step as usize);
        let done: Vec<String> = before.map(|step| step.id.clone()).collect();
        self.session = Session::resume(self.session.lesson().clone(), &done);
        self.session.observe(&self.record.start);
    }

    /// Plays until the step is done or takes longer than it may.
    fn play_step(&mut self, step: &Step, moves: &[Move]) {
        let began = self.run.now();
        self.last_began_ms = Some(began.as_millis());
        let limit = began + Duration::from_millis(step.within_ms);
        let mut left = moves.iter().peekable();
        while self.run.now() < limit {
            let look = (self.run.now() + LOOK_EVERY).min(limit);
            while let Some(next) = left.next_if(|one| began + after(one) < look) {
                self.run.run_until(began + after(next));
                self.command(next);
            }
            self.run.run_until(look);
            let now = self.run.world().observe();
            let progressed = !self.session.observe(&now).is_empty();
            self.note_mistakes(step);
            if progressed {
                let share = self.session.done().last().and_then(|done| done.share);
                let (began_ms, done_ms) = (began.as_millis(), look.as_millis());
                let done = StepRecord { began_ms, done_ms, share, observation: now };
                self.record.steps.insert(step.id.clone(), done);
                return;
            }
        }
    }

    fn note_mistakes(&mut self, step: &Step) {
        for place in self.session.mistakes() {
            let told = self.told.entry(step.id.clone()).or_default();
            let id = &step.mistakes[place].id;
            if !told.contains(id) {
                told.push(id.clone());
            }
        }
    }

    fn command(&mut self, next: &Move) {
        let command = next.command.clone();
        if !self.lesson.document.palette.allows(&command) {
            return self.refused.push(format!("the palette does not allow: {command}"));
        }
        if let Err(error) = self.run.command(command) {
            self.refused.push(error.to_string());
        }
    }

    fn finish(mut self) -> (Verdict, Record) {
        self.record.end = self.run.world().observe();
        let present = self.session.step().map(|step| step.id.clone());
        let verdict = |step: &Step| {
            let done = self.record.steps.get(&step.id);
            let began_ms = match done {
                Some(done) => Some(done.began_ms),
                None if present.as_ref() == Some(&step.id) => self.last_began_ms,
                None => None,
            };
            let (id, done_ms) = (step.id.clone(), done.map(|done| done.done_ms));
            let told = self.told.get(&step.id).cloned().unwrap_or_default();
            StepVerdict { id, done: done.is_some(), began_ms, done_ms, told }
        };
        let verdict = Verdict {
            kind: "verdict",
            lesson: self.lesson.slug().to_owned(),
            seed: self.run.seed(),
            solved: self.session.is_over(),
            until_ms: self.run.now().as_millis(),
            steps: self.lesson.document.steps.iter().map(verdict).collect(),
            refused: self.refused,
            ledger: self.record.end.ledger.clone(),
        };
        (verdict, self.record)
    }
}

fn after(one: &Move) -> Duration {
    Duration::from_millis(one.at_ms)
}
