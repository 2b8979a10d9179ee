//! The picture: a pure function of a world at an instant.
//!
//! [`Layout`] says what stands where; [`draw_into`] fills a [`Scene`] with plain shapes. A thing
//! younger than a hop is drawn on its way, so a rewound world plays its animation backwards.
//! Nothing here knows a canvas, a browser or a wall clock.

mod buyers;
mod elections;
mod geometry;
mod hit;
mod layout;
mod legs;
mod motion;
mod notes;
mod records;
mod shape;
mod tapes;
mod token;
mod topology;
mod trays;
mod trips;
mod whys;
mod wires;

pub use buyers::in_line;
pub use geometry::{Point, Rect, Track, at};
pub use hit::hit;
pub use layout::{
    Card, CardSize, ExchangeSpot, Form, Hand, Layout, Note, Replicas, Route, Tape, TapeStyle, Tray,
    Wire, WireStyle, Zone, ZoneKind,
};
pub use motion::HOP;
pub use shape::{Align, Dash, Face, Scene, Shape, Span, Spot, Stroke, Tone};
pub use tapes::{Grip, held, owner, records_per_cell};
pub use topology::{GroupNode, Topology};
pub use trays::{SINGLES, pile_scale, why_closed};
pub use trips::at_rest;
pub use whys::{Why, WhyKind, whys};

use std::rc::Rc;

use crate::simulation::World;
use crate::ui::model::{Held, Model, Selection};

use motion::{CROWD, Clock};
use token::Pen;

/// What the picture depends on besides the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Virtual seconds in a real one.
    pub speed: f64,
    pub paused: bool,
    pub reduced_motion: bool,
    pub selection: Option<Selection>,
    /// The order that is being followed.
    pub followed: Option<u32>,
    /// The bookmark in a hand.
    pub held: Option<Held>,
    /// More tokens than this on one wire at once become a density.
    pub crowd: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            speed: 1.0,
            paused: false,
            reduced_motion: false,
            selection: None,
            followed: None,
            held: None,
            crowd: CROWD,
        }
    }
}

/// All that the parts of the picture are drawn from.
#[derive(Clone, Copy, Debug)]
struct View<'a> {
    world: &'a World,
    layout: &'a Rc<Layout>,
    options: &'a Options,
    clock: Clock,
    pen: Pen,
}

impl Options {
    /// As the page has them.
    pub fn of(model: &Model) -> Options {
        Options {
            speed: model.speed.times(),
            paused: !model.playing,
            reduced_motion: model.reduced_motion,
            selection: model.selection.clone(),
            followed: model.followed,
            held: model.held.clone(),
            crowd: CROWD,
        }
    }

    /// What decides when a token is where.
    fn terms(&self) -> (f64, bool, bool, usize) {
        (self.speed, self.paused, self.reduced_motion, self.crowd)
    }
}

pub fn draw(world: &World, layout: &Layout, options: &Options) -> Scene {
    let mut scene = Scene::default();
    draw_into(&mut scene, world, &Rc::new(layout.clone()), options);
    scene
}

/// Draws over the last picture, keeping its buffers and what it read of the trace.
pub fn draw_into(scene: &mut Scene, world: &World, layout: &Rc<Layout>, options: &Options) {
    scene.clear();
    let clock = Clock::new(world.now(), options);
    let selected = match options.selection {
        Some(Selection::Order(order)) => Some(order),
        _ => None,
    };
    let pen = Pen { followed: options.followed, selected };
    let view = View { world, layout, options, clock, pen };
    let mut scratch = std::mem::take(&mut scene.scratch);
    scratch.read(&view);
    wires::zones(scene, &view);
    wires::wires(scene, &view, &scratch);
    tapes::tapes(scene, &view, &scratch);
    trays::exchanges(scene, &view);
    trays::trays(scene, &view, &scratch);
    buyers::buyers(scene, &view);
    records::flights(scene, &view, &scratch);
    legs::flights(scene, &view, &scratch);
    wires::crosses(scene, &view);
    scene.scratch = scratch;
}
