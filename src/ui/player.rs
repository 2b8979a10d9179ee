//! The player: it owns the model, keeps the one animation frame, and tells panels and stage when
//! there is something new.
//!
//! Yew state is never written per frame: the stage draws itself in a hook, panels hear of changes
//! at most eight times a second while the run plays, and at once after a hand's touch. While the
//! run is paused, or the tab is hidden, no frame is asked for.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::time::Duration;

use gloo_timers::callback::Timeout;

use super::browser;
use super::callback::Callback;
use super::model::{Errand, Model, Msg, Redraw};

/// Faster than this nobody reads a figure.
const PANELS_EVERY_MS: f64 = 125.0;
/// What a frame may spend on the simulation; the rest of its 16 ms belongs to drawing.
const BUDGET_MS: f64 = 10.0;
/// The same on the way to another moment, which is looked forward to more than smooth drawing.
const TRAVEL_MS: f64 = 40.0;
/// How often toasts and the live region look at the clock while nothing else happens.
const CLOCK_EVERY_MS: u32 = 500;

type Hook = Rc<dyn Fn(&Model, f64)>;
type WeakHook = Weak<dyn Fn(&Model, f64)>;
type Listener = Rc<dyn Fn()>;
type Errands = Rc<dyn Fn(Errand)>;

/// A handle on the page's run; clones share it.
#[derive(Clone)]
pub struct Player(Rc<Inner>);

struct Inner {
    model: RefCell<Model>,
    /// Messages that came while the model was being read.
    waiting: RefCell<Vec<Msg>>,
    hooks: RefCell<Vec<WeakHook>>,
    panels: RefCell<Vec<Weak<dyn Fn()>>>,
    errands: RefCell<Option<Errands>>,
    frame: Callback,
    /// When the last frame ran, if it was part of a chain of frames.
    last_frame: Cell<Option<f64>>,
    panels_told: Cell<f64>,
    stage_is_old: Cell<bool>,
    panels_are_old: Cell<bool>,
    clock_asked: Cell<bool>,
}

impl fmt::Debug for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Player").finish_non_exhaustive()
    }
}

impl PartialEq for Player {
    fn eq(&self, other: &Player) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Keeps a registration; dropping it ends it.
#[must_use = "dropping the guard ends the registration"]
pub struct Guard {
    _hook: Option<Hook>,
    _listener: Option<Listener>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

impl Player {
    pub fn new(model: Model) -> Player {
        Player(Rc::new(Inner {
            model: RefCell::new(model),
            waiting: RefCell::default(),
            hooks: RefCell::default(),
            panels: RefCell::default(),
            errands: RefCell::default(),
            frame: Callback::default(),
            last_frame: Cell::new(None),
            panels_told: Cell::new(f64::MIN),
            stage_is_old: Cell::new(true),
            panels_are_old: Cell::new(false),
            clock_asked: Cell::new(false),
        }))
    }

    /// Looks at the model.
    pub fn read<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.0.model.borrow())
    }

    /// Asks for something; it is done before this returns, unless the model is being read.
    pub fn send(&self, msg: Msg) {
        self.change(|model| model.update(msg.clone())).unwrap_or_else(|| {
            self.0.waiting.borrow_mut().push(msg.clone());
        });
    }

    /// Changes the model and shows what has to be drawn again. `None` while it is being read.
    fn change(&self, change: impl FnOnce(&mut Model) -> Redraw) -> Option<()> {
        let (redraw, errands) = {
            let mut model = self.0.model.try_borrow_mut().ok()?;
            (change(&mut model), model.take_errands())
        };
        self.after(redraw, errands);
        Some(())
    }

    /// As [`Player::change`], with an answer for the one who asked.
    pub fn ask<T>(&self, change: impl FnOnce(&mut Model) -> (T, Redraw)) -> Option<T> {
        let mut answer = None;
        self.change(|model| {
            let (value, redraw) = change(model);
            answer = Some(value);
            redraw
        })?;
        answer
    }

    fn after(&self, redraw: Redraw, errands: Vec<Errand>) {
        let run = self.0.errands.borrow().clone();
        if let Some(run) = run {
            errands.into_iter().for_each(|errand| run(errand));
        }
        if redraw.stage() {
            self.0.stage_is_old.set(true);
        }
        if redraw.panels() {
            self.tell_panels();
        }
        self.keep_going();
    }

    /// Runs `hook` in every animation frame in which the stage may look different, with the time
    /// of the frame in milliseconds.
    pub fn on_frame(&self, hook: Hook) -> Guard {
        self.0.hooks.borrow_mut().push(Rc::downgrade(&hook));
        self.request_frame();
        Guard { _hook: Some(hook), _listener: None }
    }

    /// Runs `listener` when panels should look at the model again.
    pub fn on_panels(&self, listener: Rc<dyn Fn()>) -> Guard {
        self.0.panels.borrow_mut().push(Rc::downgrade(&listener));
        Guard { _hook: None, _listener: Some(listener) }
    }

    /// Sets who carries out errands outside the model.
    pub fn on_errand(&self, run: Errands) {
        *self.0.errands.borrow_mut() = Some(run);
    }

    /// Draws the stage once more, though the world is the same: its size or theme changed.
    pub fn request_frame(&self) {
        self.0.stage_is_old.set(true);
        self.keep_going();
    }

    /// The tab was hidden or shown again.
    pub fn visibility_changed(&self) {
        if browser::is_hidden() {
            self.0.frame.cancel();
            self.0.last_frame.set(None);
        } else {
            self.keep_going();
        }
    }

    fn tell_panels(&self) {
        self.0.panels_told.set(browser::now());
        self.0.panels_are_old.set(false);
        self.0.panels.borrow_mut().retain(|listener| listener.strong_count() > 0);
        let listeners: Vec<_> = self.0.panels.borrow().iter().filter_map(Weak::upgrade).collect();
        listeners.iter().for_each(|listener| listener());
    }

    /// Asks for a frame if one is needed and none is asked for.
    fn keep_going(&self) {
        if !browser::is_there() {
            return;
        }
        let (moving, clock) = self.0.model.try_borrow().map_or((false, false), |model| {
            (
                model.playing || model.destination.is_some(),
                model.announcer.is_waiting() || !model.toasts.is_empty(),
            )
        });
        if clock && !self.0.clock_asked.replace(true) {
            let player = self.clone();
            Timeout::new(CLOCK_EVERY_MS, move || player.tick()).forget();
        }
        let needed = moving || self.0.stage_is_old.get() || self.0.panels_are_old.get();
        if !needed {
            self.0.last_frame.set(None);
            return;
        }
        if !browser::is_hidden() {
            let player = self.clone();
            self.0.frame.ask(move |now| player.frame(now), browser::next_frame);
        }
    }

    /// Toasts and the live region look at the clock.
    fn tick(&self) {
        self.0.clock_asked.set(false);
        self.change(|model| model.clock(browser::now()));
    }

    fn frame(&self, now: f64) {
        let last = self.0.last_frame.replace(Some(now));
        let elapsed = Duration::from_secs_f64((now - last.unwrap_or(now)).max(0.0) / 1_000.0);
        let travels = self.read(|model| model.destination.is_some());
        let end = browser::now() + if travels { TRAVEL_MS } else { BUDGET_MS };
        let (redraw, errands) = {
            let mut model = self.0.model.borrow_mut();
            let redraw = model.advance(elapsed, &mut || browser::now() < end);
            (redraw.and(model.clock(browser::now())), model.take_errands())
        };
        self.draw(now);
        self.catch_up();
        if let Some(run) = self.0.errands.borrow().clone() {
            errands.into_iter().for_each(|errand| run(errand));
        }
        let due = browser::now() - self.0.panels_told.get() >= PANELS_EVERY_MS;
        let old = redraw.panels() || redraw.stage() || self.0.panels_are_old.get();
        if old && due {
            self.tell_panels();
        } else if old {
            self.0.panels_are_old.set(true);
        }
        self.keep_going();
    }

    fn draw(&self, now: f64) {
        self.0.stage_is_old.set(false);
        self.0.hooks.borrow_mut().retain(|hook| hook.strong_count() > 0);
        let hooks: Vec<_> = self.0.hooks.borrow().iter().filter_map(Weak::upgrade).collect();
        let model = self.0.model.borrow();
        hooks.iter().for_each(|hook| hook(&model, now));
    }

    /// Does what was asked for while the model was being read.
    fn catch_up(&self) {
        let waiting = self.0.waiting.take();
        waiting.into_iter().for_each(|msg| self.send(msg));
    }
}
