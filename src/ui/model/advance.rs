//! Playing: real time becomes virtual time, in slices, within a budget.

use std::time::Duration;

use crate::engine::Instant;
use crate::simulation::{AlertState, Run};

use super::{Model, Mood, Offer, Redraw, Selection, Speed};

/// Goals of lessons are looked at once a slice.
const SLICE: Duration = Duration::from_secs(1);
/// A tab that slept is not fast-forwarded through its sleep.
const LONGEST_FRAME: Duration = Duration::from_millis(100);

impl Model {
    /// Lets `elapsed` of real time pass. `has_time` is asked after each slice; what does not fit
    /// into the budget of a frame is dropped.
    pub fn advance(&mut self, elapsed: Duration, has_time: &mut dyn FnMut() -> bool) -> Redraw {
        if self.destination.is_some() {
            return self.travel_on(has_time);
        }
        if !self.playing {
            return Redraw::None;
        }
        let speed = if self.running.is_some() { Speed::FASTEST } else { self.speed };
        let last = Instant::from_millis(Run::LATEST_MS);
        let mut end = last.min(self.now() + speed.of(elapsed.min(LONGEST_FRAME)));
        if let Some(limit) = self.running.as_ref().and_then(|running| running.limit()) {
            end = end.min(limit);
        }
        let mut redraw = Redraw::Stage;
        while self.now() < end {
            let before = self.firings();
            let began = self.now();
            let to = end.min(next_slice(began));
            match &mut self.running {
                Some(running) => running.play(&mut self.timeline, to),
                None => self.timeline.run_until(to),
            }
            self.keep_step();
            redraw = redraw.and(self.look(&before)).and(self.end_game(began));
            if !self.playing || !has_time() {
                break;
            }
        }
        if self.is_there() || self.now() >= last {
            redraw = redraw.and(self.stop_running());
        }
        redraw
    }

    /// Looks at what a slice of time brought: alerts, and whether the wish is fulfilled.
    fn look(&mut self, before: &[(u64, bool)]) -> Redraw {
        let mut redraw = self.report_alerts(before).and(self.watch());
        if self.is_there() {
            redraw = redraw.and(self.stop_running());
        }
        redraw
    }

    /// Stops when a game is over, and says how it went.
    fn end_game(&mut self, before: Instant) -> Redraw {
        let scenario = self.timeline.scenario().clone();
        let Some(game) = &scenario.game else {
            return Redraw::None;
        };
        let end = Instant::from_millis(game.ends_at_ms);
        if before >= end || self.now() < end {
            return Redraw::None;
        }
        let score = game.score(&self.observe());
        let text = format!("{} of {} points", score.points, score.of);
        self.announcer.say(format!("The game is over: {text}."));
        self.toasts.show(Mood::Neutral, "The game is over", text, None);
        self.stop_running()
    }

    fn is_there(&self) -> bool {
        let world = self.timeline.world();
        self.running.as_ref().is_some_and(|running| running.is_reached(world, self.steps_done()))
    }

    fn stop_running(&mut self) -> Redraw {
        self.running = None;
        self.playing = false;
        self.announcer.say("Paused, it is so far.");
        Redraw::Both
    }

    /// The alerts of the run, and then of the one that it is compared with.
    fn alerts(&self) -> [&[AlertState]; 2] {
        let other = self.rivals.as_ref().map(|rivals| rivals.other.world().alerts());
        [self.world().alerts(), other.unwrap_or_default()]
    }

    /// How often each alert fired, and whether it does.
    fn firings(&self) -> Vec<(u64, bool)> {
        let [own, others] = self.alerts();
        own.iter().chain(others).map(|alert| (alert.fired, alert.firing)).collect()
    }

    fn report_alerts(&mut self, before: &[(u64, bool)]) -> Redraw {
        let after = self.firings();
        let mut redraw = Redraw::None;
        for (index, (fired, firing)) in after.into_iter().enumerate() {
            let (fired_before, firing_before) = before[index];
            if fired > fired_before {
                redraw = self.report_alert(index, true);
            }
            if !firing && (firing_before || fired > fired_before) {
                redraw = self.report_alert(index, false);
            }
        }
        redraw
    }

    fn report_alert(&mut self, index: usize, fired: bool) -> Redraw {
        let [own, others] = self.alerts();
        let compared = self.rivals.is_some();
        let (which, alert) = match own.get(index) {
            Some(alert) => (if compared { "A: " } else { "" }, alert),
            None => ("B: ", &others[index - own.len()]),
        };
        let rule = crate::ui::format::capitalized(&alert.rule.rule);
        let value = crate::ui::format::count(alert.value);
        let (title, text, mood) = if fired {
            let above = crate::ui::format::count(alert.rule.above);
            (format!("{which}{rule} alert"), format!("{value}, more than {above}"), Mood::Bad)
        } else {
            let lasted = alert.cleared_at.zip(alert.fired_at);
            let lasted = lasted.map_or(0, |(end, start)| end.since(start).as_millis() as u64);
            let text = format!("after {}, at {value}", crate::ui::format::duration(lasted));
            (format!("{which}{rule} cleared"), text, Mood::Good)
        };
        let offer = match &alert.rule.measure {
            crate::simulation::Measure::QueueReady(queue) if fired && !compared => {
                Some(Offer::Show(Selection::Queue(queue.clone())))
            }
            _ => None,
        };
        self.announcer.say(format!("{title}: {text}."));
        self.toasts.report(mood, &title, text, offer);
        Redraw::Panels
    }
}

/// The end of the slice that `now` is in: whole seconds, so that rewinding meets the same moments.
fn next_slice(now: Instant) -> Instant {
    let slice = SLICE.as_micros() as u64;
    Instant::from_micros((now.as_micros() / slice + 1) * slice)
}
