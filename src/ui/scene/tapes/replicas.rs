//! The copies of a partition, in front of its tape: the leader with its broker's number, followers
//! as dots, hollow out of sync, crossed when their broker is down.

use super::super::View;
use super::super::elections::Election;
use super::super::geometry::{Point, at};
use super::super::layout::Tape;
use super::super::motion::{FLASH, SLIDE, in_out};
use super::super::shape::{Align, Face, Scene, Stroke, Tone};
use super::super::trips::Scratch;
use super::log;

const DOT: f32 = 2.3;
const BADGE: f32 = 5.6;
/// A smaller badge has no room for its number.
const NUMBERED: f32 = 5.0;

/// Where the copy of a broker stands.
fn spot(tape: &Tape, partition: u32, broker: u32) -> Point {
    let all = tape.replicas;
    let place = if all.places == 1 { 0.0 } else { broker.saturating_sub(1) as f32 };
    at(all.x + place * all.step, tape.row(partition) + all.below)
}

pub(super) fn replicas(
    scene: &mut Scene,
    view: &View<'_>,
    scratch: &Scratch,
    tape: &Tape,
    partition: u32,
) {
    let Some(log) = log(view, tape, partition).filter(|_| tape.replicas.places > 0) else {
        return;
    };
    let dot = DOT.min(tape.pitch * 0.22);
    for replica in log.replicas() {
        let (broker, center) = (replica.broker(), spot(tape, partition, replica.broker()));
        if !replica.is_alive() {
            for rise in [-dot, dot] {
                let ends =
                    [at(center.x - dot, center.y - rise), at(center.x + dot, center.y + rise)];
                scene.line(&ends, Stroke::solid(Tone::Fail, 1.4), 1.0);
            }
        } else if log.leader() == Some(broker) {
            leader(scene, view, scratch, tape, (partition, broker));
        } else if log.isr().contains(&broker) {
            scene.disc(center, dot, Tone::Text2, 1.0);
        } else {
            scene.ring(center, dot, Stroke::solid(Tone::Edge, 1.2), 1.0);
        }
    }
}

/// The badge of a leader. One just elected comes from the place of the broker that stopped, and
/// a ring fades around it.
fn leader(
    scene: &mut Scene,
    view: &View<'_>,
    scratch: &Scratch,
    tape: &Tape,
    (partition, broker): (u32, u32),
) {
    let badge = BADGE.min(tape.pitch / 2.0 - 0.5);
    let mut center = spot(tape, partition, broker);
    let is_it =
        |it: &&Election| it.partition == partition && view.layout.tapes[it.tape].name == tape.name;
    if let Some(election) = scratch.elections.iter().find(is_it) {
        if let Some(from) = election.after.filter(|_| !view.clock.reduced) {
            center = spot(tape, partition, from).toward(center, in_out(election.age / SLIDE));
        }
        let alpha = 1.0 - election.age / FLASH;
        scene.ring(center, badge + 2.5, Stroke::solid(Tone::Text, 1.6), alpha.clamp(0.0, 1.0));
    }
    scene.disc(center, badge, Tone::Broker(broker), 1.0);
    if badge >= NUMBERED {
        let base = at(center.x, center.y + 3.6);
        scene.write(base, format_args!("{broker}"), Face::Digit, Tone::Chalk, Align::Middle);
    }
}
