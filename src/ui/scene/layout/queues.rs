//! The zone of the queues: exchange, trays, hands and workers in rows; waiting trays and dead
//! letters below.

use super::brokers::{below, strip};
use super::columns::{UNDER_NAME, style_of};
use super::*;
use crate::ui::scene::geometry::at;

/// From an exchange up to the baseline of its name, when publishers stand beside it.
const ABOVE: f32 = 60.0;
const LEGEND_HEIGHT: f32 = 106.0;
/// Few trays may be taller than many.
const LONE_TRAY: f32 = 132.0;
const PAIR_OF_TRAYS: f32 = 104.0;

/// From the left of a tray of dead letters to where they fall in, between its name and its count.
const ENTRY: f32 = 104.0;
/// Room for the name of an exchange.
const NAME: f32 = 92.0;

/// The width of a letter of a binding's key.
const KEY_LETTER: f32 = 6.6;

impl Builder {
    pub(super) fn queue_zone(&mut self) {
        let zone_top = self.top;
        self.m.tray_h = self.m.tray_h.max(match self.topology.work.len() {
            1 => LONE_TRAY,
            2 => PAIR_OF_TRAYS,
            _ => 0.0,
        });
        let left: Vec<usize> = self.left_producers();
        let hanging = self.hanging(zone_top);
        let name_at = at(self.m.left_x, (zone_top + 10.0).max(hanging + 12.0));
        let first = zone_top + self.m.tray_top + self.room;
        let rows_bottom = self.tray_rows(first);
        self.exchange_spots(!left.is_empty());
        let label = if self.out.exchanges.is_empty() { 0.0 } else { ABOVE - self.m.card_h / 2.0 };
        let corner = at(self.m.left_x, name_at.y + UNDER_NAME - 11.0);
        self.out.nodes = strip(self.topology.nodes, corner);
        let under = below(&self.out.nodes, name_at.y + 26.0);
        let shift = self.left_cards(&left, under + label);
        self.shift_queues(shift);
        let rows_bottom = rows_bottom + shift;
        self.publish_wires();
        self.clear_names();
        self.bind_wires();
        self.serve_wires();
        let bottom = self.failures(rows_bottom);
        let labels = self.out.exchanges.iter().map(|spot| spot.label.y + 18.0);
        let bottom = labels.fold(bottom, f32::max).max(under);
        let rect = self.zone_rect(zone_top, bottom + self.room);
        self.out.zones.push(Zone { kind: ZoneKind::Queue, rect, name_at });
        self.find_room_for_legend(rect, under - 6.0);
        self.top = rect.bottom() + self.m.gap;
    }

    /// Publishers of tasks that stand nowhere yet.
    fn left_producers(&self) -> Vec<usize> {
        let exchanges = self.topology.exchanges.iter().flat_map(|exchange| &exchange.producers);
        let direct = self.topology.work.iter().flat_map(|queue| &queue.direct);
        let mut found: Vec<usize> = Vec::new();
        for service in exchanges.chain(direct) {
            let free = self.placed(*service).is_none() && !self.topology.works(*service);
            if free && !found.contains(service) {
                found.push(*service);
            }
        }
        found
    }

    /// How far cards of the zone above reach into this one.
    fn hanging(&self, zone_top: f32) -> f32 {
        let left = self.out.cards.iter().filter(|card| card.rect.x < self.m.exchange_x);
        let lowest = left.map(|card| card.rect.bottom()).fold(0.0, f32::max);
        if lowest > zone_top - self.m.gap { lowest } else { 0.0 }
    }

    /// Trays with their workers, from the top. Returns the bottom of the last row.
    fn tray_rows(&mut self, first: f32) -> f32 {
        let m = self.m;
        let mut y = first;
        for queue in 0..self.topology.work.len() {
            let node = self.topology.work[queue].clone();
            let workers: Vec<usize> =
                node.workers.iter().copied().filter(|it| self.placed(*it).is_none()).collect();
            let stack = self.stack_height(workers.len());
            let height = m.tray_h.max(stack);
            let rect =
                Rect::new(m.tray_x, y + (height - m.tray_h) / 2.0, m.tray_end - m.tray_x, m.tray_h);
            let mut card_y = y + (height - stack) / 2.0;
            for service in workers {
                self.place(service, Rect::new(m.right_x, card_y, m.right_w, m.card_h));
                card_y += m.card_h + m.card_gap;
            }
            self.out
                .hands
                .push(Hand { center: at(m.hand_x, rect.center().y), room: m.tray_h - 4.0 });
            self.out.trays.push(Tray { rect, queues: vec![node.name.clone()] });
            y += height + m.tray_gap;
        }
        y - m.tray_gap
    }

    /// Each exchange stands at the height of the middle of its trays, below the one before.
    ///
    /// Its name stands below it, or above the publishers beside it.
    fn exchange_spots(&mut self, beside: bool) {
        let m = self.m;
        let mut lowest = f32::MIN;
        for node in self.topology.exchanges.clone() {
            let heights: Vec<f32> =
                node.bindings.iter().map(|it| self.out.trays[it.0].rect.center().y).collect();
            let middle = match heights.len() {
                0 => lowest.max(self.top) + 60.0,
                len => (heights[(len - 1) / 2] + heights[len / 2]) / 2.0,
            };
            let y = middle.max(lowest + 84.0);
            lowest = y;
            let center = at(m.exchange_x, y);
            let label = if beside {
                at(m.exchange_x + 8.0, y - ABOVE)
            } else {
                at(m.exchange_x + 10.0 - m.exchange_r, y + m.exchange_r + 17.0)
            };
            let (name, kind) = (node.name.clone(), node.kind.clone());
            let radius = m.exchange_r;
            self.out.exchanges.push(ExchangeSpot { name, kind, center, radius, label });
        }
    }

    /// Places publishers beside the exchange. Returns by how much everything must go down.
    fn left_cards(&mut self, left: &[usize], ceiling: f32) -> f32 {
        if left.is_empty() {
            return 0.0;
        }
        let m = self.m;
        let nodes = self.topology.exchanges.iter().zip(&self.out.exchanges);
        let fed = nodes.filter(|(node, _)| node.producers.iter().any(|it| left.contains(it)));
        let mut heights: Vec<f32> = fed.map(|(_, spot)| spot.center.y).collect();
        if heights.is_empty() {
            heights.extend(self.out.trays.iter().map(|tray| tray.rect.center().y));
        }
        let middle = heights.iter().sum::<f32>() / heights.len().max(1) as f32;
        let height = self.stack_height(left.len());
        let shift = (ceiling - (middle - height / 2.0)).max(0.0);
        let mut y = middle - height / 2.0 + shift;
        for service in left {
            self.place(*service, Rect::new(m.left_x, y, m.left_w, m.card_h));
            y += m.card_h + m.card_gap;
        }
        shift
    }

    /// A name that would lie on a publisher's card or on a wire stands below its exchange.
    fn clear_names(&mut self) {
        let (x, radius) = (self.m.exchange_x, self.m.exchange_r);
        let cards = self.out.cards.iter().map(|card| card.rect).filter(|rect| rect.x < x);
        let cards: Vec<Rect> = cards.collect();
        for spot in &mut self.out.exchanges {
            let name = Rect::new(spot.label.x - NAME, spot.label.y - 12.0, NAME, 30.0);
            let passed = |wire: &Wire| wire.track.points().iter().any(|it| name.contains(*it));
            let taken = cards.iter().any(|card| card.y < name.bottom() && card.bottom() > name.y);
            if taken || self.out.wires.iter().any(passed) {
                spot.label = at(x + 10.0 - radius, spot.center.y + radius + 17.0);
            }
        }
    }

    fn shift_queues(&mut self, by: f32) {
        let workers: Vec<usize> =
            self.topology.work.iter().flat_map(|queue| queue.workers.clone()).collect();
        for card in self.out.cards.iter_mut().filter(|card| workers.contains(&card.service)) {
            card.rect.y += by;
        }
        for tray in &mut self.out.trays {
            tray.rect.y += by;
        }
        for hand in &mut self.out.hands {
            hand.center.y += by;
        }
        for spot in &mut self.out.exchanges {
            spot.center.y += by;
            spot.label.y += by;
        }
    }

    fn publish_wires(&mut self) {
        for (index, node) in self.topology.exchanges.clone().iter().enumerate() {
            let spot = &self.out.exchanges[index];
            let end = at(spot.center.x - spot.radius - 3.0, spot.center.y);
            for service in &node.producers {
                let Some(card) = self.placed(*service) else {
                    continue;
                };
                let route = Route::Publish { service: *service, exchange: index };
                let first = node.bindings.first().map(|it| it.0);
                let track = self.publish_track(card, end, first);
                self.arrow(route, track, Tone::QueueLine, WireStyle::Plain, Tone::Queue);
            }
        }
        for (index, node) in self.topology.work.clone().iter().enumerate() {
            let tray = self.out.trays[index].rect;
            let end = at(tray.x - 5.0, tray.center().y);
            for service in &node.direct {
                let Some(card) = self.placed(*service) else {
                    continue;
                };
                let route = Route::Direct { service: *service, queue: index };
                let track = self.publish_track(card, end, Some(index));
                self.arrow(route, track, Tone::QueueLine, WireStyle::Plain, Tone::Queue);
            }
        }
    }

    /// From a card to an exchange, or to a tray; `first` is the upper queue behind it.
    fn publish_track(&self, card: Rect, end: Point, first: Option<usize>) -> Track {
        let m = self.m;
        let beside = (card.center().y - end.y).abs() < m.card_h;
        if card.right() > end.x {
            // From a worker: down or up on the right, back above the queue and what works on it.
            let x = m.left_x + m.left_w + 8.0;
            let rail = card.right() + 4.0;
            let y = first.map_or(end.y, |queue| self.row_top(queue)) - m.tray_gap / 2.0;
            let start = at(card.right(), card.center().y);
            let corners = [start, at(rail, start.y), at(rail, y), at(x, y), at(x, end.y), end];
            return Track::route(&corners, 10.0);
        }
        let start = at(card.right() + 3.0, card.center().y + if beside { 0.0 } else { 14.0 });
        if beside {
            return Track::from(start).curve_to(end);
        }
        // Down close to the exchange, so that the zone's name stays free.
        Track::from(start).bezier_to(at(end.x + 20.0, start.y), at(end.x - 8.0, end.y), end)
    }

    /// Where the row of a queue begins: its tray or the first of its workers.
    fn row_top(&self, queue: usize) -> f32 {
        let workers = self.topology.work[queue].workers.iter();
        let tops = workers.filter_map(|it| self.placed(*it)).map(|card| card.y);
        tops.fold(self.out.trays[queue].rect.y, f32::min)
    }

    fn bind_wires(&mut self) {
        for (index, node) in self.topology.exchanges.clone().iter().enumerate() {
            let spot = self.out.exchanges[index].clone();
            for (queue, key) in &node.bindings {
                let tray = self.out.trays[*queue].rect;
                let end = at(tray.x - 5.0, tray.center().y);
                let rise = end.y - spot.center.y;
                let (track, note) = if rise.abs() < 12.0 {
                    let start = at(spot.center.x + spot.radius + 1.0, spot.center.y);
                    // A key that is longer than the way stands above the exchange.
                    let long = key.len() as f32 * KEY_LETTER + 8.0 > end.x - start.x;
                    let up = if long { spot.radius + 6.0 } else { 7.0 };
                    (Track::from(start).curve_to(end), at(end.x - 3.0, end.y - up))
                } else {
                    let side = rise.signum();
                    let start = at(spot.center.x + 13.5, spot.center.y + 13.0 * side);
                    let first = at(start.x + 7.5, start.y + (end.y - start.y) * 0.61);
                    let second = at(spot.center.x + 46.0, end.y);
                    let below = if side < 0.0 { -8.0 } else { 15.0 };
                    (
                        Track::from(start).bezier_to(first, second, end),
                        at(end.x - 25.0, end.y + below),
                    )
                };
                let route = Route::Bind { exchange: index, queue: *queue };
                self.wire(route, track, Tone::QueueLine, WireStyle::Plain);
                let (text, tone) = (key.clone(), Tone::QueueText);
                let binds = Some(*queue);
                self.out.notes.push(Note { at: note, text, tone, ends: true, mono: true, binds });
            }
        }
    }

    fn serve_wires(&mut self) {
        for (queue, node) in self.topology.work.clone().iter().enumerate() {
            let tray = self.out.trays[queue].rect;
            let start = at(tray.right() + 2.0, tray.center().y);
            for service in &node.workers {
                let Some(card) = self.placed(*service) else {
                    continue;
                };
                let end = at(card.x - 3.0, card.center().y);
                let track = Track::from(start).line_to(self.out.hands[queue].center);
                let track = if (end.y - start.y).abs() < 1.0 {
                    track.line_to(end)
                } else {
                    let bend = at(self.m.hand_x + 11.0, start.y);
                    track.line_to(bend).curve_to(end)
                };
                let route = Route::Serve { queue, service: *service };
                self.wire(route, track, Tone::QueueLine, WireStyle::Plain);
            }
        }
    }

    /// Waiting trays, dead letters and the rail that leads there. Returns the zone's bottom.
    fn failures(&mut self, rows_bottom: f32) -> f32 {
        let m = self.m;
        if self.topology.rungs.is_empty() && self.topology.dead.is_empty() {
            return rows_bottom + m.foot;
        }
        let rail_y = rows_bottom + m.rail;
        let top = rows_bottom + m.rung;
        let count = self.topology.rungs.len() as f32;
        let width = (m.tray_end - m.tray_x - (count - 1.0) * 8.0) / count;
        for (index, rung) in self.topology.rungs.clone().into_iter().enumerate() {
            let x = m.tray_x + index as f32 * (width + 8.0);
            let rect = Rect::new(x, top, width, m.rung_h);
            self.out.rungs.push(Tray { rect, queues: rung.queues });
        }
        for (index, name) in self.topology.dead.clone().into_iter().enumerate() {
            let y = top + index as f32 * (m.rung_h + 8.0);
            let rect = Rect::new(m.right_x, y, m.right_w, m.rung_h);
            self.out.dead.push(Tray { rect, queues: vec![name] });
        }
        self.failure_wires(rail_y);
        self.return_wires();
        let rows = self.topology.dead.len().max(1) as f32;
        top + rows * (m.rung_h + 8.0) - 8.0 + m.foot
    }

    fn failure_wires(&mut self, rail_y: f32) {
        let m = self.m;
        let rail_x = m.right_x + m.right_w + 4.0;
        let failing: Vec<usize> = self
            .topology
            .work
            .iter()
            .filter(|queue| queue.dead_letters)
            .flat_map(|queue| queue.workers.clone())
            .collect();
        let mut highest = f32::MAX;
        for service in failing {
            let Some(card) = self.placed(service) else {
                continue;
            };
            let start = at(card.right(), card.bottom() - 16.0);
            highest = highest.min(start.y);
            let rail = [start, at(rail_x, start.y), at(rail_x, rail_y)];
            for (rung, tray) in self.out.rungs.clone().iter().enumerate() {
                let x = tray.rect.center().x;
                let corners = [&rail[..], &[at(x, rail_y), at(x, tray.rect.y - 3.0)]].concat();
                let route = Route::Retry { service, rung };
                self.wire(route, Track::route(&corners, 6.0), Tone::FailLine, WireStyle::Hidden);
            }
            for (dead, tray) in self.out.dead.clone().iter().enumerate() {
                let x = tray.rect.x + ENTRY;
                let corners = [&rail[..], &[at(x, rail_y), at(x, tray.rect.y - 3.0)]].concat();
                let route = Route::GiveUp { service, dead };
                self.wire(route, Track::route(&corners, 6.0), Tone::FailLine, WireStyle::Hidden);
            }
            let stub = Track::from(start).line_to(at(rail_x, start.y));
            self.wire(Route::Frame, stub, Tone::FailLine, WireStyle::Plain);
        }
        if highest < f32::MAX {
            self.draw_rail(at(rail_x, highest), rail_y);
        }
    }

    /// The rail is drawn once, whoever uses it.
    fn draw_rail(&mut self, from: Point, rail_y: f32) {
        let dead = self.out.dead.first().map(|tray| tray.rect);
        let rungs: Vec<Rect> = self.out.rungs.iter().map(|tray| tray.rect).collect();
        let dashed = WireStyle::Dashed;
        let note = |text: &str, x: f32, ends: bool| Note {
            at: at(x, rail_y - 3.0),
            text: text.into(),
            tone: Tone::FailText,
            ends,
            mono: false,
            binds: None,
        };
        if let Some(tray) = dead {
            let x = tray.x + ENTRY;
            let down = [from, at(from.x, rail_y), at(x, rail_y), at(x, tray.y - 3.0)];
            let track = Track::route(&down, 6.0);
            self.arrow(Route::Frame, track, Tone::FailLine, WireStyle::Plain, Tone::Fail);
            self.out.notes.push(note("gave up", x - 8.0, true));
        }
        if let Some(first) = rungs.first() {
            let start = match dead {
                Some(tray) => vec![at(tray.x + ENTRY, rail_y)],
                None => vec![from, at(from.x, rail_y)],
            };
            let x = first.center().x;
            let corners = [&start[..], &[at(x, rail_y), at(x, first.y - 3.0)]].concat();
            let track = Track::route(&corners, 6.0);
            self.arrow(Route::Frame, track, Tone::FailLine, dashed, Tone::Fail);
            for rung in &rungs[1..] {
                let x = rung.center().x;
                let track = Track::from(at(x, rail_y)).line_to(at(x, rung.y - 3.0));
                self.arrow(Route::Frame, track, Tone::FailLine, dashed, Tone::Fail);
            }
            self.out.notes.push(note("nack", self.m.right_x + 2.0, false));
        }
    }

    /// From the waiting trays back to the exchange that their messages are handed to.
    fn return_wires(&mut self) {
        let Some(first) = self.out.rungs.first().map(|tray| tray.rect) else {
            return;
        };
        for (rung, node) in self.topology.rungs.clone().iter().enumerate() {
            let tray = self.out.rungs[rung].rect;
            let edge = at(first.x - 3.0, first.center().y);
            let lead = [at(tray.x + 4.0, first.center().y), edge];
            let end = match node.back_to.and_then(|exchange| self.out.exchanges.get(exchange)) {
                Some(spot) => {
                    let x = spot.center.x + 4.0;
                    vec![at(x, edge.y), at(x, spot.center.y + spot.radius + 2.0)]
                }
                None => {
                    let Some(last) = self.out.trays.last().map(|tray| tray.rect) else {
                        continue;
                    };
                    let x = last.x - 24.0;
                    let y = last.bottom() - 18.0;
                    vec![at(x, edge.y), at(x, y), at(last.x - 5.0, y)]
                }
            };
            let corners =
                if rung == 0 { [&[edge][..], &end].concat() } else { [&lead[..], &end].concat() };
            let style = if rung == 0 { WireStyle::Dashed } else { WireStyle::Hidden };
            let track = Track::route(&corners, 8.0);
            self.arrow(Route::Return { rung }, track, Tone::QueueLine, style, Tone::Queue);
        }
    }

    fn find_room_for_legend(&mut self, zone: Rect, from: f32) {
        let left = self.out.cards.iter().filter(|card| card.rect.x < self.m.exchange_x);
        let cards = left.map(|card| card.rect.bottom()).filter(|bottom| *bottom > zone.y);
        let labels = self.out.exchanges.iter().map(|spot| spot.label.y + 18.0);
        let taken = cards.chain(labels).fold(from, f32::max);
        let y = zone.bottom() - LEGEND_HEIGHT - 12.0;
        if y >= taken + 4.0 {
            self.out.legend = Some(at(self.m.left_x, y));
        }
    }
}

impl Tape {
    /// The style of a group's line.
    pub fn line_of(group: usize) -> u8 {
        style_of(group)
    }
}
