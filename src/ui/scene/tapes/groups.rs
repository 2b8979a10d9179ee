//! How a group shares out the partitions of a topic: what a rebalance is at, and who owns which.

use super::super::View;
use super::super::geometry::{Rect, at};
use super::super::layout::{Form, Tape, TapeStyle};
use super::super::shape::{Align, Face, Scene, Shape, Stroke, Tone};
use super::flags;
use crate::engine::kafka::GroupState;
use crate::simulation::{Intake, World};
use crate::ui::model::Selection;

const PILL: f32 = 18.0;
/// A thinner row has no room for the number of an instance.
const NUMBERED: f32 = 11.0;

/// What a group that rebalances is at.
fn step(world: &World, id: &str) -> Option<(u32, &'static str)> {
    let group = world.kafka().group(id)?;
    let words = match group.state() {
        GroupState::CompletingRebalance => "assigning",
        GroupState::PreparingRebalance if group.generation() == 0 => "members join",
        // Who cooperates keeps what it has until it hears what to give up.
        GroupState::PreparingRebalance if group.protocol().starts_with("cooperative") => {
            "members join again"
        }
        GroupState::PreparingRebalance => "revoking",
        GroupState::Empty | GroupState::Stable => return None,
    };
    Some((group.generation(), words))
}

/// The service and the instance, from 1, that read a partition.
pub fn owner(
    world: &World,
    services: &[usize],
    topic: &str,
    partition: u32,
) -> Option<(usize, usize)> {
    let owns = |intake: &Intake| match intake {
        Intake::Topic { consumer, .. } => {
            let mut owned = consumer.assignment();
            owned.any(|at| *at.topic == *topic && at.partition == partition)
        }
        Intake::Nothing | Intake::Http { .. } | Intake::Queue { .. } => false,
    };
    services.iter().find_map(|service| {
        let instances = &world.services().get(*service)?.instances;
        Some((*service, instances.iter().position(|it| owns(&it.intake))? + 1))
    })
}

/// Over the tape: of a group that is selected, each row says which instance owns it; rows that
/// nobody of a rebalancing group owns are veiled, and the group says what it is at, unless the drawing
/// is too low for words.
pub(super) fn sharing(scene: &mut Scene, view: &View<'_>, tape: &Tape) {
    for group in tape.groups.iter().copied() {
        let node = &view.layout.topology.groups[group];
        let numbered = is_selected(view, &node.services) && tape.pitch >= NUMBERED;
        let rebalances = step(view.world, &node.id).is_some();
        for partition in (0..tape.partitions).filter(|_| numbered || rebalances) {
            let owner = owner(view.world, &node.services, &tape.name, partition);
            if rebalances && owner.is_none() {
                let (y, half) = (tape.row(partition), tape.cell_height / 2.0 + 1.0);
                let rect = Rect::new(tape.rect.x, y - half, tape.pen_x - tape.rect.x, 2.0 * half);
                let fill = Some(Tone::Tape);
                scene.push(Shape::Box { rect, radius: 0.0, fill, stroke: None, alpha: 0.6 });
            }
            if numbered {
                owned(scene, tape, partition, owner, flags::tone_of(group));
            }
        }
    }
    if view.layout.form == Form::Strip {
        return;
    }
    // Over the cells of the middle row, which are high where it is drawn close.
    let up = if tape.style == TapeStyle::Close { 29.0 } else { PILL / 2.0 };
    let mut level = tape.row(tape.partitions / 2) - up;
    for group in tape.groups.iter().copied() {
        let id = &view.layout.topology.groups[group].id;
        let Some((generation, words)) = step(view.world, id) else {
            continue;
        };
        let letters = (id.len() + words.len() + 15) as f32;
        let width = (letters * 5.7 + 12.0).min(tape.rect.w);
        let rect = Rect::new(tape.rect.center().x - width / 2.0, level, width, PILL);
        let stroke = Some(Stroke::solid(flags::tone_of(group), 1.0));
        scene.push(Shape::Box { rect, radius: 9.0, fill: Some(Tone::Card), stroke, alpha: 1.0 });
        let base = at(rect.center().x, level + 13.0);
        let words = format_args!("{id} generation {generation}: {words}");
        scene.write(base, words, Face::Note, Tone::Text, Align::Middle);
        level += PILL + 4.0;
    }
}

fn is_selected(view: &View<'_>, services: &[usize]) -> bool {
    let Some(Selection::Service(id)) = &view.options.selection else {
        return false;
    };
    services.iter().any(|it| view.world.services().get(*it).is_some_and(|one| one.spec.id == *id))
}

/// The number of the instance that reads a row, at its left end; a ring if nobody does.
fn owned(
    scene: &mut Scene,
    tape: &Tape,
    partition: u32,
    owner: Option<(usize, usize)>,
    tone: Tone,
) {
    let up = if tape.style == TapeStyle::Close { tape.cell_height / 2.0 - 10.0 } else { 0.0 };
    let center = at(tape.rect.x + 8.0, tape.row(partition) - up);
    let radius = 5.6_f32.min(tape.pitch / 2.0 - 0.5);
    let Some((_, instance)) = owner else {
        return scene.ring(center, radius - 1.0, Stroke::solid(tone, 1.4), 1.0);
    };
    scene.disc(center, radius, tone, 1.0);
    let base = at(center.x, center.y + 3.6);
    scene.write(base, format_args!("{instance}"), Face::Digit, Tone::Invert, Align::Middle);
}
