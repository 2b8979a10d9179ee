//! Buyers: every order that waits for an answer at the door.

use super::View;
use super::geometry::at;
use super::layout::Route;
use super::shape::Scene;
use super::token::Token;
use crate::simulation::{Intake, World};

const COLUMNS: usize = 5;
const ROWS: usize = 14;
const STEP: f32 = 9.0;
const RADIUS: f32 = 3.4;

/// Orders at a service: those it works on, then those that wait for a free place.
fn orders(world: &World, service: usize) -> impl Iterator<Item = u32> + '_ {
    let instances = world
        .services()
        .get(service)
        .into_iter()
        .flat_map(|it| &it.instances);
    instances.flat_map(|instance| {
        let waiting = match &instance.intake {
            Intake::Http { waiting } => Some(waiting),
            Intake::Nothing | Intake::Topic { .. } | Intake::Queue { .. } => None,
        };
        let busy = instance.jobs.iter().map(|job| job.order);
        busy.chain(waiting.into_iter().flatten().map(|call| call.order))
    })
}

/// How many buyers wait at a service.
pub fn in_line(world: &World, service: usize) -> u64 {
    orders(world, service).count() as u64
}

pub(super) fn buyers(scene: &mut Scene, view: &View<'_>) {
    let Some(stand) = view.layout.buyers else {
        return;
    };
    let door = view.layout.wires.iter().find_map(|wire| match wire.route {
        Route::Buy { service } => Some(service),
        _ => None,
    });
    let Some(door) = door else { return };
    let count = orders(view.world, door).take(COLUMNS * ROWS).count();
    let rows = count.div_ceil(COLUMNS);
    for (index, order) in orders(view.world, door).take(COLUMNS * ROWS).enumerate() {
        // The line begins at the door, in the column nearest to it.
        let (row, column) = (index / COLUMNS, index % COLUMNS);
        let place = at(
            stand.x + 16.0 - column as f32 * STEP,
            stand.y + (row as f32 - (rows as f32 - 1.0) / 2.0) * STEP,
        );
        view.pen
            .token(scene, Token::fresh(order), place, RADIUS, 1.0);
    }
}
