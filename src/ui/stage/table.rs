//! The stage as a table, for those who do not see it.

use crate::simulation::{GroupFigures, Observation, Scenario};
use crate::ui::format;
use crate::ui::parts::{Node, el, state_words, text};

/// Services with their state, groups with their lag, queues with their counts.
pub fn table(scenario: &Scenario, observation: &Observation) -> Node {
    let services = scenario.services.iter().filter_map(|spec| {
        let figures = observation.services.get(&spec.id)?;
        let words = state_words(figures, observation.now_ms);
        let count = format!("{} of {} running", figures.instances_up, figures.instances);
        Some(row(spec.id.to_string(), format!("service {}", spec.title), words, count))
    });
    let seen = |(_, group): &(&_, &GroupFigures)| group.generation > 0;
    let groups = observation.groups.iter().filter(seen).map(|(id, group)| {
        let name = format!("group {id} on {}", group.topic);
        let lag = format!("lag {}", format::count(group.lag));
        let state = format!("{}, generation {}", group.state, group.generation);
        row(format!("group-{id}"), name, state, lag)
    });
    let queues = observation.queues.iter().map(|(name, queue)| {
        let ready = format!("{} ready", format::count(queue.ready));
        let in_hand = format!("{} in hand", format::count(queue.unacked));
        row(format!("queue-{name}"), format!("queue {name}"), ready, in_hand)
    });
    let head = |name| text("th", name).attr("scope", "col");
    let heads = el("tr").child(head("part")).child(head("state")).child(head("figure"));
    let table = el("table")
        .child(text("caption", "The stage in figures"))
        .child(el("thead").child(heads))
        .child(el("tbody").children(services).children(groups).children(queues));
    // A caption lies outside the box of its table, so the table alone would not hide it.
    el("div.sr").child(table)
}

fn row(key: String, name: String, state: String, figure: String) -> Node {
    el("tr")
        .key(key)
        .child(text("th", name).attr("scope", "row"))
        .child(text("td", state))
        .child(text("td", figure))
}
