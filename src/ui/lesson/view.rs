//! What the lesson panel shows, taken from the model.

use std::rc::Rc;

use litemap::LiteMap;

use super::prose::Names;
use crate::lessons::{
    Document, Entry, Family, Lesson, Progress, Ready, Spans, Step, StepText, Unit,
};
use crate::simulation::{Command, World};
use crate::ui::ledger::LedgerView;
use crate::ui::model::{LessonTab, Model};
use crate::ui::topbar::Crumb;

#[derive(Clone, Debug)]
pub struct LessonView {
    pub lesson: Rc<Lesson>,
    pub tab: LessonTab,
    /// All parts are shown, one after the other.
    pub printing: bool,
    pub count: usize,
    /// Steps that are done; the next one is the present one.
    pub done: usize,
    pub goal: Option<GoalView>,
    /// The present step's mistakes that are told of.
    pub mistakes: Vec<usize>,
    /// The present step's choices of which all that they decide is decided.
    pub decided: Vec<usize>,
    /// The words of everything that was decided in the steps that are done.
    pub decisions: Vec<Spans>,
    pub hints: usize,
    pub open_step: Option<usize>,
    pub predicted: Option<String>,
    /// The step after which the prediction is compared is done.
    pub compared: bool,
    pub answers: LiteMap<String, String>,
    /// Questions whose first answer was right.
    pub right_first: usize,
    pub sample: usize,
    pub names: Names,
    /// Orders per minute, where the lesson leaves them to the learner.
    pub per_minute: Option<u64>,
    pub ledger: LedgerView,
    /// What the learner wrote about it.
    pub note: String,
    /// The languages in which it can be read.
    pub languages: Vec<String>,
    pub next: Option<Entry>,
    /// The earlier lessons that it rests on.
    pub builds_on: Vec<Entry>,
}

/// How far the present step is.
#[derive(Clone, Debug, PartialEq)]
pub struct GoalView {
    pub label: String,
    pub progress: Progress,
    pub unit: Unit,
    pub family: Family,
}

impl LessonView {
    pub fn of(model: &Model) -> Option<LessonView> {
        let state = model.lesson.as_ref()?;
        let lesson = state.lesson().clone();
        let document = &lesson.document;
        let standing = model.saved.lesson(lesson.slug()).cloned().unwrap_or_default();
        let done = state.session.index() as usize;
        let after = document.steps.iter().position(|step| step.id == document.predict.after);
        let decided = |step: &Step| decided(model.world(), step);
        let known = |slug: &String| model.catalogue.entry(slug);
        let entry = model.catalogue.entry(lesson.slug());
        let arrivals = model.offers("arrival_rate", "");
        Some(LessonView {
            tab: state.tab,
            printing: model.printing,
            count: model.catalogue.entries().count(),
            done,
            goal: goal(&lesson, done, state.session.progress()),
            mistakes: state.session.mistakes().collect(),
            decided: lesson.document.steps.get(done).map(decided).unwrap_or_default(),
            decisions: decisions(&lesson, done, decided),
            hints: state.hints,
            open_step: state.open_step,
            predicted: standing.predicted,
            compared: after.is_some_and(|after| done > after),
            answers: state.answers.clone(),
            right_first: right_first(document, &standing.quiz),
            sample: state.sample,
            names: Names::of(model),
            per_minute: arrivals.then(|| u64::from(model.world().arrivals_per_minute())),
            ledger: LedgerView::of(model),
            note: model.saved.noted(lesson.slug()).to_owned(),
            languages: entry.map(|entry| entry.languages.clone()).unwrap_or_default(),
            next: model.catalogue.after(lesson.slug()).cloned(),
            builds_on: document.prerequisites.iter().filter_map(known).cloned().collect(),
            lesson,
        })
    }

    pub fn steps(&self) -> usize {
        self.lesson.document.steps.len()
    }

    pub fn is_over(&self) -> bool {
        self.done >= self.steps()
    }

    /// Where the top bar says one is.
    pub fn crumb(&self, model: &Model) -> Crumb {
        let chapter = model.catalogue.chapter(self.lesson.slug());
        Crumb {
            chapter: chapter.map(|chapter| chapter.title.clone()),
            title: self.lesson.text.title.clone(),
            done: self.done as u32,
            steps: self.steps() as u32,
        }
    }
}

/// The choices of a step whose decisions hold in a world.
fn decided(world: &World, step: &Step) -> Vec<usize> {
    let holds = |command: &Command| match command {
        Command::Decide { question, answer } => world.decision(question) == Some(answer),
        _ => true,
    };
    let decides = |one: &Command| matches!(one, Command::Decide { .. });
    let of = |ready: &Ready| ready.commands.iter().any(decides) && ready.commands.iter().all(holds);
    (0..step.choices.len()).filter(|place| of(&step.choices[*place])).collect()
}

fn decisions(lesson: &Lesson, done: usize, decided: impl Fn(&Step) -> Vec<usize>) -> Vec<Spans> {
    let steps = lesson.document.steps.iter().zip(&lesson.text.steps).take(done);
    let words = |(step, words): (&Step, &StepText)| {
        let choice = |place: usize| words.choices.get(place).cloned();
        decided(step).into_iter().filter_map(choice).collect::<Vec<_>>()
    };
    steps.flat_map(words).collect()
}

fn goal(lesson: &Lesson, done: usize, progress: Option<Progress>) -> Option<GoalView> {
    let (step, text) = (lesson.document.steps.get(done)?, lesson.text.steps.get(done)?);
    Some(GoalView {
        label: text.label.clone(),
        progress: progress?,
        unit: step.shows.unit,
        family: step.shows.family,
    })
}

fn right_first(document: &Document, first: &LiteMap<String, String>) -> usize {
    let right = document
        .quiz
        .iter()
        .filter(|question| first.get(&question.id).is_some_and(|option| *option == question.right));
    right.count()
}
