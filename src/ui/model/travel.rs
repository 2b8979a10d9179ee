//! Going to another moment of the run, to another future, or to a run without its last command. What cannot be shown at once is played a frame at a time, so
//! that every touch is answered.

use crate::engine::Instant;
use crate::simulation::{Command, Timeline};
use crate::ui::format;

use super::{Model, Mood, Msg, Redraw};

/// Happenings that are played at once: some 25 ms.
const AT_ONCE: u64 = 25_000;
/// Happenings between two looks at the clock.
const PORTION: u64 = 2_000;

impl Model {
    pub(super) fn undo(&mut self) -> Redraw {
        let Some((at, _)) = self.timeline.can_undo() else {
            self.announcer.say("No command was given yet.");
            return Redraw::Panels;
        };
        self.change_past(*at, Timeline::undo, "Taken back")
    }

    pub(super) fn redo(&mut self) -> Redraw {
        let Some((at, _)) = self.timeline.can_redo() else {
            self.announcer.say("No command was taken back.");
            return Redraw::Panels;
        };
        self.change_past(*at, Timeline::redo, "Given again")
    }

    /// Changes the run where it was at `at`, and plays it anew from there.
    fn change_past(
        &mut self,
        at: Instant,
        change: fn(&mut Timeline) -> Option<(Instant, Command)>,
        what: &str,
    ) -> Redraw {
        let present = self.destination.unwrap_or(self.now());
        self.timeline.approach(at.min(self.now()));
        if let Some((at, command)) = change(&mut self.timeline) {
            let text = format!("{command}, at {}", format::clock(at));
            self.announcer.say(format!("{what}: {text}."));
            self.toasts.show(Mood::Good, what, text, None);
        }
        self.travel(present)
    }

    /// Goes to the last instant before the present at which something happened.
    pub(super) fn step_back(&mut self) -> Redraw {
        let now = self.now();
        let last = self.world().trace().entries().rev().find(|entry| entry.at < now);
        let before = last.map_or(Instant::ZERO, |entry| entry.at);
        self.stop();
        self.timeline.seek(before);
        self.moved()
    }

    pub(super) fn seek(&mut self, to: Instant) -> Redraw {
        self.running = None;
        self.travel(to)
    }

    pub(super) fn seek_marker(&mut self, forward: bool) -> Redraw {
        let (now, markers) = (self.now(), self.timeline.markers());
        let found = if forward {
            markers.iter().find(|marker| marker.at > now)
        } else {
            markers.iter().rev().find(|marker| marker.at < now)
        };
        match found {
            Some(marker) => {
                self.announcer.say(format!(
                    "{}: {}.",
                    crate::ui::format::clock(marker.at),
                    marker.label
                ));
                self.seek(marker.at)
            }
            None => Redraw::None,
        }
    }

    pub(super) fn switch_to(&mut self, index: u32) -> Redraw {
        let now = self.now();
        self.stop();
        self.go_over(index);
        self.announcer.say("Switched to the other future.");
        self.travel(now)
    }

    /// Goes over to a branch, where it begins.
    pub(super) fn go_over(&mut self, index: u32) {
        if let Some(branch) = self.timeline.branches().get(index as usize) {
            self.timeline.approach(branch.forked_at.min(self.now()));
            self.timeline.switch_to(index);
        }
    }

    /// Sets out for a moment; what is near is reached at once.
    pub(super) fn travel(&mut self, to: Instant) -> Redraw {
        self.timeline.approach(to);
        self.destination = Some(to);
        self.go_on(AT_ONCE)
    }

    /// Travels on while there is time.
    pub(super) fn travel_on(&mut self, has_time: &mut dyn FnMut() -> bool) -> Redraw {
        loop {
            let redraw = self.go_on(PORTION);
            if self.destination.is_none() || !has_time() {
                return redraw;
            }
        }
    }

    /// Goes the rest of the way at once, before anything is done that needs the moment it leads to.
    pub fn arrive(&mut self) -> Redraw {
        self.go_on(u64::MAX)
    }

    fn go_on(&mut self, count: u64) -> Redraw {
        let Some(to) = self.destination else {
            return Redraw::None;
        };
        let there = self.timeline.run_some(to, count);
        self.keep_step();
        if !there {
            return Redraw::Both;
        }
        self.destination = None;
        self.find_parting();
        self.moved()
    }
}

/// What can be asked for on the way to another moment.
pub(super) fn goes_along(msg: &Msg) -> bool {
    matches!(
        msg,
        Msg::Seek(_)
            | Msg::Undo
            | Msg::Redo
            | Msg::Play
            | Msg::Pause
            | Msg::TogglePlay
            | Msg::SetSpeed(_)
            | Msg::Dismiss(_)
            | Msg::Open(_)
            | Msg::Close(_)
    )
}
