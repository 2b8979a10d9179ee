//! Ways in and out: addresses, links, scenarios, and the run of the last visit.

use std::rc::Rc;

use crate::engine::Instant;
use crate::lessons::Lesson;
use crate::simulation::{Run, RunError, Timeline};

use super::{Errand, Model, Mood, Notice, Offer, Redraw, Route, Speed, embedded};

impl Model {
    /// Goes where the address says. One that leads elsewhere is no place to come back to.
    pub(super) fn visit(&mut self, route: Route) -> Redraw {
        let redraw = self.enter(route);
        for errand in &mut self.errands {
            if let Errand::Go(to) = errand {
                *errand = Errand::Redirect(std::mem::take(to));
            }
        }
        redraw
    }

    fn enter(&mut self, route: Route) -> Redraw {
        self.layer = None;
        let needs_lessons = !matches!(route, Route::Shop | Route::Lessons | Route::Nowhere(_));
        self.awaited = (needs_lessons && !self.catalogue.is_unpacked()).then(|| route.clone());
        if self.awaited.is_some() {
            return Redraw::Both;
        }
        if !matches!(route, Route::Compare(_)) {
            self.leave_comparison();
        }
        match &route {
            Route::Shop => {
                let from_lesson = self.lesson.take().is_some();
                self.route = route;
                if !from_lesson {
                    return Redraw::Both;
                }
                self.offer_last_run();
                self.open_embedded("shop")
            }
            Route::Game => {
                self.lesson = None;
                self.route = Route::Shop;
                self.errands.push(Errand::Go(Route::Shop));
                let redraw = self.open_embedded("game-day");
                self.stop();
                redraw
            }
            Route::Lessons | Route::Interview => {
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
            Route::Compare(codes) => self.visit_comparison(codes),
            Route::Nowhere(path) => self.nowhere(path),
        }
    }

    /// There is nothing at an address: what was loaded stays.
    pub(super) fn nowhere(&mut self, path: &str) -> Redraw {
        self.errands.push(Errand::Go(self.route.clone()));
        self.notice = Some(Notice {
            title: "There is nothing at this address".to_owned(),
            text: format!("No lesson and no page has the address #/{path}."),
            rescued: None,
        });
        Redraw::Panels
    }

    /// Plays the experiment of a question in the sandbox.
    pub(super) fn experiment(&mut self, id: &str) -> Redraw {
        let questions = self.catalogue.interview().unwrap_or_default();
        let Some(question) = questions.into_iter().find(|question| question.id == id) else {
            return Redraw::None;
        };
        match question.timeline() {
            Ok(timeline) => {
                self.lesson = None;
                self.route = Route::Shop;
                self.errands.push(Errand::Go(Route::Shop));
                self.speed = Speed::new(f64::from(question.speed));
                self.playing = true;
                self.replace(timeline)
            }
            Err(why) => self.trouble("No experiment", why),
        }
    }

    /// The lessons are there, or the page goes on without them.
    pub(super) fn take_lessons(&mut self, loaded: Result<String, String>) -> Redraw {
        let unpacked = loaded.and_then(|pack| Rc::make_mut(&mut self.catalogue).unpack(&pack));
        let awaited = self.awaited.take();
        match (unpacked, awaited) {
            (Ok(()), Some(route)) => self.visit(route),
            (Ok(()), None) => Redraw::Panels,
            (Err(why), awaited) => {
                if awaited.is_some() {
                    self.errands.push(Errand::Go(self.route.clone()));
                }
                let text = format!("Reload the page to try again. The sandbox works. ({why})");
                let title = "The lessons could not be loaded".to_owned();
                self.notice = Some(Notice { title, text, rescued: None });
                Redraw::Both
            }
        }
    }

    /// Name and title of every scenario of the sandbox, and whether it is the present one.
    pub fn scenarios(&self) -> Vec<(&'static str, String, bool)> {
        let present = &self.timeline.scenario().name;
        let titled = crate::scenarios::NAMES.into_iter().filter_map(|name| {
            let title = embedded(name)?.title.clone();
            Some((name, title, name == present))
        });
        titled.collect()
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
        match read.and_then(|run| Ok((self.opened(&run)?, Instant::from_millis(run.at_ms)))) {
            Ok(((lesson, timeline), at)) => {
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
                self.replace(timeline).and(self.travel(at))
            }
            Err(error) => self.damaged(error),
        }
    }

    /// A run at its start, with the lesson in whose world it took place.
    pub(super) fn opened(&self, run: &Run) -> Result<(Option<Rc<Lesson>>, Timeline), RunError> {
        let lesson = run.lesson.as_ref().and_then(|slug| self.lesson_of(slug));
        let timeline = run.at_start(lesson.as_ref().map(|lesson| &lesson.scenario))?;
        Ok((lesson, timeline))
    }

    pub(super) fn damaged(&mut self, error: RunError) -> Redraw {
        // A link is an entrance; after it the address says where one is.
        self.errands.push(Errand::Go(self.route.clone()));
        self.notice = Some(Notice {
            title: "This link is damaged".to_owned(),
            text: error.message,
            rescued: error.rescued,
        });
        Redraw::Panels
    }

    pub(super) fn open_rescued(&mut self) -> Redraw {
        match self.notice.take().and_then(|notice| notice.rescued) {
            Some(run) => self.open_run(Ok(run)),
            None => Redraw::Panels,
        }
    }

    /// Offers the run of the last visit; what cannot be read is left alone.
    pub fn restore_last_run(&mut self, stored: &str) {
        self.last_run = Run::from_json(stored).ok();
        self.offer_last_run();
    }

    fn offer_last_run(&mut self) {
        let Some(run) = &self.last_run else {
            return;
        };
        let commands = crate::ui::format::counted(run.inputs.len() as u64, "command");
        let until = crate::ui::format::clock(Instant::from_millis(run.at_ms));
        let text = format!("{commands}, up to {until}");
        self.toasts.show(Mood::Neutral, "Your last run", text, Some(Offer::LastRun));
    }

    pub(super) fn share(&mut self) -> Redraw {
        let route = match &self.rivals {
            Some(rivals) => rivals.route(&self.timeline),
            None => Route::Run(self.own_run().to_code()),
        };
        self.errands.push(Errand::CopyLink(route));
        self.show(None)
    }

    pub(super) fn save_run(&mut self) -> Redraw {
        let moment = crate::ui::format::clock(self.now()).replace(':', "-");
        let name = format!("{}-{moment}.json", self.timeline.scenario().name);
        self.announcer.say(format!("Saved as {name}."));
        self.errands.push(Errand::Save(name, self.own_run().to_json()));
        self.show(None)
    }

    /// Opens a run or progress from a file. A damaged or newer one changes nothing but says so.
    pub(super) fn open_text(&mut self, text: &str) -> Redraw {
        if let Some(redraw) = self.open_progress(text) {
            return redraw;
        }
        let redraw = self.open_run(Run::from_json(text));
        if let Some(notice) = &mut self.notice {
            notice.title = "This file cannot be opened".to_owned();
        }
        redraw
    }
}
