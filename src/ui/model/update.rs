//! Carrying out what was asked.

use std::time::Duration;

use crate::engine::Instant;
use crate::simulation::{Command, Timeline};

use super::travel::goes_along;
use super::{
    Errand, Layer, LessonState, Model, Mood, Msg, Offer, Redraw, Route, Running, Selection, Speed,
    Told, Until,
};

/// A step looks at most this far for something to happen; an idle world stops there.
const LONGEST_STEP: Duration = Duration::from_secs(60);
/// Due instants at which nothing happened that a learner could see are passed over, but not
/// without end.
const QUIET_STEPS: u32 = 10_000;

/// Two runs are compared as they are.
const LOOK_ONLY: &str = "two runs are compared here; open one of them to touch it";

impl Model {
    pub fn update(&mut self, msg: Msg) -> Redraw {
        if self.rivals.is_some() && touches(&msg) {
            return self.trouble("Not here", LOOK_ONLY.to_owned());
        }
        let arrived = if goes_along(&msg) { Redraw::None } else { self.arrive() };
        // A refusal is read until something else is done.
        let kept = matches!(msg, Msg::Hold(_) | Msg::LetGo);
        let refused = self.held.take_if(|held| !kept && held.refused.is_some());
        let redraw = self.act(msg).and(arrived);
        let redraw = if refused.is_some() { Redraw::Both } else { redraw };
        self.keep_step();
        redraw
    }

    fn act(&mut self, msg: Msg) -> Redraw {
        match msg {
            Msg::Command(command) => self.give(command),
            Msg::Undo => self.undo(),
            Msg::Redo => self.redo(),
            Msg::Play => self.play(true),
            Msg::Pause => self.play(false),
            Msg::TogglePlay => self.play(!self.playing),
            Msg::SetSpeed(speed) => self.set_speed(speed),
            Msg::Faster => self.set_speed(self.speed.faster()),
            Msg::Slower => self.set_speed(self.speed.slower()),
            Msg::Step => self.step(),
            Msg::StepBack => self.step_back(),
            Msg::Seek(to) => self.seek(to),
            Msg::SeekBy(millis) => self.seek(shifted(self.now(), millis)),
            Msg::NextMarker => self.seek_marker(true),
            Msg::PreviousMarker => self.seek_marker(false),
            Msg::RunUntil(until) => self.run_until(until),
            Msg::Fork => self.fork(),
            Msg::SwitchTo(index) => self.switch_to(index),
            Msg::Compare(index) => self.compare(index),
            Msg::OpenCompared(other) => self.open_compared(other),
            Msg::Select(selection) => self.select(selection),
            Msg::Follow(order) => self.follow(order),
            Msg::FollowNext => self.follow_next(),
            Msg::Choose(id) => self.choose(id),
            Msg::Edit(draft) => self.edit(draft),
            Msg::Replay(queue, only) => self.replay(queue, only),
            Msg::ReplayEdited(queue) => self.replay_edited(queue),
            Msg::Hold(held) => self.hold(held),
            Msg::LetGo => self.let_go(),
            Msg::Instruments(open) => self.open_instruments(open),
            Msg::Read(at) => self.read(at),
            Msg::ToggleTheme
            | Msg::Theme(_)
            | Msg::Present
            | Msg::Printing(_)
            | Msg::ReducedMotion(_) => self.act_on_looks(&msg),
            Msg::Open(layer) => self.show(Some(layer)),
            Msg::Close(layer) if self.layer == Some(layer) => self.show(None),
            Msg::Close(_) => Redraw::None,
            Msg::Back => self.back(),
            Msg::Go(route) => {
                self.layer = None;
                self.errands.push(Errand::Go(route));
                Redraw::Panels
            }
            Msg::Visit(route) => self.visit(route),
            Msg::OpenScenario(name) => self.open_embedded(name),
            Msg::NewSeed => {
                self.errands.push(Errand::Seed);
                Redraw::None
            }
            Msg::Reseed(seed) => {
                let scenario = self.timeline.scenario().clone();
                self.replace(Timeline::new(scenario, seed))
            }
            Msg::Share => self.share(),
            Msg::SaveRun => self.save_run(),
            Msg::PickFile => {
                self.errands.push(Errand::PickFile);
                self.show(None)
            }
            Msg::OpenText(text) => self.open_text(&text),
            Msg::OpenRescued => self.open_rescued(),
            Msg::Lessons(_)
            | Msg::Language(_)
            | Msg::Choice(_)
            | Msg::Note(..)
            | Msg::Reveal(_)
            | Msg::Experiment(_)
            | Msg::SaveProgress
            | Msg::Kept(_)
            | Msg::Tab(_)
            | Msg::Sample(_)
            | Msg::Predict(_)
            | Msg::Answer { .. }
            | Msg::Hint
            | Msg::OpenStep(_)
            | Msg::RestartLesson
            | Msg::ForgetLesson => self.act_in_lesson(msg),
            Msg::Accept(offer) => self.accept(offer),
            Msg::Dismiss(toast) => {
                self.toasts.dismiss(toast);
                Redraw::Panels
            }
            Msg::Trouble { title, text } => self.trouble(&title, text),
            Msg::CopyText(text) => {
                self.errands.push(Errand::Copy(text));
                Redraw::None
            }
            Msg::Copied { link } => self.copied(link),
        }
    }

    fn act_on_looks(&mut self, msg: &Msg) -> Redraw {
        match msg {
            Msg::ToggleTheme => {
                self.theme = self.theme.next();
                self.errands.push(Errand::Look("theme", self.theme.name()));
                Redraw::Both
            }
            Msg::Theme(theme) => {
                self.theme = *theme;
                Redraw::Both
            }
            Msg::Present => self.present(),
            Msg::Printing(printing) => {
                self.printing = *printing;
                Redraw::Panels
            }
            Msg::ReducedMotion(reduced) => {
                self.reduced_motion = *reduced;
                Redraw::Both
            }
            _ => Redraw::None,
        }
    }

    /// What is asked of lessons, the interview and what is kept of both.
    fn act_in_lesson(&mut self, msg: Msg) -> Redraw {
        match msg {
            Msg::Lessons(loaded) => self.take_lessons(loaded),
            Msg::Language(language) => self.read_in(language),
            Msg::Choice(place) => self.choose_ready(place),
            Msg::Note(key, words) => self.note(key, words),
            Msg::Reveal(id) => {
                self.revealed.push(id);
                Redraw::Panels
            }
            Msg::Experiment(id) => self.experiment(&id),
            Msg::SaveProgress => self.save_progress(),
            Msg::Kept(stored) => {
                self.restore_progress(&stored);
                Redraw::Panels
            }
            Msg::Tab(tab) => self.lesson_view(|state| state.tab = tab),
            Msg::Sample(sample) => self.lesson_view(|state| state.sample = sample),
            Msg::Predict(option) => self.predict(&option),
            Msg::Answer { question, option } => self.answer(question, option),
            Msg::Hint => self.hint(),
            Msg::OpenStep(step) => self.open_step(step),
            Msg::RestartLesson => self.restart_lesson(),
            Msg::ForgetLesson => self.forget_lesson(),
            _ => Redraw::None,
        }
    }

    /// Reads the instruments off at an instant.
    fn read(&mut self, at: Option<Instant>) -> Redraw {
        let moved = std::mem::replace(&mut self.reading, at) != at;
        if moved { Redraw::Panels } else { Redraw::None }
    }

    fn copied(&mut self, link: bool) -> Redraw {
        let (title, text) = if link {
            ("Link copied", "it opens this run at this moment")
        } else {
            ("Copied", "the code is on the clipboard")
        };
        self.announcer.say(format!("{title}: {text}."));
        self.toasts.show(Mood::Good, title, text.to_owned(), None);
        Redraw::Panels
    }

    fn lesson_view(&mut self, change: impl FnOnce(&mut LessonState)) -> Redraw {
        match &mut self.lesson {
            Some(state) => {
                change(state);
                Redraw::Panels
            }
            None => Redraw::None,
        }
    }

    pub(super) fn trouble(&mut self, title: &str, text: String) -> Redraw {
        self.announcer.warn(format!("{title}: {text}"));
        self.toasts.show(Mood::Bad, title, text, None);
        Redraw::Panels
    }

    /// Gives a command; the error is the world's own sentence.
    pub fn command(&mut self, command: Command) -> Result<Redraw, String> {
        self.arrive();
        if self.rivals.is_some() {
            return Err(LOOK_ONLY.to_owned());
        }
        if !self.allows(&command) {
            return Err("this lesson leaves that out; after its last step all is free".to_owned());
        }
        if let Command::ResetOffsets { group, .. } = &command
            && let Some(refusal) = self.reset_refusal(group)
        {
            return Err(refusal);
        }
        let said = format!("{command}.");
        self.narrate();
        self.timeline.command(command).map_err(|error| error.message)?;
        self.announcer.say(said);
        self.told = Told::of(self.world());
        self.watch();
        Ok(Redraw::Both)
    }

    pub(super) fn give(&mut self, command: Command) -> Redraw {
        match self.command(command) {
            Ok(redraw) => redraw,
            Err(message) => self.trouble("Not possible", message),
        }
    }

    fn play(&mut self, playing: bool) -> Redraw {
        if playing == self.playing && self.running.is_none() {
            return Redraw::None;
        }
        self.playing = playing;
        self.running = None;
        Redraw::Both
    }

    fn set_speed(&mut self, speed: Speed) -> Redraw {
        self.speed = speed;
        Redraw::Panels
    }

    /// Goes to the next instant at which something happens.
    fn step(&mut self) -> Redraw {
        self.stop();
        let (limit, seen) = (self.now() + LONGEST_STEP, self.world().trace().len());
        for _ in 0..QUIET_STEPS {
            self.timeline.step(limit);
            if self.now() >= limit || self.world().trace().len() > seen {
                break;
            }
        }
        self.moved()
    }

    /// Time stands still; a wish to run until something is given up.
    pub(super) fn stop(&mut self) {
        self.playing = false;
        self.running = None;
    }

    /// The world jumped: what was drawn from memory is void.
    pub(super) fn moved(&mut self) -> Redraw {
        self.told = Told::of(self.world());
        self.watch();
        if self.selection.as_ref().is_some_and(|selection| !selection.is_in(self.world())) {
            self.selection = None;
        }
        Redraw::Both
    }

    fn run_until(&mut self, until: Until) -> Redraw {
        self.running = Some(Running::begin(until, self.world(), self.steps_done()));
        self.playing = true;
        self.layer = None;
        Redraw::Both
    }

    fn fork(&mut self) -> Redraw {
        if !self.timeline.has_future() {
            let text = "nothing lies after this moment yet; rewind first".to_owned();
            self.toasts.show(Mood::Neutral, "Nothing to fork", text, None);
            return Redraw::Panels;
        }
        self.timeline.fork();
        self.announcer.say("Forked. The other future is kept.");
        Redraw::Both
    }

    fn select(&mut self, selection: Option<Selection>) -> Redraw {
        // On a phone the lesson would lie over it.
        let covered = selection.is_some() && self.layer == Some(Layer::Sheet);
        if covered {
            self.layer = None;
        }
        let covered = std::mem::take(&mut self.instruments) || covered;
        self.reading = None;
        if self.selection == selection {
            return if covered { Redraw::Panels } else { Redraw::None };
        }
        self.selection = selection;
        Redraw::Both
    }

    /// Instruments and inspector have one place; what is selected comes back after them.
    fn open_instruments(&mut self, open: bool) -> Redraw {
        (self.instruments, self.reading) = (open, None);
        self.layer = self.layer.filter(|layer| !open || *layer != Layer::Sheet);
        Redraw::Panels
    }

    fn follow(&mut self, order: Option<u32>) -> Redraw {
        self.followed = order;
        self.selection = order.map(Selection::Order).or(self.selection.take());
        self.instruments &= order.is_none();
        Redraw::Both
    }

    /// Follows the next order that is placed, or the newest if none will come.
    fn follow_next(&mut self) -> Redraw {
        let before = self.world().ledger().placed();
        for _ in 0..QUIET_STEPS {
            if self.world().ledger().placed() > before {
                break;
            }
            let limit = self.now() + LONGEST_STEP;
            self.timeline.step(limit);
            if self.now() >= limit {
                break;
            }
        }
        let placed = self.world().ledger().placed();
        match placed {
            0 => self.trouble("No order", "none has been placed yet".to_owned()),
            _ => {
                self.announcer.say(format!("Following order {placed}."));
                self.follow(Some(placed))
            }
        }
    }

    pub(super) fn show(&mut self, layer: Option<Layer>) -> Redraw {
        self.layer = layer;
        Redraw::Panels
    }

    fn back(&mut self) -> Redraw {
        if self.held.take().is_some() {
            return Redraw::Both;
        }
        if self.notice.take().is_some() || self.layer.take().is_some() {
            return Redraw::Panels;
        }
        if self.running.is_some() {
            return self.play(false);
        }
        if self.reading.take().is_some() {
            return Redraw::Panels;
        }
        if self.instruments {
            return self.open_instruments(false);
        }
        if self.selection.is_none() && self.presenting {
            return self.present();
        }
        self.select(None)
    }

    fn present(&mut self) -> Redraw {
        self.presenting = !self.presenting;
        let (value, said) = if self.presenting {
            ("on", "Presenter mode; Escape leaves it.")
        } else {
            ("off", "Presenter mode is off.")
        };
        self.errands.push(Errand::Look("presenting", value));
        self.announcer.say(said);
        Redraw::Both
    }

    pub(super) fn replace(&mut self, timeline: Timeline) -> Redraw {
        self.timeline = timeline;
        self.toasts.forget_world();
        self.running = None;
        self.followed = None;
        self.selection = None;
        self.moved()
    }

    fn accept(&mut self, offer: Offer) -> Redraw {
        self.toasts.accepted(&offer);
        match offer {
            Offer::Show(selection) => self.select(Some(selection)),
            Offer::Lessons => {
                self.errands.push(Errand::Go(Route::Lessons));
                Redraw::Panels
            }
            Offer::LastRun => match self.last_run.take() {
                Some(run) => self.open_run(Ok(run)),
                None => Redraw::Panels,
            },
        }
    }
}

/// What would change one of two runs that are compared, or looks at one thing in it.
fn touches(msg: &Msg) -> bool {
    matches!(
        msg,
        Msg::Command(_)
            | Msg::Undo
            | Msg::Redo
            | Msg::Fork
            | Msg::SwitchTo(_)
            | Msg::Compare(_)
            | Msg::Select(Some(_))
            | Msg::FollowNext
            | Msg::Instruments(true)
            | Msg::OpenScenario(_)
            | Msg::OpenText(_)
            | Msg::NewSeed
    )
}

/// So many milliseconds later, or earlier.
pub fn shifted(at: Instant, millis: i64) -> Instant {
    let by = Duration::from_millis(millis.unsigned_abs());
    if millis < 0 { at - by } else { at + by }
}
