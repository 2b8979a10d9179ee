//! What happened in the world, in sentences for those who do not see it. Two looks at the world
//! are compared, seconds apart: a thousand events between them are still a few sentences.

use crate::simulation::{Input, Observation, Scenario, World};
use crate::ui::format;

use super::Model;

/// What is worth a sentence when it changes.
#[derive(Debug, Default)]
pub(super) struct Told(Option<Observation>);

impl Told {
    pub fn of(world: &World) -> Told {
        Told(Some(world.observe()))
    }
}

impl Model {
    /// Says what changed since the last look.
    pub(super) fn narrate(&mut self) {
        let now = Told::of(self.world());
        let before = std::mem::replace(&mut self.told, now);
        if let (Some(before), Some(now)) = (before.0, &self.told.0) {
            let announcer = &mut self.announcer;
            changes(self.timeline.scenario(), &before, now, &mut |said| announcer.say(said));
        }
    }
}

/// Alerts and steps are said when they come; this is about the rest.
fn changes(
    scenario: &Scenario,
    before: &Observation,
    now: &Observation,
    say: &mut dyn FnMut(String),
) {
    for spec in &scenario.services {
        let down = |look: &Observation| look.services.get(&spec.id).map(|one| one.state == "down");
        let waiting = match &spec.input {
            Input::Queue { queue, .. } => now.queues.get(queue).map_or(0, |queue| queue.ready),
            Input::Topic { group, .. } => now.groups.get(group).map_or(0, |group| group.lag),
            Input::Http { .. } => now.services.get(&spec.id).map_or(0, |one| one.waiting),
        };
        let waiting = format::count(waiting);
        match (down(before), down(now)) {
            (Some(false), Some(true)) => say(format!("{} is down, {waiting} waiting.", spec.id)),
            (Some(true), Some(false)) => {
                say(format!("{} is up again, {waiting} waiting.", spec.id));
            }
            _ => {}
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
        let leader = first.leader.map_or("nobody".to_owned(), |broker| format!("broker {broker}"));
        say(format!("Partition {number} of {name} is led by {leader}."));
        let more = moved.count();
        if more > 0 {
            say(format!("{more} more of {name} changed their leader."));
        }
    }
    for (name, group) in &now.groups {
        if before.groups.get(name).is_some_and(|was| was.generation != group.generation) {
            let members = format::counted(group.members, "member");
            say(format!("Group {name} rebalanced, {members}."));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::Instant;
    use crate::simulation::Command;
    use crate::ui::model::{Model, Msg, Speed};

    /// What is said while the wall clock goes on by so many seconds, with the second of each.
    fn heard(model: &mut Model, from: u32, seconds: u32) -> Vec<(u32, String)> {
        let mut heard = Vec::new();
        for tenth in from * 10..(from + seconds) * 10 {
            model.advance(std::time::Duration::from_millis(100), &mut || true);
            let before = model.announcer.spoken().to_owned();
            model.clock(f64::from(tenth) * 100.0);
            if model.announcer.spoken() != before {
                heard.push((tenth / 10, model.announcer.spoken().to_owned()));
            }
        }
        heard
    }

    fn kill(service: &str) -> Msg {
        Msg::Command(Command::Kill { service: service.into(), instance: None })
    }

    #[test]
    fn what_a_hand_did_is_said_once_and_what_follows_from_it_later() {
        let mut model = Model::shop();
        heard(&mut model, 1, 3);
        model.update(kill("analytics"));
        let said = heard(&mut model, 4, 60);
        assert!(said[0].1.starts_with("analytics killed."), "{said:?}");
        assert!(
            said[1..].iter().any(|(_, one)| one.contains("rebalanced, 0 members.")),
            "{said:?}"
        );
        assert!(!said.iter().any(|(_, one)| one.contains("analytics is down")), "{said:?}");
    }

    #[test]
    fn at_full_speed_there_is_a_sentence_every_four_seconds_at_most() {
        let mut model = Model::shop();
        model.update(Msg::SetSpeed(Speed::FASTEST));
        heard(&mut model, 1, 1);
        for service in ["email", "warehouse", "analytics", "payment"] {
            model.update(kill(service));
        }
        let said = heard(&mut model, 2, 40);
        assert!(said.len() > 1, "{said:?}");
        assert!(said.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 4), "{said:?}");
        assert!(said.iter().all(|(_, one)| one.matches(". ").count() <= 3), "{said:?}");
    }

    #[test]
    fn a_jump_through_time_is_no_news() {
        let mut model = Model::shop();
        model.update(kill("email"));
        model.clock(0.0);
        model.update(Msg::Seek(Instant::ZERO));
        model.announcer.clock(4_000.0);
        model.update(Msg::Pause);
        assert_eq!(heard(&mut model, 5, 10), []);
    }
}
