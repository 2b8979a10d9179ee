//! What is under a point of the stage.

use super::geometry::Point;
use super::layout::{Layout, TapeStyle};
use super::shape::Scene;
use crate::simulation::Scenario;
use crate::ui::model::Selection;

/// A finger is less exact than a token is large.
const REACH: f32 = 11.0;

/// The service, order, exchange, queue or partition at a point: what lies on top first.
pub fn hit(scene: &Scene, layout: &Layout, scenario: &Scenario, point: Point) -> Option<Selection> {
    let service = layout.cards.iter().find(|card| card.rect.contains(point));
    if let Some(card) = service {
        return Some(Selection::Service(
            scenario.services[card.service].id.clone(),
        ));
    }
    let near = scene
        .marks()
        .iter()
        .map(|(place, order)| (place.distance(point), *order));
    let closest = near
        .filter(|(way, _)| *way <= REACH)
        .min_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((_, order)) = closest {
        return Some(Selection::Order(order));
    }
    let spot = layout
        .exchanges
        .iter()
        .find(|it| it.center.distance(point) <= it.radius + 4.0);
    if let Some(spot) = spot {
        return Some(Selection::Exchange(spot.name.clone()));
    }
    let trays = layout.trays.iter().chain(&layout.rungs).chain(&layout.dead);
    if let Some(tray) = trays.into_iter().find(|tray| tray.rect.contains(point)) {
        return tray.queues.first().cloned().map(Selection::Queue);
    }
    layout.tapes.iter().find_map(|tape| {
        let inside = point.y >= tape.rect.y
            && point.y <= tape.rect.bottom()
            && point.x >= tape.label_x.unwrap_or(tape.rect.x) - 26.0
            && point.x <= tape.offset_x.unwrap_or(tape.rect.right());
        let lead = if tape.style == TapeStyle::Close {
            0.0
        } else {
            2.0
        };
        let row = ((point.y - tape.rect.y - lead) / tape.pitch).max(0.0) as u32;
        let partition = row.min(tape.partitions.saturating_sub(1));
        inside.then(|| Selection::Partition(tape.name.clone(), partition))
    })
}
