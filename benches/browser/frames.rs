//! What a frame of the stage costs with many messages in flight, each drawn by itself: the world
//! runs on by a sixtieth of a second, the picture is made of it and put on a canvas. Beside it,
//! what a canvas needs for nothing but as many filled circles.

use std::f64::consts::TAU;
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::simulation::{Scenario, World};
use ackademy::ui::browser;
use ackademy::ui::scene::{self, Form, Layout, Options, Scene};
use ackademy::ui::stage::{Painter, Palette};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::workloads::{Aim, Measure, Workload};

const FRAME: Duration = Duration::from_micros(16_667);
/// Five seconds of frames.
const FRAMES: usize = 300;
/// Until as many messages leave the stage as come to it.
const SETTLED: Instant = Instant::from_secs(5);
/// No wire ever has so many messages on it that they become a density.
const ALL: usize = 1_000_000;
/// A token's radius.
const RADIUS: f64 = 5.0;

/// Messages in flight, the orders per minute that lead to them, and what 95 of 100 frames may take.
const LOADS: [(usize, u32, u32); 2] = [(1_000, 60_000, 8_000), (10_000, 600_000, 16_000)];

pub fn measures() -> Vec<Measure> {
    LOADS
        .into_iter()
        .flat_map(|(flying, per_minute, most)| {
            let circles = format!("Canvas: a frame with {flying} filled circles");
            let frame = format!("Stage: a frame with {flying} messages in flight");
            [
                Measure::new(circles.clone(), "frames", move || Circles::new(flying))
                    .rounds(FRAMES),
                Measure::new(frame, "frames", move || Stage::new(flying, per_minute))
                    .rounds(FRAMES)
                    .aim(Aim::Mostly(most))
                    .aim(Aim::Times(1.5, circles)),
            ]
        })
        .collect()
}

/// A canvas of the size that the stage has in a window of 1440 × 900.
fn canvas(width: f32, height: f32) -> CanvasRenderingContext2d {
    let document = browser::document();
    let canvas = document.create_element("canvas").expect("a plain tag");
    let canvas: HtmlCanvasElement = canvas.unchecked_into();
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    document.body().expect("the page has a body").append_child(&canvas).expect("a new element");
    let context = canvas.get_context("2d").ok().flatten().expect("a canvas has a context");
    context.unchecked_into()
}

/// A shop whose one queue is served at once, however many come.
fn busy(per_minute: u32) -> Rc<Scenario> {
    let text = include_str!("busy.json").replace("\"PER_MINUTE\"", &per_minute.to_string());
    Rc::new(Scenario::from_json(&text).expect("it is sound"))
}

/// Reads a pixel, so that what a canvas puts off is done within the frame.
fn settle(context: &CanvasRenderingContext2d) {
    context.get_image_data(0.0, 0.0, 1.0, 1.0).expect("a canvas of our own can be read");
}

struct Stage {
    world: World,
    layout: Rc<Layout>,
    options: Options,
    scene: Scene,
    painter: Painter,
    palette: Palette,
    context: CanvasRenderingContext2d,
    flying: usize,
    least: usize,
    frames: u32,
    /// Milliseconds for the world, its picture and the canvas in all frames so far.
    parts: [f64; 3],
}

impl Stage {
    fn new(flying: usize, per_minute: u32) -> Stage {
        let scenario = busy(per_minute);
        let layout = Rc::new(Layout::new(&scenario, Form::Wide));
        let palette = Palette::read();
        let context = canvas(layout.width, layout.height);
        let painter = Painter::new(context.clone(), &palette);
        let mut world = World::new(scenario, 1);
        world.run_until(SETTLED);
        let options = Options { crowd: ALL, ..Options::default() };
        let (scene, least) = (Scene::default(), usize::MAX);
        let (frames, parts) = (0, [0.0; 3]);
        Stage {
            world,
            layout,
            options,
            scene,
            painter,
            palette,
            context,
            flying,
            least,
            frames,
            parts,
        }
    }
}

impl Workload for Stage {
    fn run(&mut self) -> u64 {
        let start = browser::now();
        let now = self.world.now() + FRAME;
        self.world.run_until(now);
        let moved = browser::now();
        scene::draw_into(&mut self.scene, &self.world, &self.layout, &self.options);
        let drawn = browser::now();
        self.painter.paint(&self.scene, &self.palette, 1.0);
        settle(&self.context);
        let parts = [moved - start, drawn - moved, browser::now() - drawn];
        self.parts.iter_mut().zip(parts).for_each(|(all, part)| *all += part);
        self.frames += 1;
        self.least = self.least.min(self.scene.tokens());
        1
    }

    fn note(&self) -> String {
        assert!(self.least >= self.flying, "only {} messages were drawn", self.least);
        let [world, picture, canvas] = self.parts.map(|part| part / f64::from(self.frames));
        format!(
            "never fewer than {} tokens; on average {world:.1} ms for the world, {picture:.1} ms \
             for the picture and {canvas:.1} ms for the canvas",
            self.least
        )
    }
}

struct Circles {
    context: CanvasRenderingContext2d,
    count: usize,
}

impl Circles {
    fn new(count: usize) -> Circles {
        Circles { context: canvas(760.0, 728.0), count }
    }
}

impl Workload for Circles {
    fn run(&mut self) -> u64 {
        self.context.clear_rect(0.0, 0.0, 760.0, 728.0);
        self.context.set_fill_style_str("#5ab0ee");
        for index in 0..self.count {
            // Spread over the canvas, each at a place of its own.
            let (x, y) = ((index * 37 % 760) as f64, (index * 101 % 728) as f64);
            self.context.begin_path();
            self.context.arc(x, y, RADIUS, 0.0, TAU).expect("a radius above 0");
            self.context.fill();
        }
        settle(&self.context);
        1
    }
}
