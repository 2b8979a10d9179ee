//! The drawings for phones: everything from top to bottom.

use super::brokers::{NARROW_PLACE, below, strip};
use super::columns::close_pitch;
use super::*;
use crate::engine::sort_few;
use crate::ui::scene::geometry::at;

const BETWEEN: f32 = 18.0;
const CONSUMER_HEIGHT: f32 = 60.0;

impl Builder {
    pub(super) fn stack(mut self) -> Layout {
        self.stacked_calls();
        if !self.topology.topics.is_empty() {
            self.stacked_log();
        }
        if !self.topology.work.is_empty() || !self.topology.dead.is_empty() {
            self.stacked_queues();
        }
        self.out.height = self.top - self.m.gap;
        self.out
    }

    /// Calls: the caller above, those it calls below it, step by step to the right.
    fn stacked_calls(&mut self) {
        let alone = self.topology.topics.is_empty() && self.topology.work.is_empty();
        if self.topology.http.is_empty() || (self.topology.calls.is_empty() && !alone) {
            return;
        }
        let m = self.m;
        let mut y = self.top + 8.0;
        let mut order = vec![(self.topology.http[0], 0_usize)];
        let mut next = 0;
        while next < order.len() {
            let (service, depth) = order[next];
            let callees = self.topology.calls.iter().filter(|call| call.0 == service);
            let fresh: Vec<(usize, usize)> = callees
                .map(|call| (call.1, (depth + 1).min(4)))
                .filter(|callee| !order.iter().any(|it| it.0 == callee.0))
                .collect();
            order.splice(next + 1..next + 1, fresh);
            next += 1;
        }
        for service in self.topology.http.clone() {
            if !order.iter().any(|it| it.0 == service) {
                order.push((service, 0));
            }
        }
        for (service, depth) in order {
            let x = m.left_x + depth as f32 * 24.0;
            self.place(service, Rect::new(x, y, m.left_w + 20.0, m.card_h));
            y += m.card_h + 14.0;
        }
        for (caller, callee) in self.topology.calls.clone() {
            let (Some(from), Some(to)) = (self.placed(caller), self.placed(callee)) else {
                continue;
            };
            let x = from.x + 12.0;
            let corners =
                [at(x, from.bottom()), at(x, to.center().y), at(to.x - 3.0, to.center().y)];
            self.call_wire(caller, callee, Track::route(&corners, 8.0));
        }
        self.top = y + 4.0;
    }

    fn stacked_log(&mut self) {
        let zone_top = self.top;
        let mut y = zone_top + 8.0;
        // Beside the first producer, or where it would stand.
        let producers = &self.topology.topics[0].producers;
        let beside = producers.iter().any(|it| self.placed(*it).is_none());
        let x = if beside { 2.0 * self.m.left_x + self.m.left_w } else { self.m.left_x };
        let corner = at(x, zone_top + if beside { 34.0 } else { 8.0 });
        self.out.brokers = strip(self.topology.brokers, corner);
        for topic in 0..self.topology.topics.len() {
            y = self.stacked_topic(topic, y, zone_top);
        }
        let rect = Rect::new(0.0, zone_top, self.form.width(), y + 2.0 - zone_top);
        let name_at = at(self.form.width() - 114.0, zone_top + 12.0);
        self.out.zones.push(Zone { kind: ZoneKind::Log, rect, name_at });
        self.top = rect.bottom() + self.m.gap;
    }

    fn stacked_topic(&mut self, topic: usize, top: f32, zone_top: f32) -> f32 {
        let m = self.m;
        let node = self.topology.topics[topic].clone();
        let mut y = top;
        if topic == 0 && node.producers.iter().all(|it| self.placed(*it).is_some()) {
            y = zone_top + 34.0;
        }
        for service in node.producers.iter().copied() {
            if self.placed(service).is_none() {
                self.place(service, Rect::new(m.left_x, y, m.left_w, m.card_h));
                y += m.card_h + BETWEEN;
            }
        }
        // A topic without readers leaves the left free for what goes on down from the cards above.
        let read = !node.readers.is_empty();
        let x = if read || topic == 0 { m.tape_x } else { self.form.width() / 2.0 - 50.0 };
        let tape = self.stacked_tape(topic, x, y, read);
        let bottom = tape.rect.bottom();
        self.stacked_fans(topic, &tape);
        self.out.tapes.push(tape);
        self.reader_rows(topic, bottom)
    }

    pub(super) fn stacked_tape(&self, topic: usize, x: f32, y: f32, read: bool) -> Tape {
        let m = self.m;
        let node = &self.topology.topics[topic];
        let groups: Vec<usize> = (0..self.topology.groups.len())
            .filter(|group| self.topology.groups[*group].topic == topic)
            .collect();
        let style = self.tape_style(node.partitions);
        let close = style == TapeStyle::Close;
        // The flags stand below the name: there is no room beside it.
        let head = 14.0 + if read && !close { 24.0 } else { 6.0 };
        let (pitch, step, cell, cell_height, height) = match style {
            TapeStyle::Close => {
                let pitch = close_pitch(groups.len());
                let cells = super::columns::CLOSE_CELL;
                (pitch, m.close_step, m.close_step - 3.0, cells, pitch * node.partitions as f32)
            }
            TapeStyle::Compact => {
                let height = m.pitch * node.partitions as f32 + 4.0;
                (m.pitch, m.step, m.cell, m.cell_h, height)
            }
            TapeStyle::Fine => (4.0, m.step, m.cell, 3.0, 4.0 * node.partitions as f32 + 4.0),
        };
        let top = y + head;
        // Rows are too thin for the numbers of brokers: their places tell which is which.
        let brokers = self.topology.brokers;
        let places = if brokers > 1 { brokers } else { 0 };
        let left = x + if close { 22.0 } else { places as f32 * NARROW_PLACE };
        // What comes straight down from a card passes beside the name.
        let wires = node.producers.iter().filter_map(|it| self.straight_down(*it, left, top));
        let title_x = wires.fold(x + 5.0, |title, wire| title.max(wire + 12.0));
        // A close tape has words for each group's lag behind its pen.
        let pen_x = if close { m.pen_x - 48.0 } else { m.pen_x };
        Tape {
            name: node.name.clone(),
            partitions: node.partitions,
            style,
            rect: Rect::new(left, top, pen_x + 1.2 - left, height),
            title: at(title_x, y + 10.0),
            label_x: close.then_some(left - 4.0),
            offset_x: None,
            pen_x,
            pitch,
            step,
            cell,
            cell_height,
            flags_y: top - 20.0,
            groups,
            replicas: self.replicas(places, if close { left - 4.0 } else { left }, style),
        }
    }

    /// Where the wire from a producer comes down on a tape whose corner is there, if no other card
    /// is in its way.
    fn straight_down(&self, service: usize, left: f32, top: f32) -> Option<f32> {
        let card = self.placed(service)?;
        let x = card.x + 50.0;
        let in_its_way = |other: &Card| {
            other.rect.y > card.bottom() && other.rect.bottom() < top && other.rect.x < x
        };
        (x > left && !self.out.cards.iter().any(in_its_way)).then_some(x)
    }

    /// From a producer down to the tape; the token then runs along its row.
    fn stacked_fans(&mut self, topic: usize, tape: &Tape) {
        for service in self.topology.topics[topic].producers.clone() {
            let Some(card) = self.placed(service) else {
                continue;
            };
            let track = if let Some(x) = self.straight_down(service, tape.rect.x, tape.rect.y) {
                Track::from(at(x, card.bottom() + 2.0)).line_to(at(x, tape.title.y - 12.0))
            } else if card.x + 50.0 > tape.rect.x {
                // Past the cards below, along the left edge.
                let (x, y) = (2.0, tape.rect.y + tape.rect.h / 2.0);
                let start = at(card.x, card.center().y);
                let corners = [start, at(x, start.y), at(x, y), at(tape.rect.x - 0.5, y)];
                Track::route(&corners, 3.0)
            } else {
                // Always from the left, even under a card that is wider than what is left of the tape.
                let end = tape.rect.x - tape.replicas.places as f32 * NARROW_PLACE - 3.0;
                let x = (card.right() - 18.0).min(end - 11.0);
                let y = tape.rect.center().y;
                let corners = [at(x, card.bottom() + 2.0), at(x, y), at(end, y)];
                Track::route(&corners, 8.0)
            };
            for partition in 0..tape.partitions {
                let route = Route::Fan { service, topic, partition };
                let style = if partition == 0 { WireStyle::Plain } else { WireStyle::Hidden };
                self.arrow(route, track.clone(), Tone::LogLine, style, Tone::Log);
            }
        }
    }

    /// The readers of a topic below it, those that pass something on first.
    fn reader_rows(&mut self, topic: usize, bottom: f32) -> f32 {
        let m = self.m;
        let mut readers: Vec<usize> = self.topology.topics[topic]
            .readers
            .iter()
            .copied()
            .filter(|it| self.placed(*it).is_none())
            .collect();
        // What goes on down from a card must find its way free: such cards stand in the last row.
        let row = if self.form == Form::Narrow { 2 } else { 3 };
        let in_one_row = readers.len() <= row;
        sort_few(&mut readers, |it| self.goes_on(*it) != in_one_row);
        let mut y = bottom + 14.0;
        let mut column = 0;
        for (index, service) in readers.iter().enumerate() {
            let first_bridge = !in_one_row && self.goes_on(*service) && !self.goes_on(readers[0]);
            let starts = first_bridge && !readers[..index].iter().any(|it| self.goes_on(*it));
            if column == row || (starts && column > 0) {
                y += CONSUMER_HEIGHT + 14.0;
                column = 0;
            }
            let across = row as f32;
            let width = (self.form.width() - 2.0 * m.left_x - (across - 1.0) * 7.0) / across;
            let x = m.left_x + column as f32 * (width + 7.0);
            let rect = Rect::new(x, y, width, CONSUMER_HEIGHT);
            self.place(*service, rect);
            let from = at(rect.x + 54.0, bottom + 2.0);
            let track = Track::from(from).line_to(at(from.x, rect.y - 2.0));
            let route = Route::Read { service: *service, topic };
            let first_row = y < bottom + 15.0;
            let style = if first_row { WireStyle::Plain } else { WireStyle::Hidden };
            self.arrow(route, track, Tone::LogLine, style, Tone::Log);
            column += 1;
        }
        if readers.is_empty() { bottom + 8.0 } else { y + CONSUMER_HEIGHT + 6.0 }
    }

    /// A reader that writes to another topic or to an exchange.
    fn goes_on(&self, service: usize) -> bool {
        let writes = self.topology.topics.iter().any(|topic| topic.producers.contains(&service));
        writes || self.topology.enqueues(service)
    }

    fn stacked_queues(&mut self) {
        let m = self.m;
        let zone_top = self.top;
        let mut y = zone_top + 8.0;
        let fed = self.topology.exchanges.iter().flat_map(|it| it.producers.clone());
        let direct = self.topology.work.iter().flat_map(|it| it.direct.clone());
        let producers: Vec<usize> = fed.chain(direct).collect();
        for service in producers {
            if self.placed(service).is_none() && !self.topology.works(service) {
                self.place(service, Rect::new(m.left_x, y, m.left_w, m.card_h));
                y += m.card_h + 12.0;
            }
        }
        let spots = self.topology.exchanges.clone();
        for node in &spots {
            let center = at(m.exchange_x, y + m.exchange_r);
            let label = at(center.x + m.exchange_r + 7.0, center.y + 4.0);
            let (name, kind, radius) = (node.name.clone(), node.kind.clone(), m.exchange_r);
            self.out.exchanges.push(ExchangeSpot { name, kind, center, radius, label });
            y += 2.0 * m.exchange_r + 12.0;
        }
        self.out.nodes = strip(self.topology.nodes, at(self.form.width() - 140.0, zone_top + 28.0));
        let trays = below(&self.out.nodes, zone_top + 32.0);
        let bottom = self.stacked_trays(y.max(trays));
        self.stacked_bus();
        let rect = Rect::new(0.0, zone_top, self.form.width(), bottom - zone_top);
        let name_at = at(self.form.width() - 154.0, zone_top + 8.0);
        self.out.zones.push(Zone { kind: ZoneKind::Queue, rect, name_at });
        self.top = rect.bottom() + m.gap;
    }

    pub(super) fn stacked_trays(&mut self, top: f32) -> f32 {
        let m = self.m;
        let mut y = top;
        for (queue, node) in self.topology.work.clone().iter().enumerate() {
            let rect = Rect::new(m.tray_x, y, m.tray_end - m.tray_x, m.tray_h);
            self.out.trays.push(Tray { rect, queues: vec![node.name.clone()] });
            self.out.hands.push(Hand { center: at(m.hand_x, rect.center().y), room: 0.0 });
            let workers = node.workers.len().max(1) as f32;
            let stack = workers * m.card_h + (workers - 1.0) * m.card_gap;
            let mut card_y = y + (m.tray_h - stack).max(0.0) / 2.0;
            for service in node.workers.iter().copied() {
                if self.placed(service).is_some() {
                    continue;
                }
                let card = Rect::new(m.right_x, card_y, m.right_w, m.card_h);
                self.place(service, card);
                card_y += m.card_h + m.card_gap;
                let from = at(rect.right() + 2.0, rect.center().y);
                let track = Track::from(from).curve_to(at(card.x - 2.0, card.center().y));
                let route = Route::Serve { queue, service };
                self.wire(route, track, Tone::QueueLine, WireStyle::Plain);
            }
            y += m.tray_h.max(stack) + m.tray_gap;
        }
        if self.topology.rungs.is_empty() && self.topology.dead.is_empty() {
            return y - m.tray_gap + m.foot;
        }
        self.stacked_failures(y)
    }

    fn stacked_failures(&mut self, top: f32) -> f32 {
        let m = self.m;
        let count = self.topology.rungs.len() as f32;
        let width = (m.tray_end - m.tray_x - (count - 1.0) * 8.0) / count.max(1.0);
        for (index, rung) in self.topology.rungs.clone().into_iter().enumerate() {
            let x = m.tray_x + index as f32 * (width + 8.0);
            let rect = Rect::new(x, top, width, m.rung_h);
            self.out.rungs.push(Tray { rect, queues: rung.queues });
        }
        let mut y = top;
        for name in self.topology.dead.clone() {
            let rect = Rect::new(m.right_x, y, m.right_w, m.rung_h);
            self.out.dead.push(Tray { rect, queues: vec![name] });
            y += m.rung_h + 8.0;
        }
        for (queue, node) in self.topology.work.clone().iter().enumerate() {
            if !node.dead_letters {
                continue;
            }
            let hand = self.out.hands[queue].center;
            for service in node.workers.iter().copied() {
                for (rung, tray) in self.out.rungs.clone().iter().enumerate() {
                    let track = Track::from(hand).line_to(tray.rect.center());
                    let route = Route::Retry { service, rung };
                    self.wire(route, track, Tone::FailLine, WireStyle::Hidden);
                }
                for (dead, tray) in self.out.dead.clone().iter().enumerate() {
                    let track = Track::from(hand).line_to(tray.rect.center());
                    let route = Route::GiveUp { service, dead };
                    self.wire(route, track, Tone::FailLine, WireStyle::Hidden);
                }
            }
        }
        for (rung, node) in self.topology.rungs.clone().iter().enumerate() {
            let Some(exchange) = node.back_to.and_then(|it| self.out.exchanges.get(it)) else {
                continue;
            };
            let from = self.out.rungs[rung].rect.center();
            let bus = m.tray_x - 16.0;
            let to = at(exchange.center.x - exchange.radius, exchange.center.y);
            let corners = [from, at(bus, from.y), at(bus, to.y), to];
            let track = Track::route(&corners, 8.0);
            self.wire(Route::Return { rung }, track, Tone::QueueLine, WireStyle::Hidden);
        }
        y.max(top + m.rung_h + 8.0) - 8.0 + m.foot
    }

    /// Publishers above, one bus on the left from the exchange to its trays.
    fn stacked_bus(&mut self) {
        for (index, node) in self.topology.exchanges.clone().iter().enumerate() {
            let spot = self.out.exchanges[index].clone();
            for service in node.producers.iter().copied() {
                let Some(card) = self.placed(service) else {
                    continue;
                };
                let x = spot.center.x.clamp(card.x + 12.0, card.right() - 12.0);
                let y = spot.center.y - spot.radius - 2.0;
                let middle = card.bottom() + 6.0;
                let between = |it: &Card| it.rect.y > card.y && it.rect.bottom() < y;
                // A worker's messages go back over its tray; there is no room to draw the way.
                let style = if y < card.y { WireStyle::Hidden } else { WireStyle::Plain };
                let start = if self.out.cards.iter().any(between) {
                    // Past the cards below, along the left edge.
                    let (edge, y) = (4.0, y - 5.0);
                    vec![
                        at(card.x, card.center().y),
                        at(edge, card.center().y),
                        at(edge, y),
                        at(spot.center.x, y),
                    ]
                } else {
                    vec![at(x, card.bottom() + 1.0), at(x, middle), at(spot.center.x, middle)]
                };
                let corners = [&start[..], &[at(spot.center.x, y)]].concat();
                let route = Route::Publish { service, exchange: index };
                self.wire(route, Track::route(&corners, 4.0), Tone::QueueLine, style);
            }
            let bus = self.m.tray_x - 16.0;
            for (queue, _) in node.bindings.iter() {
                let tray = self.out.trays[*queue].rect;
                let start = at(spot.center.x - spot.radius - 1.0, spot.center.y);
                let y = tray.center().y;
                let corners = [start, at(bus, start.y), at(bus, y), at(tray.x - 4.0, y)];
                let route = Route::Bind { exchange: index, queue: *queue };
                let track = Track::route(&corners, 8.0);
                self.arrow(route, track, Tone::QueueLine, WireStyle::Plain, Tone::Queue);
            }
        }
        for (queue, node) in self.topology.work.clone().iter().enumerate() {
            let tray = self.out.trays[queue].rect;
            for service in node.direct.iter().copied() {
                let Some(card) = self.placed(service) else {
                    continue;
                };
                let (x, y) = (self.m.tray_x - 16.0, tray.center().y);
                let corners = [at(x, card.bottom()), at(x, y), at(tray.x - 4.0, y)];
                let route = Route::Direct { service, queue };
                let track = Track::route(&corners, 8.0);
                self.arrow(route, track, Tone::QueueLine, WireStyle::Plain, Tone::Queue);
            }
        }
    }
}
