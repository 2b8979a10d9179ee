//! A lesson in progress: the session that watches the run, and what the learner chose.

use std::rc::Rc;

use litemap::LiteMap;

use super::{Errand, Model, Mood, Redraw, Route, Speed};
use crate::lessons::{Lesson, Session};

/// Under this key the browser keeps what was done.
pub const PROGRESS_KEY: &str = "ackademy.progress";
/// And under this one the run that was left last.
pub const LAST_RUN_KEY: &str = "ackademy.run";
/// Each step has as many hints.
const HINTS: usize = 3;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LessonTab {
    #[default]
    Lesson,
    Code,
    Quiz,
}

impl LessonTab {
    pub const ALL: [LessonTab; 3] = [LessonTab::Lesson, LessonTab::Code, LessonTab::Quiz];

    pub fn name(self) -> &'static str {
        match self {
            LessonTab::Lesson => "Lesson",
            LessonTab::Code => "Code",
            LessonTab::Quiz => "Quiz",
        }
    }
}

#[derive(Clone, Debug)]
pub struct LessonState {
    pub session: Session,
    pub tab: LessonTab,
    /// Hints of the present step that were asked for.
    pub hints: usize,
    /// A step whose text is open besides the present one, by its place.
    pub open_step: Option<usize>,
    /// The option that was chosen last, by question.
    pub answers: LiteMap<String, String>,
    /// Which sample of code is shown.
    pub sample: usize,
}

impl LessonState {
    pub fn lesson(&self) -> &Rc<Lesson> {
        self.session.lesson()
    }
}

impl Model {
    /// Opens a lesson where it was left. An unknown one says so; what was loaded stays.
    pub(super) fn open_lesson(&mut self, slug: &str) -> Redraw {
        if self.lesson.as_ref().is_some_and(|state| state.lesson().slug() == slug) {
            self.route = Route::Lesson(slug.to_owned());
            return Redraw::Both;
        }
        match self.catalogue.lesson_in(slug, self.language) {
            Ok(lesson) => {
                self.route = Route::Lesson(slug.to_owned());
                if self.lesson.is_none() && self.timeline.can_undo().is_some() {
                    self.last_run = Some(self.own_run());
                }
                self.begin_lesson(Rc::new(lesson))
            }
            Err(_) => self.nowhere(&format!("lesson/{slug}")),
        }
    }

    pub(super) fn begin_lesson(&mut self, lesson: Rc<Lesson>) -> Redraw {
        let standing = self.saved.lesson(lesson.slug()).cloned().unwrap_or_default();
        let timeline = lesson.timeline();
        self.speed = Speed::new(f64::from(lesson.document.speed));
        self.lesson = Some(LessonState {
            session: Session::resume(lesson, &standing.done),
            tab: LessonTab::Lesson,
            hints: 0,
            open_step: None,
            answers: standing.quiz,
            sample: 0,
        });
        // Nothing may happen before the learner has read what it is about.
        self.stop();
        let redraw = self.replace(timeline);
        self.watch();
        redraw
    }

    /// Shows the run to the session. To be called at least once a second of virtual time and after
    /// each command.
    pub(super) fn watch(&mut self) -> Redraw {
        let Some(state) = &mut self.lesson else {
            return Redraw::None;
        };
        let progressed = state.session.observe(&self.timeline.world().observe());
        if progressed.is_empty() {
            return Redraw::None;
        }
        let lesson = state.lesson().clone();
        state.hints = 0;
        state.open_step = None;
        let over = state.session.is_over();
        for step in &progressed {
            self.saved.step_done(lesson.slug(), &step.id);
            self.announcer.say(format!("Step {} done.", step.step + 1));
        }
        if over {
            let text = "every step of it; the quiz is next".to_owned();
            self.toasts.show(Mood::Good, "Lesson done", text, None);
        }
        self.keep_progress();
        Redraw::Panels
    }

    /// True once the step that was the present one when the wish began is done.
    pub(super) fn steps_done(&self) -> u32 {
        self.lesson.as_ref().map_or(0, |state| state.session.index())
    }

    /// Reads the open lesson in another language; where one is in it stays.
    pub(super) fn read_in(&mut self, language: &'static str) -> Redraw {
        self.language = language;
        self.errands.push(Errand::Look("language", language));
        if let Some(state) = &mut self.lesson
            && let Ok(lesson) = self.catalogue.lesson_in(state.lesson().slug(), language)
        {
            state.session.translate(Rc::new(lesson));
        }
        Redraw::Panels
    }

    /// Gives the commands that stand ready under one of the present step's choices.
    pub(super) fn choose_ready(&mut self, place: usize) -> Redraw {
        let step = self.lesson.as_ref().and_then(|state| state.session.step());
        let choice = step.and_then(|step| step.choices.get(place)).cloned();
        let commands = choice.into_iter().flat_map(|choice| choice.commands);
        commands.fold(Redraw::None, |redraw, command| redraw.and(self.give(command)))
    }

    pub(super) fn note(&mut self, key: String, words: String) -> Redraw {
        self.saved.note(key, words);
        self.keep_progress();
        Redraw::Panels
    }

    pub(super) fn save_progress(&mut self) -> Redraw {
        let name = "ackademy-progress.json".to_owned();
        self.announcer.say(format!("Saved as {name}."));
        self.errands.push(Errand::Save(name, self.saved.to_json()));
        Redraw::Panels
    }

    /// Takes progress from a file; what is done here stays done. `None` if the file is none.
    pub(super) fn open_progress(&mut self, text: &str) -> Option<Redraw> {
        let opened = crate::lessons::Saved::from_json(text).ok()?;
        self.saved.take_in(opened.saved);
        self.keep_progress();
        let text = opened.notes.first().cloned();
        let text = text.unwrap_or_else(|| "steps, answers and notes are here".to_owned());
        self.toasts.show(Mood::Good, "Progress opened", text, None);
        Some(Redraw::Panels)
    }

    fn keep_progress(&mut self) {
        self.errands.push(Errand::Keep(PROGRESS_KEY, self.saved.to_json()));
    }

    pub(super) fn predict(&mut self, option: &str) -> Redraw {
        let Some(state) = &self.lesson else {
            return Redraw::None;
        };
        let slug = state.lesson().slug().to_owned();
        if self.saved.predict(&slug, option) {
            self.keep_progress();
        }
        Redraw::Panels
    }

    pub(super) fn answer(&mut self, question: String, option: String) -> Redraw {
        let Some(state) = &mut self.lesson else {
            return Redraw::None;
        };
        self.saved.answer(state.lesson().slug(), &question, &option);
        state.answers.insert(question, option);
        self.keep_progress();
        Redraw::Panels
    }

    pub(super) fn hint(&mut self) -> Redraw {
        let Some(state) = &mut self.lesson else {
            return Redraw::None;
        };
        if !state.session.is_over() {
            state.tab = LessonTab::Lesson;
            state.hints = (state.hints + 1).min(HINTS);
        }
        Redraw::Panels
    }

    pub(super) fn open_step(&mut self, step: usize) -> Redraw {
        let Some(state) = &mut self.lesson else {
            return Redraw::None;
        };
        state.tab = LessonTab::Lesson;
        state.open_step = (state.open_step != Some(step)).then_some(step);
        Redraw::Panels
    }

    /// The world of the lesson from its start; steps that are done stay done.
    pub(super) fn restart_lesson(&mut self) -> Redraw {
        let Some(state) = &mut self.lesson else {
            return Redraw::None;
        };
        state.session.restart();
        let timeline = state.lesson().timeline();
        self.stop();
        let redraw = self.replace(timeline);
        self.watch();
        redraw
    }

    /// Forgets what was done in the lesson, because the learner wants to play it anew.
    pub(super) fn forget_lesson(&mut self) -> Redraw {
        let Some(state) = self.lesson.take() else {
            return Redraw::None;
        };
        self.saved.forget(state.lesson().slug());
        self.keep_progress();
        self.begin_lesson(state.lesson().clone())
    }

    /// Whether the lesson, if there is one, allows a command.
    pub(super) fn allows(&self, command: &crate::simulation::Command) -> bool {
        self.lesson.as_ref().is_none_or(|state| {
            // When all steps are done the world is the learner's.
            state.session.is_over() || state.lesson().document.palette.allows(command)
        })
    }

    /// Whether a control is there: `offers("kill", "email")`.
    pub fn offers(&self, command: &str, service: &str) -> bool {
        self.lesson.as_ref().is_none_or(|state| {
            state.session.is_over() || state.lesson().document.palette.offers(command, service)
        })
    }

    /// A lesson, for links into its world.
    pub(super) fn lesson_of(&self, slug: &str) -> Option<Rc<Lesson>> {
        self.catalogue.lesson(slug).ok().map(Rc::new)
    }

    /// Takes in what the browser kept.
    pub fn restore_progress(&mut self, stored: &str) {
        match crate::lessons::Saved::from_json(stored) {
            Ok(opened) => {
                self.saved = opened.saved;
                if let Some(note) = opened.notes.first() {
                    self.toasts.show(
                        Mood::Neutral,
                        "Part of your progress is lost",
                        note.clone(),
                        None,
                    );
                }
            }
            Err(error) => {
                self.toasts.show(Mood::Neutral, "Progress not read", error.message, None);
                // A copy stays, whatever is written over it.
                self.errands.push(Errand::Keep("ackademy.progress.damaged", stored.to_owned()));
            }
        }
    }
}
