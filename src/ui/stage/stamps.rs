//! Crowds of tokens: each kind of token is drawn once and read as pixels, which are then printed
//! wherever there is one of its kind. For hundreds of tokens this takes a fraction of the time in
//! which a canvas draws them one by one, and they look the same.

use std::ops::Range;

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

#[derive(Debug)]
struct Stamp {
    key: u64,
    side: usize,
    pixels: Vec<u32>,
}

/// What is printed, as large as the canvas that it is for.
#[derive(Debug)]
pub(super) struct Stamps {
    layer: HtmlCanvasElement,
    painter: Painter,
    scale: f64,
    width: usize,
    /// Red, green, blue and opacity, row by row.
    pixels: Vec<[u8; 4]>,
    /// In the order of their keys.
    stamps: Vec<Stamp>,
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
        let (width, height) = (layer.width() as usize, layer.height() as usize);
        let painter = Painter::new(context, palette);
        let pixels = vec![[0; 4]; width * height];
        Some(Stamps { layer, painter, scale, width, pixels, stamps: Vec::new() })
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
        let (mut top, mut bottom) = (self.pixels.len() / self.width.max(1), 0);
        for shape in shapes {
            let Shape::Spot { center, .. } = shape else {
                continue;
            };
            let quarters = |at: f32| (at * self.scale as f32 * PHASES).round() as i32;
            let (x, y) = (quarters(center.x), quarters(center.y));
            let key = key(shape) << 4 | (x as u64 & 3) << 2 | (y as u64 & 3);
            let index = match self.stamps.binary_search_by_key(&key, |stamp| stamp.key) {
                Ok(index) => index,
                Err(index) => {
                    let stamp = self.cut(palette, shape, key)?;
                    self.stamps.insert(index, stamp);
                    index
                }
            };
            let rows = press(&mut self.pixels, self.width, &self.stamps[index], x >> 2, y >> 2);
            (top, bottom) = (top.min(rows.start), bottom.max(rows.end));
        }
        if top < bottom { self.show(onto, top, bottom) } else { Some(()) }
    }

    /// Draws a shape by itself and reads its pixels.
    fn cut(&mut self, palette: &Palette, shape: &Shape, key: u64) -> Option<Stamp> {
        let Shape::Spot { spot, radius, fill, stroke, alpha, .. } = *shape else {
            return None;
        };
        // As its key tells it, so that all of its kind look the same.
        let (radius, alpha) = ((radius * 10.0).round() / 10.0, (alpha * 16.0).round() / 16.0);
        let center = at(0.0, 0.0);
        let half = ((f64::from(radius) * 1.3 + 1.5) * self.scale).ceil() + 1.0;
        let side = 2.0 * half + 1.0;
        let phase = |quarters: u64| half + quarters as f64 / f64::from(PHASES);
        let (x, y) = (phase(key >> 2 & 3), phase(key & 3));
        let context = self.painter.context.clone();
        context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok()?;
        context.clear_rect(0.0, 0.0, side, side);
        context.set_transform(self.scale, 0.0, 0.0, self.scale, x, y).ok()?;
        let alone = Shape::Spot { spot, center, radius, fill, stroke, alpha };
        self.painter.spot(palette, &alone);
        let bytes = context.get_image_data(0.0, 0.0, side, side).ok()?.data().0;
        let pixels = bytes.as_chunks().0.iter().map(|pixel| u32::from_le_bytes(*pixel)).collect();
        Some(Stamp { key, side: side as usize, pixels })
    }

    /// Puts what was printed on a canvas and forgets it.
    fn show(&mut self, onto: &CanvasRenderingContext2d, top: usize, bottom: usize) -> Option<()> {
        let pixels = &mut self.pixels[top * self.width..bottom * self.width];
        let (width, height) = (self.width as u32, (bottom - top) as u32);
        let bytes = Clamped(pixels.as_flattened());
        let image = ImageData::new_with_u8_clamped_array_and_sh(bytes, width, height).ok()?;
        let (y, width, height) = (top as f64, f64::from(width), f64::from(height));
        self.painter.context.put_image_data(&image, 0.0, y).ok()?;
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

/// All that a shape looks like, wherever it is: its radius to a tenth, its alpha to a sixteenth.
fn key(shape: &Shape) -> u64 {
    let Shape::Spot { spot, radius, fill, stroke, alpha, .. } = *shape else {
        return 0;
    };
    let tone = |tone: Option<Tone>| tone.map_or(63, |tone| place(tone) as u64);
    let width = stroke.map_or(0.0, |stroke| stroke.width);
    let parts = [
        (radius * 10.0).round() as u64,
        (alpha * 16.0).round() as u64,
        (width * 10.0).round() as u64,
        tone(fill),
        tone(stroke.map(|stroke| stroke.tone)),
        spot as u64,
    ];
    parts.into_iter().fold(0, |key, part| key << 7 | part)
}

/// Prints a stamp with its middle at a pixel, as far as that is on the sheet: the rows it is in.
fn press(pixels: &mut [[u8; 4]], width: usize, stamp: &Stamp, x: i32, y: i32) -> Range<usize> {
    let (half, side) = ((stamp.side / 2) as i32, stamp.side as i32);
    let within = |start: i32, end: usize| {
        let end = end as i32;
        (start.clamp(0, end) as usize)..((start + side).clamp(0, end) as usize)
    };
    let (left, top) = (x - half, y - half);
    let columns = within(left, width);
    let rows = within(top, pixels.len() / width);
    for row in rows.clone() {
        let line = &mut pixels[row * width..][columns.clone()];
        let from = (row as i32 - top) * side + columns.start as i32 - left;
        for (under, over) in line.iter_mut().zip(stamp.pixels.iter().skip(from as usize)) {
            if over >> 24 > 0 {
                *under = blend(u32::from_le_bytes(*under), *over).to_le_bytes();
            }
        }
    }
    rows
}

/// One colour over another one. Their opacities are the highest byte.
fn blend(under: u32, over: u32) -> u32 {
    let (alpha, below) = (over >> 24, under >> 24);
    if alpha == 255 || below == 0 {
        return over;
    }
    let all = alpha * 255 + below * (255 - alpha);
    // How much of what is seen is the upper colour, in 256ths.
    let part = (alpha * 65_280 + all / 2) / all;
    let mix = |mask: u32| (((over & mask) * part + (under & mask) * (256 - part)) >> 8) & mask;
    ((all + 127) / 255) << 24 | mix(0x00ff_00ff) | mix(0x0000_ff00)
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
    fn a_stamp_is_cut_off_at_the_edges_of_the_sheet() {
        let stamp = Stamp { key: 0, side: 3, pixels: (1..=9).map(|it| 0xff00_0000 | it).collect() };
        let printed = |x, y| {
            let mut pixels = vec![[0; 4]; 8];
            let rows = press(&mut pixels, 4, &stamp, x, y);
            (pixels.iter().map(|pixel| pixel[0]).collect::<Vec<u8>>(), rows)
        };
        assert_eq!(printed(0, 0), (vec![5, 6, 0, 0, 8, 9, 0, 0], 0..2));
        assert_eq!(printed(3, 1), (vec![0, 0, 1, 2, 0, 0, 4, 5], 0..2));
        assert_eq!(printed(1, 2), (vec![0, 0, 0, 0, 1, 2, 3, 0], 1..2));
        assert!(printed(9, 0).0.iter().chain(&printed(0, -5).0).all(|pixel| *pixel == 0));
    }
}
