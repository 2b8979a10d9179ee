//! What happened in the world, in sentences for those who do not see it. Two looks at the world
//! are compared, seconds apart: a thousand events between them are still a few sentences.

use crate::simulation::{Observation, World};
use crate::ui::format;

use super::Model;

/// What is worth a sentence when it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told(Option<Observation>);

impl Told {
    pub fn of(world: &World) -> Told {
        Told(Some(world.observe()))
    }
}

impl Model {
    /// Says what changed since the last look.
    pub(super) fn narrate(&mut self) {
        let now = self.observe();
        if let Some(before) = self.told.0.replace(now.clone()) {
            changes(&before, &now, &mut |sentence| self.announcer.say(sentence));
        }
    }
}

/// Alerts and steps are said when they come; this is about the rest.
fn changes(before: &Observation, now: &Observation, say: &mut dyn FnMut(String)) {
    for (name, figures) in &now.services {
        let was = before.services.get(name).map(|was| was.state == "down");
        let is = figures.state == "down";
        if was == Some(!is) {
            let waiting = format::count(figures.waiting);
            let state = if is { "is down" } else { "is up again" };
            say(format!("{name} {state}, {waiting} waiting."));
        }
    }
    let bad = [
        (before.ledger.dead_lettered, now.ledger.dead_lettered, "dead-lettered"),
        (before.ledger.lost, now.ledger.lost, "lost"),
        (before.ledger.charged_twice, now.ledger.charged_twice, "charged twice"),
    ];
    for (was, is, what) in bad {
        if is > was {
            let more = format::counted(is - was, "order");
            say(format!("{more} {what}, {} in all.", format::count(is)));
        }
    }
    for (name, topic) in &now.topics {
        let Some(was) = before.topics.get(name) else { continue };
        let pairs = was.partitions.iter().zip(&topic.partitions).enumerate();
        let mut moved = pairs.filter(|(_, (was, is))| was.leader != is.leader);
        let Some((number, (_, first))) = moved.next() else { continue };
        let leader = match first.leader {
            Some(broker) => format!("is led by broker {broker}"),
            None => "has no leader".to_owned(),
        };
        let rest = match moved.count() {
            0 => String::new(),
            more => format!("; {more} more of {name} changed their leader"),
        };
        say(format!("Partition {number} of {name} {leader}{rest}."));
    }
    for (name, group) in &now.groups {
        if before.groups.get(name).is_some_and(|was| was.generation != group.generation) {
            let members = format::counted(group.members, "member");
            say(format!("Group {name} rebalanced, {members}."));
        }
    }
}
