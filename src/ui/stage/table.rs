//! The stage as a table, for those who do not see it.

use yew::{Html, html};

use crate::simulation::{Observation, Scenario};
use crate::ui::format;
use crate::ui::parts::state_words;

/// Services with their state, groups with their lag, queues with their counts.
pub fn table(scenario: &Scenario, observation: &Observation) -> Html {
    let services = scenario.services.iter().filter_map(|spec| {
        let figures = observation.services.get(&spec.id)?;
        let words = state_words(figures, observation.now_ms);
        let count = format!("{} of {} running", figures.instances_up, figures.instances);
        Some(html! {
            <tr key={spec.id.to_string()}>
                <th scope="row">{ format!("service {}", spec.title) }</th>
                <td>{ words }</td>
                <td>{ count }</td>
            </tr>
        })
    });
    let groups = observation.groups.iter().map(|(id, group)| {
        let lag = format!("lag {}", format::count(group.lag));
        html! {
            <tr key={format!("group-{id}")}>
                <th scope="row">{ format!("group {id} on {}", group.topic) }</th>
                <td>{ &group.state }</td>
                <td>{ lag }</td>
            </tr>
        }
    });
    let queues = observation.queues.iter().map(|(name, queue)| {
        html! {
            <tr key={format!("queue-{name}")}>
                <th scope="row">{ format!("queue {name}") }</th>
                <td>{ format!("{} ready", format::count(queue.ready)) }</td>
                <td>{ format!("{} in hand", format::count(queue.unacked)) }</td>
            </tr>
        }
    });
    html! {
        <table class="sr">
            <caption>{ "The stage in figures" }</caption>
            <thead>
                <tr>
                    <th scope="col">{ "part" }</th>
                    <th scope="col">{ "state" }</th>
                    <th scope="col">{ "figure" }</th>
                </tr>
            </thead>
            <tbody>
                { for services }
                { for groups }
                { for queues }
            </tbody>
        </table>
    }
}
