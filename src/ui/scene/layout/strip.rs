//! The strip: producers, tapes, readers, trays and workers from left to right, without zones.

use super::calls::{BUYERS, beside};
use super::*;
use crate::ui::scene::geometry::at;

/// Where readers stand, and how wide their cards are.
const READERS: f32 = 288.0;
const READER_WIDTH: f32 = 104.0;
/// The height below which it would not be legible.
const LOWEST: f32 = 60.0;
/// From one tape to the name of the next.
const APART: f32 = 6.0;
/// Between two services that take calls.
const CALLS_APART: f32 = 12.0;
/// Their cards have a row for what they are about; an arrow needs the room between two of them.
const CALLS_HEIGHT: f32 = 60.0;
/// Left of those who stand in line.
const SIDE: f32 = 10.0;

impl Builder {
    pub(super) fn strip(mut self) -> Layout {
        self.strip_calls();
        let top = self.top;
        let tapes = self.strip_tapes(top);
        let readers = self.strip_readers(top);
        let height = tapes.max(readers) - top;
        self.strip_producers(top, height);
        let trays = self.strip_trays(top);
        let lowest = self.out.cards.iter().map(|card| card.rect.bottom()).fold(0.0, f32::max);
        // Flags, those who stand in line and an exchange with its name need so much at least.
        self.out.height = tapes.max(readers).max(trays).max(lowest).max(top + LOWEST) + 2.0;
        self.out
    }

    /// Services that call each other in one row, with the calls over their heads.
    fn strip_calls(&mut self) {
        let m = self.m;
        let alone = self.topology.topics.is_empty() && self.topology.work.is_empty();
        let http = self.topology.http.clone();
        if http.is_empty() || (self.topology.calls.is_empty() && !alone) {
            return;
        }
        let (left, top) = if alone { (BUYERS + SIDE, 52.0) } else { (m.left_x, 34.0) };
        let count = http.len() as f32;
        let width = (self.form.width() - left - 4.0 + CALLS_APART) / count - CALLS_APART;
        let width = width.min(m.right_w);
        for (index, service) in http.iter().enumerate() {
            let x = left + index as f32 * (width + CALLS_APART);
            self.place(*service, Rect::new(x, top, width, CALLS_HEIGHT));
        }
        for (caller, callee) in self.topology.calls.clone() {
            let (Some(from), Some(to)) = (self.placed(caller), self.placed(callee)) else {
                continue;
            };
            let track = if (to.x - from.right() - CALLS_APART).abs() < 1.0 {
                beside(from, to, 0.0)
            } else {
                // Who is called later is called over the heads of those before.
                let lane = top - 8.0 - (to.x - from.x).abs() / self.form.width() * 30.0;
                let start = at(from.right() - 12.0, from.y - 1.0);
                let end = at(to.center().x, to.y - 3.0);
                Track::route(&[start, at(start.x, lane), at(end.x, lane), end], 6.0)
            };
            self.call_wire(caller, callee, track);
        }
        self.buyers(alone);
        // Below the row is room for those who stand in line.
        self.top = top + CALLS_HEIGHT + if alone { 34.0 } else { 8.0 };
    }

    /// The tapes one below the other; returns where they end.
    fn strip_tapes(&mut self, top: f32) -> f32 {
        let mut y = top;
        for topic in 0..self.topology.topics.len() {
            let read = !self.topology.topics[topic].readers.is_empty();
            let tape = self.stacked_tape(topic, self.m.tape_x, y, read);
            y = tape.rect.bottom() + APART;
            self.out.tapes.push(tape);
        }
        y
    }

    /// Who reads stands right of the tapes; returns where they end.
    fn strip_readers(&mut self, top: f32) -> f32 {
        let m = self.m;
        if self.topology.topics.is_empty() {
            return top;
        }
        // The flags of the first tape have the room above.
        let mut y = top + 38.0;
        for (topic, node) in self.topology.topics.clone().iter().enumerate() {
            let tape = self.out.tapes[topic].rect;
            for service in node.readers.iter().copied() {
                if self.placed(service).is_some() {
                    continue;
                }
                let card = Rect::new(READERS, y, READER_WIDTH, m.card_h);
                self.place(service, card);
                y += m.card_h + m.card_gap;
                let height = card.center().y.clamp(tape.y + 4.0, tape.bottom() - 4.0);
                let from = at(tape.right() + 2.0, height);
                let track = Track::from(from).curve_to(at(card.x - 3.0, card.center().y));
                self.wire(Route::Read { service, topic }, track, Tone::LogLine, WireStyle::Plain);
            }
        }
        y
    }

    /// Who writes and reads nothing stands on the left, in the middle of the height.
    fn strip_producers(&mut self, top: f32, height: f32) {
        let m = self.m;
        let topics = self.topology.topics.iter().flat_map(|topic| &topic.producers);
        let exchanges = self.topology.exchanges.iter().flat_map(|exchange| &exchange.producers);
        let direct = self.topology.work.iter().flat_map(|queue| &queue.direct);
        let mut left: Vec<usize> = Vec::new();
        for service in topics.chain(exchanges).chain(direct).copied() {
            let free = self.placed(service).is_none() && !self.topology.works(service);
            if free && !left.contains(&service) {
                left.push(service);
            }
        }
        // Flags may need the room above.
        let above = if self.topology.groups.is_empty() { 0.0 } else { 36.0 };
        let mut y = top + ((height - self.stack_height(left.len())) / 2.0).max(above);
        for service in left {
            self.place(service, Rect::new(m.left_x, y, m.left_w, m.card_h));
            y += m.card_h + m.card_gap;
        }
        for (topic, node) in self.topology.topics.clone().iter().enumerate() {
            let tape = self.out.tapes[topic].clone();
            for service in node.producers.iter().copied() {
                let Some(card) = self.placed(service) else {
                    continue;
                };
                // A reader's own records go back below the tapes; there is no room to draw the way.
                let beside = card.right() < tape.rect.x;
                let style = if beside { WireStyle::Hair } else { WireStyle::Hidden };
                let start = at(if beside { card.right() + 3.0 } else { card.x }, card.center().y);
                for partition in 0..node.partitions {
                    let end =
                        at(if beside { tape.rect.x } else { tape.pen_x }, tape.row(partition));
                    let track = Track::from(start).curve_to(end);
                    let route = Route::Fan { service, topic, partition };
                    self.wire(route, track, Tone::LogLine, style);
                }
            }
        }
    }

    /// Exchanges, trays with their workers, and what failed below them; returns where they end.
    fn strip_trays(&mut self, top: f32) -> f32 {
        let m = self.m;
        if self.topology.work.is_empty() && self.topology.dead.is_empty() {
            return top;
        }
        for (index, node) in self.topology.exchanges.clone().iter().enumerate() {
            let center = at(m.exchange_x, top + self.exchange_height() + 40.0 * index as f32);
            let (name, kind, radius) = (node.name.clone(), node.kind.clone(), m.exchange_r);
            let label = at(center.x - 12.0, center.y + 24.0);
            self.out.exchanges.push(ExchangeSpot { name, kind, center, radius, label });
        }
        let bottom = self.stacked_trays(top + 4.0);
        self.strip_publishers();
        bottom
    }

    /// Below the first reader, or at the height of the first tray where nobody reads.
    fn exchange_height(&self) -> f32 {
        if self.topology.topics.is_empty() { 27.0 } else { 92.0 }
    }

    /// From publishers to their exchanges, and from there to the trays.
    fn strip_publishers(&mut self) {
        for (index, node) in self.topology.exchanges.clone().iter().enumerate() {
            let (c, r) = (self.out.exchanges[index].center, self.m.exchange_r);
            for service in node.producers.iter().copied() {
                let Some(card) = self.placed(service) else {
                    continue;
                };
                let route = Route::Publish { service, exchange: index };
                if card.x < READERS {
                    // Straight to it, unseen where tapes and readers stand in between.
                    let start = at(card.right() + 3.0, card.center().y);
                    let track = Track::from(start).curve_to(at(c.x - r - 2.0, c.y));
                    let free =
                        !self.out.cards.iter().any(|it| it.rect.x > card.x && it.rect.x < c.x);
                    let style = if free { WireStyle::Plain } else { WireStyle::Hidden };
                    self.wire(route, track, Tone::QueueLine, style);
                    continue;
                }
                // Down to an exchange that is lower, else up to it.
                let x = card.right() - 12.0;
                let (edge, way) =
                    if card.bottom() < c.y { (card.bottom(), 1.0) } else { (card.y, -1.0) };
                let turn = edge + 3.0 * way;
                let end = at(c.x, c.y - (r + 2.0) * way);
                let corners = [at(x, edge + way), at(x, turn), at(c.x, turn), end];
                let track = Track::route(&corners, 3.0);
                self.wire(route, track, Tone::QueueLine, WireStyle::Plain);
            }
            for (queue, _) in &node.bindings {
                let tray = self.out.trays[*queue].rect;
                let start = at(c.x + r + 1.0, c.y);
                let track = Track::from(start).curve_to(at(tray.x - 5.0, tray.center().y));
                let route = Route::Bind { exchange: index, queue: *queue };
                self.wire(route, track, Tone::QueueLine, WireStyle::Plain);
            }
        }
        for (queue, node) in self.topology.work.clone().iter().enumerate() {
            let tray = self.out.trays[queue].rect;
            for service in node.direct.iter().copied() {
                let Some(card) = self.placed(service) else {
                    continue;
                };
                let start = at(card.right() + 3.0, card.center().y);
                let track = Track::from(start).curve_to(at(tray.x - 5.0, tray.center().y));
                let between = self.out.cards.iter().any(|other| other.rect.x > card.right());
                let style =
                    if between && card.x < READERS { WireStyle::Hidden } else { WireStyle::Plain };
                self.wire(Route::Direct { service, queue }, track, Tone::QueueLine, style);
            }
        }
    }
}
