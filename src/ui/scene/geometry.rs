//! Points, boxes and tracks. One unit is one CSS pixel of the unzoomed stage.

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

pub const fn at(x: f32, y: f32) -> Point {
    Point { x, y }
}

impl Point {
    pub fn distance(self, other: Point) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point a fraction of the way to another one.
    pub fn toward(self, other: Point, fraction: f32) -> Point {
        at(
            self.x + (other.x - self.x) * fraction,
            self.y + (other.y - self.y) * fraction,
        )
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

impl Rect {
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Rect {
        Rect { x, y, w, h }
    }

    pub fn right(&self) -> f32 {
        self.x + self.w
    }

    pub fn bottom(&self) -> f32 {
        self.y + self.h
    }

    pub fn center(&self) -> Point {
        at(self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    pub fn contains(&self, point: Point) -> bool {
        point.x >= self.x
            && point.x <= self.right()
            && point.y >= self.y
            && point.y <= self.bottom()
    }

    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    pub fn inside(&self, outer: &Rect) -> bool {
        self.x >= outer.x
            && self.y >= outer.y
            && self.right() <= outer.right()
            && self.bottom() <= outer.bottom()
    }

    pub fn grown(&self, by: f32) -> Rect {
        Rect::new(
            self.x - by,
            self.y - by,
            self.w + 2.0 * by,
            self.h + 2.0 * by,
        )
    }
}

/// A line that tokens travel: points close enough to look smooth, with the way to each of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    points: Vec<Point>,
    ways: Vec<f32>,
}

/// Steps in a curve and in a rounded corner.
const CURVE_STEPS: u8 = 20;
const CORNER_STEPS: u8 = 6;

impl Track {
    pub fn from(start: Point) -> Track {
        Track {
            points: vec![start],
            ways: vec![0.0],
        }
    }

    pub fn line_to(mut self, to: Point) -> Track {
        self.push(to);
        self
    }

    /// A curve that leaves and arrives horizontally.
    pub fn curve_to(self, to: Point) -> Track {
        let from = self.end();
        let middle = (from.x + to.x) / 2.0;
        self.bezier_to(at(middle, from.y), at(middle, to.y), to)
    }

    pub fn bezier_to(mut self, first: Point, second: Point, to: Point) -> Track {
        let from = self.end();
        for step in 1..=CURVE_STEPS {
            let t = f32::from(step) / f32::from(CURVE_STEPS);
            let u = 1.0 - t;
            let (a, b, c, d) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
            self.push(at(
                a * from.x + b * first.x + c * second.x + d * to.x,
                a * from.y + b * first.y + c * second.y + d * to.y,
            ));
        }
        self
    }

    /// Straight stretches with rounded corners.
    pub fn route(corners: &[Point], radius: f32) -> Track {
        let mut track = Track::from(corners[0]);
        for window in corners.windows(3) {
            let (before, corner, after) = (window[0], window[1], window[2]);
            let (way_in, way_out) = (before.distance(corner), corner.distance(after));
            let cut = radius.min(way_in / 2.0).min(way_out / 2.0);
            if cut <= 0.1 {
                continue;
            }
            let enter = corner.toward(before, cut / way_in);
            let leave = corner.toward(after, cut / way_out);
            track.push(enter);
            for step in 1..=CORNER_STEPS {
                let t = f32::from(step) / f32::from(CORNER_STEPS);
                track.push(enter.toward(corner, t).toward(corner.toward(leave, t), t));
            }
        }
        track.line_to(corners[corners.len() - 1])
    }

    /// This track and then another one.
    pub fn then(mut self, next: &Track) -> Track {
        for point in &next.points {
            self.push(*point);
        }
        self
    }

    fn push(&mut self, point: Point) {
        let way = self.length() + self.end().distance(point);
        self.points.push(point);
        self.ways.push(way);
    }

    pub fn points(&self) -> &[Point] {
        &self.points
    }

    pub fn start(&self) -> Point {
        self.points[0]
    }

    pub fn end(&self) -> Point {
        self.points[self.points.len() - 1]
    }

    pub fn length(&self) -> f32 {
        self.ways.last().copied().unwrap_or(0.0)
    }

    /// The point after a way along the track; the ends beyond it.
    pub fn after(&self, way: f32) -> Point {
        let next = self.ways.partition_point(|reached| *reached < way);
        if next == 0 {
            return self.start();
        }
        if next == self.points.len() {
            return self.end();
        }
        let (from, to) = (self.ways[next - 1], self.ways[next]);
        let fraction = if to > from {
            (way - from) / (to - from)
        } else {
            1.0
        };
        self.points[next - 1].toward(self.points[next], fraction)
    }

    /// The point a fraction of the way along.
    pub fn at(&self, fraction: f32) -> Point {
        self.after(self.length() * fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_starts_at_its_start_and_ends_at_its_end() {
        let track = Track::route(&[at(0.0, 0.0), at(10.0, 0.0), at(10.0, 20.0)], 4.0);
        assert_eq!(track.at(0.0), at(0.0, 0.0));
        assert_eq!(track.at(1.0), at(10.0, 20.0));
        assert!(track.length() > 26.0 && track.length() < 30.0);
    }

    #[test]
    fn the_middle_of_a_straight_track_is_in_the_middle() {
        let track = Track::from(at(0.0, 0.0)).line_to(at(10.0, 0.0));
        assert_eq!(track.at(0.5), at(5.0, 0.0));
    }
}
