//! Dead letters in a hand: which are chosen, and what one that is edited says by now.

use std::rc::Rc;

use crate::simulation::{Command, Order};

use super::{Model, Redraw};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Letters {
    /// By their `message_id`.
    pub chosen: Vec<Rc<str>>,
    pub draft: Option<Draft>,
}

/// A letter that is being edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub id: Rc<str>,
    pub text: String,
    /// Why it could not be replayed as it is.
    pub wrong: Option<String>,
}

impl Model {
    /// Chooses a letter, or no longer.
    pub(super) fn choose(&mut self, id: Rc<str>) -> Redraw {
        let chosen = &mut self.letters.chosen;
        match chosen.iter().position(|one| *one == id) {
            Some(place) => drop(chosen.remove(place)),
            None => chosen.push(id),
        }
        Redraw::Panels
    }

    pub(super) fn edit(&mut self, draft: Option<Draft>) -> Redraw {
        self.letters.draft = draft;
        Redraw::Panels
    }

    /// Replays these letters of a queue as they are.
    pub(super) fn replay(&mut self, queue: Rc<str>, only: Vec<Rc<str>>) -> Redraw {
        let replayed = replay(queue, Some(only), None);
        self.give(replayed)
    }

    /// Replays the edited letter, if it is an order. If not, all that was written stays.
    pub(super) fn replay_edited(&mut self, queue: Rc<str>) -> Redraw {
        let Some(draft) = &mut self.letters.draft else {
            return Redraw::None;
        };
        match Order::from_text(&draft.text) {
            Ok(order) => {
                let body = String::from_utf8_lossy(&order.to_bytes()).into_owned();
                let edited = replay(queue, Some(vec![draft.id.clone()]), Some(body.into()));
                self.letters.draft = None;
                self.give(edited)
            }
            Err(wrong) => {
                draft.wrong = Some(wrong);
                Redraw::Panels
            }
        }
    }
}

/// Sends letters of a queue, or all, back to where they were published first.
pub fn replay(queue: Rc<str>, only: Option<Vec<Rc<str>>>, body: Option<Rc<str>>) -> Command {
    Command::Replay { queue, exchange: None, routing_key: None, repair: false, only, body }
}
