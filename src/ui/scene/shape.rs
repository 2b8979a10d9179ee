//! Plain shapes, and the list of them that is one picture.
//!
//! Colours are named after the design's tokens; which hue a name has is the painter's business.

use std::fmt;

use super::Grip;
use super::geometry::{Point, Rect};
use super::trips::Scratch;

/// A colour, by the name of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    Stage,
    Line,
    Line2,
    Edge,
    Text,
    Text2,
    Text3,
    Invert,
    /// What is written on a token: dark in both themes.
    Ink,
    /// What is written on a broker's badge: light in both themes.
    Chalk,
    /// A broker, by its number.
    Broker(u32),
    Log,
    LogText,
    LogZone,
    LogLine,
    Tape,
    CellRead,
    CellSome,
    CellNew,
    Group(u8),
    Queue,
    QueueText,
    QueueZone,
    QueueLine,
    Tray,
    Pile,
    Fail,
    FailText,
    FailLine,
    FailZone,
    Ok,
    Key(u8),
    KeyEdge,
    Card,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    pub tone: Tone,
    pub width: f32,
    pub dash: Dash,
}

impl Stroke {
    pub const fn solid(tone: Tone, width: f32) -> Stroke {
        Stroke { tone, width, dash: Dash::Solid }
    }

    pub const fn dashed(tone: Tone, width: f32, dash: Dash) -> Stroke {
        Stroke { tone, width, dash }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    Solid,
    /// A failure path or a wait.
    Short,
    /// A wire that leads to a service that is down.
    Cut,
    /// The second and the third group's line.
    Long,
    Dots,
    /// The rim of a hand whose worker is down.
    Rim,
}

/// How a word is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// 11 px sans.
    Note,
    /// 11 px mono.
    Data,
    /// 12 px mono, medium.
    Name,
    /// 11 px sans, semibold: flags.
    Flag,
    /// 10 px sans, bold: a digit in a token.
    Digit,
    /// 13 px sans, semibold: a figure.
    Figure,
    /// 14 px mono, semibold: a partition drawn close.
    Partition,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Start,
    Middle,
    End,
}

/// A stretch of one of the picture's buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Circle,
    Diamond,
    Triangle,
    /// The mark of what is done; it has one size.
    Tick,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    Box {
        rect: Rect,
        radius: f32,
        fill: Option<Tone>,
        stroke: Option<Stroke>,
        alpha: f32,
    },
    /// Points of the picture's buffer, joined; filled when a fill is given.
    Path {
        points: Span,
        fill: Option<Tone>,
        stroke: Option<Stroke>,
        alpha: f32,
    },
    /// A figure around a point.
    Spot {
        spot: Spot,
        center: Point,
        radius: f32,
        fill: Option<Tone>,
        stroke: Option<Stroke>,
        alpha: f32,
    },
    /// Part of a circle, from the top clockwise, in fractions of a turn.
    Arc {
        center: Point,
        radius: f32,
        turn: f32,
        stroke: Stroke,
    },
    /// A run of tape cells; the position is the left end at half height.
    Cells {
        at: Point,
        count: u32,
        step: f32,
        width: f32,
        height: f32,
        tone: Tone,
    },
    /// A pile: columns from the right, each filled from the bottom.
    Pile {
        right: f32,
        bottom: f32,
        rows: u32,
        count: u32,
        step: f32,
        radius: f32,
    },
    Text {
        at: Point,
        text: Span,
        face: Face,
        tone: Tone,
        align: Align,
        alpha: f32,
    },
}

/// One picture. Its buffers are kept from frame to frame, so drawing allocates nothing once they
/// have grown.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    shapes: Vec<Shape>,
    points: Vec<Point>,
    text: String,
    /// Where orders are drawn, for clicks.
    marks: Vec<(Point, u32)>,
    /// Where the bookmarks of groups can be taken, those on top last.
    grips: Vec<Grip>,
    /// What a frame works out on the way to its shapes; no part of the picture.
    pub(super) scratch: Scratch,
}

/// Two scenes are equal when they look the same.
impl PartialEq for Scene {
    fn eq(&self, other: &Scene) -> bool {
        self.shapes == other.shapes
            && self.points == other.points
            && self.text == other.text
            && self.marks == other.marks
            && self.grips == other.grips
    }
}

impl Scene {
    pub fn clear(&mut self) {
        self.shapes.clear();
        self.points.clear();
        self.text.clear();
        self.marks.clear();
        self.grips.clear();
    }

    pub fn mark(&mut self, place: Point, order: u32) {
        self.marks.push((place, order));
    }

    /// The orders in the picture and where they are.
    pub fn marks(&self) -> &[(Point, u32)] {
        &self.marks
    }

    pub fn grip(&mut self, grip: Grip) {
        self.grips.push(grip);
    }

    /// The parts of bookmarks that can be taken.
    pub fn grips(&self) -> &[Grip] {
        &self.grips
    }

    /// The bookmark that a hand takes at a point.
    pub fn grip_at(&self, point: Point) -> Option<Grip> {
        self.grips.iter().rev().find(|grip| grip.rect.contains(point)).copied()
    }

    /// How many messages are drawn one by one.
    pub fn tokens(&self) -> usize {
        self.marks.len()
    }

    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    pub fn points(&self, span: Span) -> &[Point] {
        &self.points[span.start..span.end]
    }

    pub fn text(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }

    pub fn push(&mut self, shape: Shape) {
        self.shapes.push(shape);
    }

    pub fn fill_box(&mut self, rect: Rect, radius: f32, fill: Tone) {
        self.push(Shape::Box { rect, radius, fill: Some(fill), stroke: None, alpha: 1.0 });
    }

    pub fn line(&mut self, points: &[Point], stroke: Stroke, alpha: f32) {
        let points = self.keep(points);
        self.push(Shape::Path { points, fill: None, stroke: Some(stroke), alpha });
    }

    pub fn area(&mut self, points: &[Point], fill: Tone, stroke: Option<Stroke>, alpha: f32) {
        let points = self.keep(points);
        self.push(Shape::Path { points, fill: Some(fill), stroke, alpha });
    }

    pub fn disc(&mut self, center: Point, radius: f32, fill: Tone, alpha: f32) {
        self.spot(Spot::Circle, center, radius, (Some(fill), None), alpha);
    }

    pub fn ring(&mut self, center: Point, radius: f32, stroke: Stroke, alpha: f32) {
        self.spot(Spot::Circle, center, radius, (None, Some(stroke)), alpha);
    }

    pub fn spot(
        &mut self,
        spot: Spot,
        center: Point,
        radius: f32,
        (fill, stroke): (Option<Tone>, Option<Stroke>),
        alpha: f32,
    ) {
        self.push(Shape::Spot { spot, center, radius, fill, stroke, alpha });
    }

    pub fn write(
        &mut self,
        at: Point,
        words: fmt::Arguments<'_>,
        face: Face,
        tone: Tone,
        align: Align,
    ) {
        let start = self.text.len();
        // Writing into a string cannot fail.
        let _written = fmt::write(&mut self.text, words);
        let text = Span { start, end: self.text.len() };
        self.push(Shape::Text { at, text, face, tone, align, alpha: 1.0 });
    }

    fn keep(&mut self, points: &[Point]) -> Span {
        let start = self.points.len();
        self.points.extend_from_slice(points);
        Span { start, end: self.points.len() }
    }
}
