//! A session: one learner in one lesson, step by step, over the observations of a run.

use std::rc::Rc;

use crate::simulation::Observation;

use super::document::{Mistake, Step};
use super::lesson::Lesson;
use super::progress::Progress;
use super::watch::Watch;

/// A step was done just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progressed {
    pub step: u32,
    pub id: String,
    pub at_ms: u64,
}

/// A step that is done; rewinding does not undo it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub id: String,
    /// Virtual time of the run in which it began and was done; `None` when it was done in an
    /// earlier visit.
    pub span_ms: Option<(u64, u64)>,
    /// The share that the goal measured, per mille.
    pub share: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Session {
    lesson: Rc<Lesson>,
    done: Vec<Done>,
    /// The present step's goal, from the first observation on.
    watch: Option<(u64, Watch)>,
    progress: Option<Progress>,
    /// The present step's mistakes under watch, and which of them hold.
    mistakes: Vec<(Watch, bool)>,
}

impl Session {
    pub fn new(lesson: Rc<Lesson>) -> Session {
        Session { lesson, done: Vec::new(), watch: None, progress: None, mistakes: Vec::new() }
    }

    /// Goes on after steps that were done in an earlier visit. Steps are done in their order, so
    /// only those from the first on count.
    pub fn resume(lesson: Rc<Lesson>, done: &[String]) -> Session {
        let steps = lesson.document.steps.iter();
        let kept = steps.take_while(|step| done.contains(&step.id));
        let done = kept.map(|step| Done { id: step.id.clone(), span_ms: None, share: None });
        Session { done: done.collect(), ..Session::new(lesson.clone()) }
    }

    /// Takes in an observation; to be called at least once a second of virtual time. Returns the
    /// steps that it completes.
    pub fn observe(&mut self, now: &Observation) -> Vec<Progressed> {
        let lesson = self.lesson.clone();
        let Some(step) = lesson.document.steps.get(self.done.len()) else {
            return Vec::new();
        };
        let Some((began_ms, watch)) = &mut self.watch else {
            // A step begins with what is; only what comes after can complete it.
            self.begin(step, now);
            return Vec::new();
        };
        let met = watch.met(&step.goal, now);
        self.progress = Watch::progress(Some(watch), &step.goal, &step.shows.at, now);
        for ((watch, told), mistake) in self.mistakes.iter_mut().zip(&step.mistakes) {
            *told = watch.met(&mistake.when, now);
        }
        if !met {
            return Vec::new();
        }
        let share = watch.share(&step.goal, now);
        let span_ms = Some(((*began_ms).min(now.now_ms), now.now_ms));
        self.done.push(Done { id: step.id.clone(), span_ms, share });
        self.restart();
        if let Some(next) = lesson.document.steps.get(self.done.len()) {
            self.begin(next, now);
        }
        let number = self.done.len() as u32 - 1;
        vec![Progressed { step: number, id: step.id.clone(), at_ms: now.now_ms }]
    }

    fn begin(&mut self, step: &Step, now: &Observation) {
        let watch = Watch::begin(&step.goal, now);
        self.progress = Watch::progress(Some(&watch), &step.goal, &step.shows.at, now);
        self.watch = Some((now.now_ms, watch));
        let begin = |mistake: &Mistake| (Watch::begin(&mistake.when, now), false);
        self.mistakes = step.mistakes.iter().map(begin).collect();
    }

    /// The same lesson in another language.
    pub fn translate(&mut self, lesson: Rc<Lesson>) {
        self.lesson = lesson;
    }

    pub fn lesson(&self) -> &Rc<Lesson> {
        &self.lesson
    }

    /// The present step; `None` when all are done.
    pub fn step(&self) -> Option<&Step> {
        self.lesson.document.steps.get(self.done.len())
    }

    /// Its place, from 0; the number of steps when all are done.
    pub fn index(&self) -> u32 {
        self.done.len() as u32
    }

    /// When the present step began, in virtual time, once an observation was seen.
    pub fn began_ms(&self) -> Option<u64> {
        self.watch.as_ref().map(|(began_ms, _)| *began_ms)
    }

    /// How far the present step is. The value follows the world, so it can fall.
    pub fn progress(&self) -> Option<Progress> {
        self.progress
    }

    /// The places of the mistakes that the learner is to be told of now.
    pub fn mistakes(&self) -> impl Iterator<Item = usize> + '_ {
        let told = self.mistakes.iter().enumerate().filter(|(_, (_, told))| *told);
        told.map(|(place, _)| place)
    }

    pub fn done(&self) -> &[Done] {
        &self.done
    }

    pub fn is_over(&self) -> bool {
        self.step().is_none()
    }

    /// Looks at the present step as if it began now: a new run was started.
    pub fn restart(&mut self) {
        (self.watch, self.progress) = (None, None);
        self.mistakes.clear();
    }
}
