//! Services that call each other over HTTP, and the buyers who call the first of them.

use crate::engine::Set;

use super::*;
use crate::ui::scene::geometry::at;

/// More columns than this do not fit beside each other; a longer chain continues in a second row.
const COLUMNS: usize = 3;
const ROW_GAP: f32 = 62.0;
/// Buyers stand left of the door.
pub(super) const BUYERS: f32 = 76.0;
/// Between two calls of one pair, there and back.
const PAIR: f32 = 8.0;
const WIDEST_GAP: f32 = 190.0;

/// Services, by index, with their columns.
type Columns = Vec<(usize, usize)>;
/// Services, by index, with their places from the top.
type Slots = Vec<(usize, f32)>;

impl Builder {
    /// Lays out the services that take calls, if any calls another or nothing else is there.
    pub(super) fn call_band(&mut self) {
        let alone = self.topology.topics.is_empty() && self.topology.work.is_empty();
        if self.topology.http.is_empty() || (self.topology.calls.is_empty() && !alone) {
            return;
        }
        let chain = self.chain();
        let room = if alone { 12.0 + self.room } else { 4.0 };
        let top = self.top + room;
        let bottom = match chain {
            Some(chain) if chain.len() > COLUMNS => self.snake(&chain, top, alone),
            _ => self.tree(top, alone),
        };
        self.buyers(alone);
        self.top = bottom + self.m.gap + if alone { room } else { 14.0 };
    }

    fn callees(&self, caller: usize) -> Vec<usize> {
        self.topology.calls.iter().filter(|call| call.0 == caller).map(|call| call.1).collect()
    }

    /// The services in order if each calls exactly one other.
    fn chain(&self) -> Option<Vec<usize>> {
        let mut chain = vec![*self.topology.http.first()?];
        loop {
            let last = chain[chain.len() - 1];
            match self.callees(last)[..] {
                [] => break,
                [next] if !chain.contains(&next) => chain.push(next),
                _ => return None,
            }
        }
        (chain.len() == self.topology.http.len()).then_some(chain)
    }

    /// A chain in rows, as text runs.
    fn snake(&mut self, chain: &[usize], top: f32, alone: bool) -> f32 {
        let m = self.m;
        let left = if alone { m.left_x + BUYERS } else { m.left_x };
        let right = m.right_x + m.right_w;
        let width = m.right_w;
        let gap = (right - left - COLUMNS as f32 * width) / (COLUMNS - 1) as f32;
        let mut bottom = top;
        for (index, service) in chain.iter().enumerate() {
            let (row, column) = ((index / COLUMNS) as f32, (index % COLUMNS) as f32);
            let y = top + row * (m.card_h + ROW_GAP);
            self.place(*service, Rect::new(left + column * (width + gap), y, width, m.card_h));
            bottom = y + m.card_h;
        }
        for pair in chain.windows(2) {
            let (Some(from), Some(to)) = (self.placed(pair[0]), self.placed(pair[1])) else {
                continue;
            };
            let track = if to.x > from.x {
                beside(from, to, -PAIR / 2.0)
            } else {
                let (start, end) =
                    (at(from.center().x, from.bottom() + 2.0), at(to.center().x, to.y - 3.0));
                let y = (start.y + end.y) / 2.0;
                Track::route(&[start, at(start.x, y), at(end.x, y), end], 12.0)
            };
            self.call_wire(pair[0], pair[1], track);
        }
        bottom
    }

    /// Callers left of whom they call. Returns the bottom of the lowest card.
    fn tree(&mut self, top: f32, alone: bool) -> f32 {
        let m = self.m;
        let (levels, slots) = self.levels();
        let columns = levels.iter().map(|(_, level)| level + 1).max().unwrap_or(1);
        let left = if alone { m.left_x + BUYERS } else { m.left_x };
        let right = m.right_x + m.right_w;
        let width = ((right - left - 28.0 * (columns - 1) as f32) / columns as f32).min(m.right_w);
        let gap = if columns > 1 {
            ((right - left - columns as f32 * width) / (columns - 1) as f32).min(WIDEST_GAP)
        } else {
            0.0
        };
        // Few columns stand in the middle, unless something below joins on to the first of them.
        let whole = columns as f32 * (width + gap) - gap;
        let left = if alone { left + ((right - left - whole) / 2.0).min(120.0) } else { left };
        let pitch = m.card_h + 16.0;
        let mut bottom = top;
        for (service, level) in levels {
            let slot = slots.iter().find(|it| it.0 == service).map_or(0.0, |it| it.1);
            let x = left + level as f32 * (width + gap);
            let y = top + slot * pitch;
            self.place(service, Rect::new(x, y, width, m.card_h));
            bottom = f32::max(bottom, y + m.card_h);
        }
        for (caller, callee) in self.topology.calls.clone() {
            let (Some(from), Some(to)) = (self.placed(caller), self.placed(callee)) else {
                continue;
            };
            let track = beside(from, to, 0.0);
            self.call_wire(caller, callee, track);
            self.number(caller, callee, at(to.x - 14.0, to.center().y - 6.0));
        }
        bottom
    }

    /// The column of each service, and its place from the top: that of its middle callee.
    fn levels(&self) -> (Columns, Slots) {
        let mut levels = Vec::new();
        let mut slots = Vec::new();
        let mut seen = Set::new();
        let mut next = 0.0;
        for root in &self.topology.http {
            let called = self.topology.calls.iter().any(|call| call.1 == *root);
            if !called {
                self.visit(*root, 0, &mut seen, &mut levels, &mut slots, &mut next);
            }
        }
        (levels, slots)
    }

    fn visit(
        &self,
        service: usize,
        level: usize,
        seen: &mut Set<usize>,
        levels: &mut Vec<(usize, usize)>,
        slots: &mut Vec<(usize, f32)>,
        next: &mut f32,
    ) -> Option<f32> {
        if !seen.insert(service) {
            return None;
        }
        levels.push((service, level));
        let below: Vec<f32> = self
            .callees(service)
            .into_iter()
            .filter_map(|callee| self.visit(callee, level + 1, seen, levels, slots, next))
            .collect();
        let slot = match (below.first(), below.last()) {
            (Some(first), Some(last)) => (first + last) / 2.0,
            _ => {
                *next += 1.0;
                *next - 1.0
            }
        };
        slots.push((service, slot));
        Some(slot)
    }

    pub(super) fn call_wire(&mut self, caller: usize, callee: usize, track: Track) {
        let route = Route::Call { caller, callee };
        self.arrow(route, track, Tone::Line2, WireStyle::Plain, Tone::Text3);
    }

    /// The calls of one service are made one after another: their numbers say in which order.
    pub(super) fn number(&mut self, caller: usize, callee: usize, place: Point) {
        let callees = self.callees(caller);
        let Some(index) = callees.iter().position(|it| *it == callee) else {
            return;
        };
        if callees.len() > 1 {
            let (text, tone) = ((index + 1).to_string().into(), Tone::Text3);
            self.out.notes.push(Note {
                at: place,
                text,
                tone,
                ends: true,
                mono: false,
                binds: None,
            });
        }
    }

    pub(super) fn buyers(&mut self, alone: bool) {
        let Some(door) = self.topology.http.first().copied() else {
            return;
        };
        let Some(card) = self.placed(door).filter(|_| alone) else {
            return;
        };
        let at_door = at(card.x - 3.0, card.center().y);
        let stand = at(card.x - BUYERS + 24.0, card.center().y);
        self.out.buyers = Some(stand);
        let track = Track::from(at(stand.x + 22.0, stand.y)).line_to(at_door);
        let route = Route::Buy { service: door };
        self.arrow(route, track, Tone::Line2, WireStyle::Plain, Tone::Text3);
    }
}

/// From the right side of a card to the left side of another one.
pub(super) fn beside(from: Rect, to: Rect, shift: f32) -> Track {
    let start = at(from.right() + 3.0, from.center().y + shift);
    let end = at(to.x - 3.0, to.center().y + shift);
    if (end.y - start.y).abs() < 1.0 {
        Track::from(start).line_to(end)
    } else {
        Track::from(start).curve_to(end)
    }
}
