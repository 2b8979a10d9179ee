//! Ways in and out: addresses, links, scenarios, and the run of the last visit.

use crate::engine::Instant;
use crate::simulation::{Run, RunError, Timeline};

use super::{Errand, Model, Mood, Notice, Offer, Redraw, Route, embedded};

impl Model {
    pub(super) fn visit(&mut self, route: Route) -> Redraw {
        self.layer = None;
        match &route {
            Route::Shop => {
                let from_lesson = self.lesson.take().is_some();
                self.route = route;
                if from_lesson { self.open_embedded("shop") } else { Redraw::Both }
            }
            Route::Lessons => {
                self.route = route;
                self.notice = None;
                self.stop();
                Redraw::Both
            }
            Route::Lesson(slug) => self.open_lesson(slug),
            Route::Run(code) => {
                let read = Run::from_code(code);
                self.open_run(read)
            }
        }
    }

    pub(super) fn open_embedded(&mut self, name: &str) -> Redraw {
        match embedded(name) {
            Some(scenario) => {
                let seed = scenario.seed;
                self.playing = true;
                self.replace(Timeline::new(scenario, seed))
            }
            None => Redraw::None,
        }
    }

    /// Opens a run from a link. A damaged one changes nothing but says so.
    pub(super) fn open_run(&mut self, read: Result<Run, RunError>) -> Redraw {
        let opened = read.and_then(|run| {
            let lesson = run.lesson.as_ref().and_then(|slug| self.lesson_of(slug));
            let timeline = run.open(lesson.as_ref().map(|lesson| &lesson.scenario))?;
            Ok((lesson, timeline))
        });
        match opened {
            Ok((lesson, timeline)) => {
                self.notice = None;
                self.lesson = None;
                self.route = match &lesson {
                    Some(lesson) => Route::Lesson(lesson.slug().to_owned()),
                    None => Route::Shop,
                };
                if let Some(lesson) = lesson {
                    self.begin_lesson(lesson);
                }
                self.stop();
                self.errands.push(Errand::Go(self.route.clone()));
                self.replace(timeline)
            }
            Err(error) => {
                // A link is an entrance; after it the address says where one is.
                self.errands.push(Errand::Go(self.route.clone()));
                self.notice = Some(Notice {
                    title: "This link is damaged".to_owned(),
                    text: error.message,
                    rescued: error.rescued,
                });
                Redraw::Panels
            }
        }
    }

    pub(super) fn open_rescued(&mut self) -> Redraw {
        match self.notice.take().and_then(|notice| notice.rescued) {
            Some(run) => self.open_run(Ok(run)),
            None => Redraw::Panels,
        }
    }

    /// Offers the run of the last visit; what cannot be read is left alone.
    pub fn offer_last_run(&mut self, stored: &str) {
        let Ok(run) = Run::from_json(stored) else {
            return;
        };
        let commands = crate::ui::format::counted(run.inputs.len() as u64, "command");
        let until = crate::ui::format::clock(Instant::from_millis(run.at_ms));
        let text = format!("{commands}, up to {until}");
        self.toasts.show(Mood::Neutral, "Your last run", text, Some(Offer::LastRun));
        self.last_run = Some(run);
    }

    pub(super) fn share(&mut self) -> Redraw {
        let lesson = self.lesson.as_ref().map(|state| state.lesson().slug().to_owned());
        let run = Run::of(&self.timeline, lesson);
        self.errands.push(Errand::CopyLink(Route::Run(run.to_code())));
        Redraw::None
    }
}
