//! The canvas in the player's frames.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::simulation::World;
use crate::ui::browser;
use crate::ui::model::Selection;
use crate::ui::model::{Model, Theme};
use crate::ui::player::{Guard, Player};
use crate::ui::scene::{self, Grip, Layout, Options, Point, Scene};

use super::paint::Painter;
use super::palette::Palette;

/// What one canvas needs from frame to frame.
#[derive(Debug)]
struct State {
    canvas: HtmlCanvasElement,
    painter: Painter,
    palette: Palette,
    theme: Theme,
    scene: Scene,
}

/// A canvas that draws itself until it is dropped.
#[derive(Debug)]
pub struct Surface {
    state: Rc<RefCell<State>>,
    layout: Rc<Layout>,
    _guard: Guard,
}

impl Surface {
    pub fn new(
        canvas: &HtmlCanvasElement,
        layout: Rc<Layout>,
        zoom: f32,
        player: &Player,
        other: bool,
    ) -> Option<Surface> {
        let context = canvas.get_context("2d").ok().flatten()?;
        let context: CanvasRenderingContext2d = context.dyn_into().ok()?;
        let palette = Palette::read();
        let painter = Painter::new(context, &palette);
        let state = Rc::new(RefCell::new(State {
            canvas: canvas.clone(),
            painter,
            palette,
            theme: player.read(|model| model.theme),
            scene: Scene::default(),
        }));
        let hook = {
            let (state, layout) = (state.clone(), layout.clone());
            Rc::new(move |model: &Model, _now: f64| {
                // A comparison may have ended since the last look at the page.
                if let Some(shown) = model.side(other) {
                    state.borrow_mut().frame(model, shown.world(), &layout, zoom);
                }
            })
        };
        let guard = player.on_frame(hook);
        Some(Surface { state, layout, _guard: guard })
    }

    /// The bookmark that can be taken at a point of the stage.
    pub fn grip(&self, point: Point) -> Option<Grip> {
        self.state.borrow().scene.grip_at(point)
    }

    /// What is drawn at a point of the stage.
    pub fn hit(&self, player: &Player, point: Point) -> Option<Selection> {
        let state = self.state.borrow();
        let scenario = player.read(|model| model.world().standing().clone());
        scene::hit(&state.scene, &self.layout, &scenario, point)
    }
}

impl State {
    fn frame(&mut self, model: &Model, world: &World, layout: &Rc<Layout>, zoom: f32) {
        if self.theme != model.theme {
            self.theme = model.theme;
            self.palette = Palette::read();
            self.painter.dress(&self.palette);
        }
        let scale = browser::window().device_pixel_ratio() * f64::from(zoom);
        self.resize(layout, scale);
        scene::draw_into(&mut self.scene, world, layout, &Options::of(model));
        self.painter.paint(&self.scene, &self.palette, scale);
    }

    /// Gives the canvas one pixel for each of the screen's.
    fn resize(&self, layout: &Layout, scale: f64) {
        let width = (f64::from(layout.width) * scale).round() as u32;
        let height = (f64::from(layout.height) * scale).round() as u32;
        if self.canvas.width() != width || self.canvas.height() != height {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
    }
}
