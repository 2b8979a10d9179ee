//! The switches of brokers and nodes: a strip where a zone has its name.

use super::*;
use crate::ui::scene::geometry::at;

const SWITCH: f32 = 42.0;
const HEIGHT: f32 = 24.0;
const APART: f32 = 3.0;
/// More do not fit beside each other in the left column.
const IN_A_ROW: u32 = 3;

/// A box for each of several; one broker alone has none.
pub(super) fn strip(count: u32, corner: Point) -> Vec<Rect> {
    let place = |index: u32| {
        let (row, column) = ((index / IN_A_ROW) as f32, (index % IN_A_ROW) as f32);
        let (x, y) = (corner.x + column * (SWITCH + APART), corner.y + row * (HEIGHT + APART));
        Rect::new(x, y, SWITCH, HEIGHT)
    };
    if count > 1 { (0..count).map(place).collect() } else { Vec::new() }
}

/// Where a strip ends, or what is given if there is none.
pub(super) fn below(strip: &[Rect], or: f32) -> f32 {
    strip.last().map_or(or, |last| last.bottom() + 8.0)
}

impl Builder {
    /// The replicas of a close tape stand below the name of the row, which ends at `x`; those of
    /// the others between the name and the tape, which begins there.
    pub(super) fn replicas(&self, places: u32, x: f32, style: TapeStyle) -> Replicas {
        let gaps = places.saturating_sub(1) as f32;
        if style == TapeStyle::Close {
            let step = PLACE.min((x - 10.0) / gaps.max(1.0));
            return Replicas { places, x: x - 4.0 - gaps * step, step, below: 17.0 };
        }
        let step = if self.form.is_stacked() { NARROW_PLACE } else { PLACE };
        let start = at(x - step * (places as f32 - 0.5) - 3.0, 0.0);
        Replicas { places, x: start.x, step, below: 0.0 }
    }
}

/// The width of one replica's place.
pub(super) const PLACE: f32 = 10.0;
pub(super) const NARROW_PLACE: f32 = 6.0;
