//! What can have the focus on the stage, and who is whose neighbour.

use crate::simulation::Scenario;
use crate::ui::model::Selection;
use crate::ui::scene::{Layout, Point, Rect};

/// One thing on the stage that can be focused and selected.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: String,
    pub rect: Rect,
    pub selection: Selection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Left,
    Right,
    Up,
    Down,
}

impl Direction {
    pub fn of_key(key: &str) -> Option<Direction> {
        match key {
            "ArrowLeft" => Some(Direction::Left),
            "ArrowRight" => Some(Direction::Right),
            "ArrowUp" => Some(Direction::Up),
            "ArrowDown" => Some(Direction::Down),
            _ => None,
        }
    }
}

pub fn service_id(id: &str) -> String {
    format!("stage-service-{id}")
}

pub fn queue_id(name: &str) -> String {
    format!("stage-queue-{name}")
}

pub fn exchange_id(name: &str) -> String {
    format!("stage-exchange-{name}")
}

pub fn partition_id(topic: &str, partition: u32) -> String {
    format!("stage-topic-{topic}-{partition}")
}

/// The box of one partition with its labels.
pub fn row_rect(layout: &Layout, topic: usize, partition: u32) -> Rect {
    let tape = &layout.tapes[topic];
    let left = tape.label_x.map_or(tape.rect.x, |x| x - 24.0);
    let right = tape.offset_x.unwrap_or(tape.rect.right());
    let height = tape.pitch.min(tape.cell_height.max(tape.pitch));
    let height = if tape.names(0) && tape.cell_height > 40.0 {
        tape.cell_height
    } else {
        height
    };
    Rect::new(
        left,
        tape.row(partition) - height / 2.0,
        right - left,
        height,
    )
}

/// Everything that can be focused.
pub fn items(layout: &Layout, scenario: &Scenario) -> Vec<Item> {
    let mut items = Vec::new();
    for card in &layout.cards {
        let id = scenario.services[card.service].id.clone();
        let selection = Selection::Service(id.clone());
        items.push(Item {
            id: service_id(&id),
            rect: card.rect,
            selection,
        });
    }
    for (topic, tape) in layout.tapes.iter().enumerate() {
        for partition in 0..tape.partitions {
            let rect = row_rect(layout, topic, partition);
            let selection = Selection::Partition(tape.name.clone(), partition);
            items.push(Item {
                id: partition_id(&tape.name, partition),
                rect,
                selection,
            });
        }
    }
    for spot in &layout.exchanges {
        let (c, r) = (spot.center, spot.radius);
        let rect = Rect::new(c.x - r, c.y - r, 2.0 * r, 2.0 * r);
        let selection = Selection::Exchange(spot.name.clone());
        items.push(Item {
            id: exchange_id(&spot.name),
            rect,
            selection,
        });
    }
    for tray in layout.trays.iter().chain(&layout.rungs).chain(&layout.dead) {
        let Some(name) = tray.queues.first() else {
            continue;
        };
        let selection = Selection::Queue(name.clone());
        items.push(Item {
            id: queue_id(name),
            rect: tray.rect,
            selection,
        });
    }
    items
}

/// The nearest item in a direction: what lies straight ahead counts as nearer than what lies
/// aside.
pub fn neighbour<'a>(items: &'a [Item], id: &str, direction: Direction) -> Option<&'a Item> {
    let from = items.iter().find(|item| item.id == id)?;
    let ahead = |item: &&Item| {
        let (a, b) = (from.rect.center(), item.rect.center());
        let clear = match direction {
            Direction::Left => item.rect.right() <= from.rect.x + 1.0 && b.x < a.x,
            Direction::Right => item.rect.x + 1.0 >= from.rect.right() && b.x > a.x,
            Direction::Up => item.rect.bottom() <= from.rect.y + 1.0 && b.y < a.y,
            Direction::Down => item.rect.y + 1.0 >= from.rect.bottom() && b.y > a.y,
        };
        item.id != from.id && clear
    };
    let way = |item: &&Item| distance(from.rect, item.rect, direction);
    items
        .iter()
        .filter(ahead)
        .min_by(|a, b| way(a).total_cmp(&way(b)))
}

fn distance(from: Rect, to: Rect, direction: Direction) -> f32 {
    let (a, b): (Point, Point) = (from.center(), to.center());
    match direction {
        Direction::Left | Direction::Right => {
            let gap = (to.x - from.right()).max(from.x - to.right()).max(0.0);
            gap + 2.0 * (a.y - b.y).abs()
        }
        Direction::Up | Direction::Down => {
            let gap = (to.y - from.bottom()).max(from.y - to.bottom()).max(0.0);
            gap + 2.0 * (a.x - b.x).abs()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::model::embedded;
    use crate::ui::scene::Form;

    #[test]
    fn arrows_lead_from_checkout_over_the_log_to_the_readers() {
        let shop = embedded("shop").expect("the shop is embedded");
        let items = items(&Layout::new(&shop, Form::Wide), &shop);
        let go = |id: &str, direction| neighbour(&items, id, direction).map(|it| it.id.clone());
        let row = go("stage-service-checkout", Direction::Right).expect("tapes are on the right");
        assert!(row.starts_with("stage-topic-order-created-"));
        let reader = go(&row, Direction::Right).expect("readers are on the right");
        assert!(reader.starts_with("stage-service-"));
        let down = go("stage-service-email", Direction::Down);
        assert_eq!(down.as_deref(), Some("stage-service-invoice"));
        let left = go("stage-service-email", Direction::Left);
        assert_eq!(left.as_deref(), Some("stage-queue-email-notifications"));
    }

    #[test]
    fn beyond_the_edge_there_is_nobody() {
        let shop = embedded("shop").expect("the shop is embedded");
        let items = items(&Layout::new(&shop, Form::Wide), &shop);
        assert_eq!(
            neighbour(&items, "stage-service-email", Direction::Right),
            None
        );
        assert_eq!(neighbour(&items, "nobody", Direction::Up), None);
    }
}
