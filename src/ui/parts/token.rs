//! An order as a small shape: disc fresh, diamond tried before, triangle given up.

use super::{Node, el, path};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenShape {
    Fresh,
    Tried,
    Dead,
}

/// An order whose key has a hue, 0 to 5.
pub fn token(hue: u8, shape: TokenShape) -> Node {
    let mark = match shape {
        TokenShape::Fresh => el("circle").attr("r", "5.2"),
        TokenShape::Tried => diamond("-4.7", "9.4", "1.5"),
        TokenShape::Dead => path("path", "M0 -5.4 L5.5 4.4 H-5.5 Z"),
    };
    let mark = mark.class(format!("tok k{hue}")).class_if(shape == TokenShape::Dead, "dead");
    el("svg.token").attr("viewBox", "-8 -8 16 16").attr("aria-hidden", true).child(mark)
}

/// A square on its corner: where it begins, how long its sides are, how round its corners.
pub fn diamond(from: &'static str, side: &'static str, round: &'static str) -> Node {
    el("rect")
        .attr("x", from)
        .attr("y", from)
        .attr("width", side)
        .attr("height", side)
        .attr("rx", round)
        .attr("transform", "rotate(45)")
}
