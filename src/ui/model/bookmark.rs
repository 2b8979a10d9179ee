//! A group's bookmark in a hand: dragged along its tape, and where it is let go, the group's
//! offsets are reset.

use std::rc::Rc;

use crate::simulation::{Command, OffsetPosition};

use super::{Model, Redraw};

/// A bookmark that is being dragged, or one that Kafka has just refused to move.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub group: Rc<str>,
    pub topic: Rc<str>,
    /// The row whose line was taken; the flag moves all rows.
    pub partition: Option<u32>,
    pub to: OffsetPosition,
    /// What its ghost says: `payment p1 to offset 120`.
    pub label: Rc<str>,
    /// Where on the stage it is.
    pub place: (f32, f32),
    pub refused: Option<Rc<str>>,
}

impl Model {
    pub(super) fn hold(&mut self, held: Option<Held>) -> Redraw {
        let changed = std::mem::replace(&mut self.held, held) != self.held;
        if changed { Redraw::Stage } else { Redraw::None }
    }

    /// Resets the offsets to where the bookmark is; a refusal stays there until the next touch.
    pub(super) fn let_go(&mut self) -> Redraw {
        let Some(held) = self.held.take() else {
            return Redraw::None;
        };
        let (group, partition, to) = (held.group.clone(), held.partition, held.to);
        match self.command(Command::ResetOffsets { group, partition, to }) {
            Ok(redraw) => redraw,
            Err(message) => {
                self.announcer.say(format!("Not possible: {message}"));
                self.held = Some(Held { refused: Some(message.as_str().into()), ..held });
                Redraw::Both
            }
        }
    }

    /// Why the offsets of a group cannot be reset now, in the words of `kafka-consumer-groups`.
    /// The world would take the command too, but nothing would come of it.
    pub fn reset_refusal(&self, group: &str) -> Option<String> {
        let state = self.world().kafka().group(group)?.state().name();
        (state != "Empty").then(|| {
            format!(
                "Assignments can only be reset if the group '{group}' is inactive, but the current \
                 state is {state}. Nothing was moved. Stop its instances; when session.timeout.ms \
                 has passed without a heartbeat the group is empty."
            )
        })
    }
}
