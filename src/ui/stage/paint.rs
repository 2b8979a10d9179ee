//! Puts a scene on a canvas.

use std::f64::consts::{FRAC_PI_2, TAU};

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use crate::ui::scene::{Align, Dash, Face, Point, Rect, Scene, Shape, Span, Spot, Stroke, Tone};

use super::palette::{Palette, place};
use super::stamps::{Stamps, is_small};

/// The brushes of one canvas. It remembers what is set, because setting a colour costs more than
/// drawing a token.
#[derive(Debug)]
pub struct Painter {
    pub(super) context: CanvasRenderingContext2d,
    dashes: [JsValue; 6],
    fonts: [String; 7],
    fill: Option<usize>,
    line: Option<usize>,
    width: f64,
    dash: Option<usize>,
    face: Option<usize>,
    align: Option<Align>,
    alpha: f64,
    /// For crowds of tokens, once there is one.
    stamps: Option<Box<Stamps>>,
}

/// From so many tokens in a row, stamping them takes less time than drawing each.
const CROWD: usize = 500;

const PATTERNS: [&[f64]; 6] =
    [&[], &[4.0, 3.0], &[2.0, 4.0], &[5.0, 2.5], &[1.5, 2.5], &[3.0, 2.5]];

impl Painter {
    pub fn new(context: CanvasRenderingContext2d, palette: &Palette) -> Painter {
        let dashes = PATTERNS.map(|pattern| {
            let array: Array = pattern.iter().copied().map(JsValue::from_f64).collect();
            JsValue::from(array)
        });
        let mut painter = Painter {
            context,
            dashes,
            fonts: Default::default(),
            fill: None,
            line: None,
            width: -1.0,
            dash: None,
            face: None,
            align: None,
            alpha: 1.0,
            stamps: None,
        };
        painter.dress(palette);
        painter
    }

    /// Takes on the fonts of a palette and forgets what was set.
    pub fn dress(&mut self, palette: &Palette) {
        let (ui, data) = (palette.font_ui(), palette.font_data());
        self.fonts = [
            format!("400 11px {ui}"),
            format!("400 11px {data}"),
            format!("500 12px {data}"),
            format!("600 11px {ui}"),
            format!("700 10px {ui}"),
            format!("650 13px {ui}"),
            format!("600 14px {data}"),
        ];
        self.stamps = None;
        self.forget();
    }

    fn forget(&mut self) {
        (self.fill, self.line, self.dash, self.face) = (None, None, None, None);
        (self.align, self.width, self.alpha) = (None, -1.0, -1.0);
    }

    /// Draws a scene at a scale of device pixels to one unit.
    pub fn paint(&mut self, scene: &Scene, palette: &Palette, scale: f64) {
        self.forget();
        let canvas = self.context.canvas();
        let (width, height) = canvas.map_or((0, 0), |canvas| (canvas.width(), canvas.height()));
        // A canvas that has lost its context draws nothing; there is nothing to be done about it.
        let _kept = self.context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
        self.context.clear_rect(0.0, 0.0, f64::from(width) / scale, f64::from(height) / scale);
        self.context.set_line_join("round");
        for shapes in scene.shapes().chunk_by(|one, next| is_small(one) == is_small(next)) {
            if shapes.len() < CROWD || self.stamp(palette, shapes, scale).is_none() {
                for shape in shapes {
                    self.shape(scene, palette, shape);
                }
            }
        }
    }

    /// Draws tokens as stamps, if the browser has another canvas for that.
    fn stamp(&mut self, palette: &Palette, shapes: &[Shape], scale: f64) -> Option<()> {
        let canvas = self.context.canvas().filter(|_| is_small(&shapes[0]))?;
        if !self.stamps.as_ref().is_some_and(|stamps| stamps.fit(&canvas, scale)) {
            self.stamps = Some(Box::new(Stamps::new(&canvas, palette, scale)?));
        }
        self.stamps.as_mut()?.print(&self.context, palette, shapes)?;
        self.alpha = -1.0;
        Some(())
    }

    pub(super) fn shape(&mut self, scene: &Scene, palette: &Palette, shape: &Shape) {
        match *shape {
            Shape::Box { rect, radius, fill, stroke, alpha } => {
                self.outline_box(rect, radius);
                self.finish(palette, fill, stroke, alpha);
            }
            Shape::Path { points, fill, stroke, alpha } => {
                self.outline_path(scene.points(points), fill.is_some());
                self.finish(palette, fill, stroke, alpha);
            }
            Shape::Spot { .. } => self.spot(palette, shape),
            Shape::Arc { center, radius, turn, stroke } => {
                self.context.begin_path();
                let (x, y, end) = (f64::from(center.x), f64::from(center.y), f64::from(turn) * TAU);
                let _drawn = self.context.arc(x, y, f64::from(radius), -FRAC_PI_2, end - FRAC_PI_2);
                self.finish(palette, None, Some(stroke), 1.0);
            }
            Shape::Cells { at, count, step, width, height, tone } => {
                self.fill_with(palette, tone, 1.0);
                let (y, height) = (f64::from(at.y - height / 2.0), f64::from(height));
                for cell in 0..count {
                    let x = f64::from(at.x + step * cell as f32);
                    self.context.fill_rect(x, y, f64::from(width), height);
                }
            }
            Shape::Pile { right, bottom, rows, count, step, radius } => {
                self.pile(palette, (right, bottom), (rows.max(1), count), (step, radius));
            }
            Shape::Text { at, text, face, tone, align, alpha } => {
                self.write(scene, palette, (at, text), face, tone, align, alpha);
            }
        }
    }

    fn pile(
        &mut self,
        palette: &Palette,
        (right, bottom): (f32, f32),
        (rows, count): (u32, u32),
        (step, radius): (f32, f32),
    ) {
        self.fill_with(palette, Tone::Pile, 1.0);
        self.context.begin_path();
        for dot in 0..count {
            let (column, row) = ((dot / rows) as f32, (dot % rows) as f32);
            let x = f64::from(right - radius - step * column);
            let y = f64::from(bottom - radius - step * row);
            self.context.move_to(x + f64::from(radius), y);
            let _drawn = self.context.arc(x, y, f64::from(radius), 0.0, TAU);
        }
        self.context.fill();
    }

    #[expect(clippy::too_many_arguments, reason = "a word has all of these")]
    fn write(
        &mut self,
        scene: &Scene,
        palette: &Palette,
        (at, text): (Point, Span),
        face: Face,
        tone: Tone,
        align: Align,
        alpha: f32,
    ) {
        let index = face_index(face);
        if self.face != Some(index) {
            self.context.set_font(&self.fonts[index]);
            self.face = Some(index);
        }
        if self.align != Some(align) {
            self.context.set_text_align(match align {
                Align::Start => "left",
                Align::Middle => "center",
                Align::End => "right",
            });
            self.align = Some(align);
        }
        self.fill_with(palette, tone, alpha);
        let _written = self.context.fill_text(scene.text(text), f64::from(at.x), f64::from(at.y));
    }

    fn outline_box(&self, rect: Rect, radius: f32) {
        self.context.begin_path();
        let (x, y, w, h) =
            (f64::from(rect.x), f64::from(rect.y), f64::from(rect.w), f64::from(rect.h));
        let _drawn = self.context.round_rect_with_f64(x, y, w, h, f64::from(radius));
    }

    fn outline_path(&self, points: &[Point], closed: bool) {
        self.context.begin_path();
        for (index, point) in points.iter().enumerate() {
            if index == 0 {
                self.context.move_to(f64::from(point.x), f64::from(point.y));
            } else {
                self.context.line_to(f64::from(point.x), f64::from(point.y));
            }
        }
        if closed {
            self.context.close_path();
        }
    }

    /// Draws a figure around a point.
    pub(super) fn spot(&mut self, palette: &Palette, shape: &Shape) {
        let Shape::Spot { spot, center, radius, fill, stroke, alpha, .. } = *shape else {
            return;
        };
        let context = &self.context;
        let (x, y, r) = (f64::from(center.x), f64::from(center.y), f64::from(radius.max(0.0)));
        context.begin_path();
        match spot {
            Spot::Circle => {
                let _drawn = context.arc(x, y, r, 0.0, TAU);
            }
            Spot::Diamond => outline_diamond(context, x, y, r * 1.3),
            Spot::Triangle => {
                context.move_to(x, y - 1.12 * r);
                context.line_to(x + 1.14 * r, y + 0.92 * r);
                context.line_to(x - 1.14 * r, y + 0.92 * r);
                context.close_path();
            }
            Spot::Tick => {
                context.move_to(x - 3.0, y + 0.2);
                context.line_to(x - 0.8, y + 2.4);
                context.line_to(x + 3.4, y - 2.8);
            }
        }
        self.finish(palette, fill, stroke, alpha);
    }

    fn finish(
        &mut self,
        palette: &Palette,
        fill: Option<Tone>,
        stroke: Option<Stroke>,
        alpha: f32,
    ) {
        if let Some(tone) = fill {
            self.fill_with(palette, tone, alpha);
            self.context.fill();
        }
        if let Some(stroke) = stroke {
            self.draw_with(palette, stroke, alpha);
            self.context.stroke();
        }
    }

    fn fill_with(&mut self, palette: &Palette, tone: Tone, alpha: f32) {
        self.set_alpha(alpha);
        let index = place(tone);
        if self.fill != Some(index) {
            self.context.set_fill_style_str(palette.colour(tone));
            self.fill = Some(index);
        }
    }

    fn draw_with(&mut self, palette: &Palette, stroke: Stroke, alpha: f32) {
        self.set_alpha(alpha);
        let index = place(stroke.tone);
        if self.line != Some(index) {
            self.context.set_stroke_style_str(palette.colour(stroke.tone));
            self.line = Some(index);
        }
        let width = f64::from(stroke.width);
        if (self.width - width).abs() > f64::EPSILON {
            self.context.set_line_width(width);
            self.width = width;
        }
        let dash = dash_index(stroke.dash);
        if self.dash != Some(dash) {
            let _set = self.context.set_line_dash(&self.dashes[dash]);
            self.dash = Some(dash);
        }
    }

    fn set_alpha(&mut self, alpha: f32) {
        let alpha = f64::from(alpha);
        if (self.alpha - alpha).abs() > f64::EPSILON {
            self.context.set_global_alpha(alpha);
            self.alpha = alpha;
        }
    }
}

/// A square on its corner, with its corners rounded.
fn outline_diamond(context: &CanvasRenderingContext2d, x: f64, y: f64, half: f64) {
    let cut = half * 0.16;
    context.move_to(x - cut, y - half + cut);
    context.quadratic_curve_to(x, y - half, x + cut, y - half + cut);
    context.line_to(x + half - cut, y - cut);
    context.quadratic_curve_to(x + half, y, x + half - cut, y + cut);
    context.line_to(x + cut, y + half - cut);
    context.quadratic_curve_to(x, y + half, x - cut, y + half - cut);
    context.line_to(x - half + cut, y + cut);
    context.quadratic_curve_to(x - half, y, x - half + cut, y - cut);
    context.close_path();
}

fn dash_index(dash: Dash) -> usize {
    match dash {
        Dash::Solid => 0,
        Dash::Short => 1,
        Dash::Cut => 2,
        Dash::Long => 3,
        Dash::Dots => 4,
        Dash::Rim => 5,
    }
}

fn face_index(face: Face) -> usize {
    match face {
        Face::Note => 0,
        Face::Data => 1,
        Face::Name => 2,
        Face::Flag => 3,
        Face::Digit => 4,
        Face::Figure => 5,
        Face::Partition => 6,
    }
}
