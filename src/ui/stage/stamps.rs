//! Crowds of tokens: each kind of token is drawn once and read as pixels, which are then printed
//! wherever there is one of its kind. For hundreds of tokens this takes a fraction of the time in
//! which a canvas draws them one by one, and they look the same.

use js_sys::{Object, Reflect};
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::ui::browser;
use crate::ui::scene::{Shape, Tone, at};

use super::paint::Painter;
use super::palette::{Palette, place};

/// Of each kind there are stamps for places within a pixel, a quarter apart in both directions.
const PHASES: f32 = 4.0;
/// What is larger than this is no token.
const LARGEST: f32 = 9.0;
/// Kinds differ by steps of radius, opacity and width: so many to one.
const RADII: f32 = 10.0 / 3.0;
const ALPHAS: f32 = 16.0;
const WIDTHS: f32 = 10.0;
/// Room for stamps. When it is half full, it is cleared.
const BITS: u32 = 13;
const ROOM: usize = 1 << BITS;

/// The pixels of a token that are not clear, each by its way from the first one of all.
#[derive(Debug, Default)]
struct Stamp {
    key: u64,
    dots: Vec<(usize, u32)>,
}

/// What is printed, as large as the canvas that it is for, and on each side a margin of two edges.
#[derive(Debug)]
pub(super) struct Stamps {
    layer: HtmlCanvasElement,
    painter: Painter,
    scale: f64,
    /// From the middle of the largest stamp to its end.
    edge: usize,
    width: usize,
    /// Red, green, blue and opacity, row by row.
    pixels: Vec<[u8; 4]>,
    /// Each where its key says, or behind that; without a key there is none.
    stamps: Vec<Stamp>,
    count: usize,
}

pub(super) fn is_small(shape: &Shape) -> bool {
    matches!(shape, Shape::Spot { radius, .. } if *radius < LARGEST)
}

impl Stamps {
    pub fn new(canvas: &HtmlCanvasElement, palette: &Palette, scale: f64) -> Option<Stamps> {
        let layer = browser::document().create_element("canvas").ok()?;
        let layer: HtmlCanvasElement = layer.unchecked_into();
        layer.set_width(canvas.width());
        layer.set_height(canvas.height());
        let options = Object::new();
        // A plain object takes every property.
        let _set = Reflect::set(&options, &"willReadFrequently".into(), &true.into());
        let context = layer.get_context_with_context_options("2d", &options).ok()??;
        let context: CanvasRenderingContext2d = context.unchecked_into();
        context.set_line_join("round");
        let edge = half(LARGEST, scale) as usize;
        let (width, height) =
            (layer.width() as usize + 4 * edge, layer.height() as usize + 4 * edge);
        let painter = Painter::new(context, palette);
        let pixels = vec![[0; 4]; width * height];
        Some(Stamps {
            layer,
            painter,
            scale,
            edge,
            width,
            pixels,
            stamps: Vec::new(),
            count: ROOM / 2,
        })
    }

    pub fn fit(&self, canvas: &HtmlCanvasElement, scale: f64) -> bool {
        let sizes = (self.layer.width(), self.layer.height(), self.scale);
        sizes == (canvas.width(), canvas.height(), scale)
    }

    /// Draws small shapes, the last on top.
    pub fn print(
        &mut self,
        onto: &CanvasRenderingContext2d,
        palette: &Palette,
        shapes: &[Shape],
    ) -> Option<()> {
        let (mut top, mut bottom) = (usize::MAX, 0);
        let (right, low) = (self.layer.width(), self.layer.height());
        for shape in shapes {
            let Shape::Spot { center, .. } = shape else {
                continue;
            };
            let quarters = |at: f32| (at * self.scale as f32 * PHASES + 0.5).floor() as i32;
            let (x, y) = (quarters(center.x), quarters(center.y));
            let stamp = self.stamp(palette, shape, (x as u64 & 3) << 2 | (y as u64 & 3))?;
            let (row, column) = (first(y >> 2, low, self.edge), first(x >> 2, right, self.edge));
            press(&mut self.pixels, row * self.width + column, &self.stamps[stamp]);
            (top, bottom) = (top.min(row), bottom.max(row + 2 * self.edge + 1));
        }
        if top < bottom { self.show(onto, top, bottom) } else { Some(()) }
    }

    /// Where the stamp of a shape is. It is cut if there is none yet.
    fn stamp(&mut self, palette: &Palette, shape: &Shape, phase: u64) -> Option<usize> {
        let key = key(shape) << 4 | phase;
        if self.count == ROOM / 2 {
            self.stamps.clear();
            self.stamps.resize_with(ROOM, Stamp::default);
            self.count = 0;
        }
        // A multiple of the golden ratio spreads keys well; its highest bits are the best.
        let mut index = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize;
        while self.stamps[index].key != 0 && self.stamps[index].key != key {
            index = (index + 1) % ROOM;
        }
        if self.stamps[index].key == 0 {
            let dots = self.cut(palette, shape, phase)?;
            self.stamps[index] = Stamp { key, dots };
            self.count += 1;
        }
        Some(index)
    }

    /// Draws a shape by itself and reads its pixels.
    fn cut(&mut self, palette: &Palette, shape: &Shape, phase: u64) -> Option<Vec<(usize, u32)>> {
        let Shape::Spot { spot, radius, fill, stroke, alpha, .. } = *shape else {
            return None;
        };
        // As its key tells it, so that all of its kind look the same.
        let radius = steps(radius, RADII) as f32 / RADII;
        let alpha = steps(alpha, ALPHAS) as f32 / ALPHAS;
        let center = at(0.0, 0.0);
        let half = half(radius, self.scale);
        let side = 2.0 * half + 1.0;
        let place = |quarters: u64| half + quarters as f64 / f64::from(PHASES);
        let (x, y) = (place(phase >> 2), place(phase & 3));
        let context = self.painter.context.clone();
        context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok()?;
        context.clear_rect(0.0, 0.0, side, side);
        context.set_transform(self.scale, 0.0, 0.0, self.scale, x, y).ok()?;
        let alone = Shape::Spot { spot, center, radius, fill, stroke, alpha };
        self.painter.spot(palette, &alone);
        let bytes = context.get_image_data(0.0, 0.0, side, side).ok()?.data().0;
        let margin = self.edge - half as usize;
        Some(dots(bytes.as_chunks().0, side as usize, margin * (self.width + 1), self.width))
    }

    /// Puts what was printed on a canvas and forgets it.
    fn show(&mut self, onto: &CanvasRenderingContext2d, top: usize, bottom: usize) -> Option<()> {
        let pixels = &mut self.pixels[top * self.width..bottom * self.width];
        let (width, height) = (self.width as u32, (bottom - top) as u32);
        let bytes = Clamped(pixels.as_flattened());
        let image = ImageData::new_with_u8_clamped_array_and_sh(bytes, width, height).ok()?;
        let margin = 2.0 * self.edge as f64;
        let (y, width, height) = (top as f64 - margin, f64::from(width), f64::from(height));
        self.painter.context.put_image_data(&image, -margin, y).ok()?;
        pixels.fill([0; 4]);
        onto.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok()?;
        onto.set_global_alpha(1.0);
        let _drawn = onto
            .draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                &self.layer,
                0.0,
                y,
                width,
                height,
                0.0,
                y,
                width,
                height,
            );
        onto.set_transform(self.scale, 0.0, 0.0, self.scale, 0.0, 0.0).ok()
    }
}

/// Pixels from the middle of a stamp to its end.
fn half(radius: f32, scale: f64) -> f64 {
    ((f64::from(radius) * 1.3 + 1.5) * scale).ceil() + 1.0
}

fn steps(value: f32, to_one: f32) -> u64 {
    (value * to_one + 0.5) as u64
}

/// All that a shape looks like, wherever it is; never 0.
fn key(shape: &Shape) -> u64 {
    let Shape::Spot { spot, radius, fill, stroke, alpha, .. } = *shape else {
        return 1;
    };
    let tone = |tone: Option<Tone>| tone.map_or(63, |tone| place(tone) as u64);
    let parts = [
        steps(radius, RADII),
        steps(alpha, ALPHAS),
        steps(stroke.map_or(0.0, |stroke| stroke.width), WIDTHS),
        tone(fill),
        tone(stroke.map(|stroke| stroke.tone)),
        spot as u64,
    ];
    parts.into_iter().fold(1, |key, part| key << 7 | part)
}

/// Where the largest stamp around a pixel begins on the sheet. What is beyond the canvas is printed
/// in the margin.
fn first(at: i32, end: u32, edge: usize) -> usize {
    let edge = edge as i32;
    (at.clamp(-edge, end as i32 + edge) + edge) as usize
}

/// What is not clear of a square of pixels, for a sheet of a width on which the square begins at a
/// place.
fn dots(square: &[[u8; 4]], side: usize, start: usize, width: usize) -> Vec<(usize, u32)> {
    let pixels = square.iter().map(|pixel| u32::from_le_bytes(*pixel)).enumerate();
    let mut dots = Vec::new();
    for (index, pixel) in pixels.filter(|(_, pixel)| pixel >> 24 > 0) {
        dots.push((start + index / side * width + index % side, pixel));
    }
    dots
}

/// Prints a stamp that begins at a place of the sheet.
fn press(pixels: &mut [[u8; 4]], first: usize, stamp: &Stamp) {
    let pixels = &mut pixels[first..];
    for (place, over) in &stamp.dots {
        let under = &mut pixels[*place];
        *under = blend(u32::from_le_bytes(*under), *over).to_le_bytes();
    }
}

/// One colour over another one. Their opacities are the highest byte.
fn blend(under: u32, over: u32) -> u32 {
    let (alpha, below) = (over >> 24, under >> 24);
    if alpha == 255 || below == 0 {
        return over;
    }
    let all = alpha * 255 + below * (255 - alpha);
    // How much of what is seen is the upper colour, in 256ths. To divide takes long, and is seldom
    // needed.
    let part = if below == 255 { alpha + (alpha >> 7) } else { (alpha * 65_280 + all / 2) / all };
    let rest = 256 - part;
    let (outer, inner) = (0x00ff_00ff, 0x0000_ff00);
    ((all + 127) / 255) << 24
        | (((over & outer) * part + (under & outer) * rest) >> 8) & outer
        | (((over & inner) * part + (under & inner) * rest) >> 8) & inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_covers_as_much_as_it_is_opaque() {
        let (red, blue, half) = (0xff00_00ff, 0xffff_0000, 0x80ff_0000);
        assert_eq!(blend(red, blue), blue);
        assert_eq!(blend(0, half), half);
        assert_eq!(blend(red, half), 0xff80_007e);
        // Over a colour as faint as itself it makes up two thirds of what is seen.
        assert_eq!(blend(0x8000_00ff, half), 0xc0aa_0054);
    }

    #[test]
    fn a_stamp_is_printed_where_it_begins_but_for_its_clear_pixels() {
        let red = |red| [red, 0, 0, 255];
        let square = [[0; 4], red(1), red(2), red(3)];
        let stamp = Stamp { key: 1, dots: dots(&square, 2, 1, 4) };
        let mut pixels = [red(9); 12];
        press(&mut pixels, 4, &stamp);
        assert_eq!(pixels.map(|pixel| pixel[0]), [9, 9, 9, 9, 9, 9, 1, 9, 9, 2, 3, 9]);
    }

    #[test]
    fn a_stamp_beyond_the_canvas_is_printed_in_the_margin() {
        let (edge, end) = (3, 20);
        assert_eq!(first(0, end, edge), 3, "its middle is behind a margin of six pixels");
        for beyond in [-3, -4, -1_000] {
            assert_eq!(
                first(beyond, end, edge),
                0,
                "all of its seven pixels but the outermost, which are clear"
            );
        }
        for beyond in [23, 24, 1_000] {
            assert_eq!(first(beyond, end, edge), 26, "it begins where the canvas ends");
        }
    }
}
