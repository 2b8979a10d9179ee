//! The wide and the medium drawing: producers on the left, tapes and trays in the middle,
//! consumers on the right; the log above the queues.

use super::brokers::{PLACE, below, strip};
use super::*;
use crate::ui::scene::geometry::at;
use crate::ui::scene::topology::TopicNode;

/// How many partitions in all are drawn close, and from how many on rows are thin.
const CLOSE: u32 = 3;
const COMPACT: u32 = 16;
const FINE_PITCH: f32 = 6.0;
/// From a block to the baseline of the next topic's name.
const BETWEEN: f32 = 21.0;
/// From a tape's bottom to the wires that leave it downwards, and between two of those.
const BRIDGE: f32 = 9.0;
const BRIDGES_APART: f32 = 5.0;
/// From the top of a zone to what stands under its name.
pub(super) const UNDER_NAME: f32 = 30.0;
/// Room for `lag 1,234` and what frames it.
const LAG_WORDS: f32 = 64.0;

impl Builder {
    pub(super) fn columns(mut self) -> Layout {
        self.call_band();
        if !self.topology.topics.is_empty() {
            self.log_zone();
        }
        if !self.topology.work.is_empty() || !self.topology.dead.is_empty() {
            self.queue_zone();
        }
        self.out.height = self.top - self.m.gap + self.m.margin;
        self.out
    }

    fn log_zone(&mut self) {
        let zone_top = self.top;
        self.out.brokers = strip(self.topology.brokers, at(self.m.left_x, zone_top + UNDER_NAME));
        let mut y = zone_top + self.m.title + self.room;
        let mut arriving: Vec<usize> = Vec::new();
        for topic in 0..self.topology.topics.len() {
            y = self.topic_block(topic, y, &mut arriving);
        }
        let mut bottom = y - BETWEEN + 7.0;
        if !arriving.is_empty() {
            bottom = self.lone_bridges(y, &arriving);
        }
        let lowest = self.lowest_card_that_stays(zone_top);
        let rect = self.zone_rect(zone_top, bottom.max(lowest) + self.room);
        let name_at = at(self.m.left_x, zone_top + 11.0);
        self.out.zones.push(Zone { kind: ZoneKind::Log, rect, name_at });
        self.top = rect.bottom() + self.m.gap;
    }

    pub(super) fn zone_rect(&self, top: f32, bottom: f32) -> Rect {
        let side = if self.form == Form::Wide { 8.0 } else { 6.0 };
        Rect::new(side, top, self.form.width() - 2.0 * side, bottom - top)
    }

    /// Cards of the log that also write to an exchange may reach into the queues' zone; the others
    /// may not.
    fn lowest_card_that_stays(&self, zone_top: f32) -> f32 {
        let stays = |card: &&Card| {
            let reaches = self.topology.enqueues(card.service)
                && card.rect.x < self.m.tape_x
                && !self.topology.work.is_empty();
            card.rect.y > zone_top && !reaches
        };
        let lowest = self.out.cards.iter().filter(stays).map(|card| card.rect.bottom() + 10.0);
        lowest.fold(0.0, f32::max)
    }

    /// One topic with its producers and readers; `y` is the baseline of its name. Returns the
    /// baseline for the next one.
    fn topic_block(&mut self, topic: usize, y: f32, arriving: &mut Vec<usize>) -> f32 {
        let node = self.topology.topics[topic].clone();
        let left: Vec<usize> =
            node.producers.iter().copied().filter(|it| self.placed(*it).is_none()).collect();
        let bridges: Vec<usize> =
            node.readers.iter().copied().filter(|it| self.is_bridge(*it)).collect();
        let right: Vec<usize> =
            node.readers.iter().copied().filter(|it| !bridges.contains(it)).collect();
        let groups = self.groups_on(topic);
        let style = self.tape_style(node.partitions);
        let head = if groups.is_empty() || style == TapeStyle::Close { 7.0 } else { 24.0 };
        let tape_h = self.tape_height(&node, style, groups.len());
        let right_h = self.stack_height(right.len());
        let left_h = self.stack_height(left.len());
        // The last producer may stand on the border between log and queues.
        let last = topic > 0 && topic + 1 == self.topology.topics.len();
        let reaches = last && left.iter().all(|it| self.topology.enqueues(*it));
        let height = tape_h.max(right_h).max(if reaches { 0.0 } else { left_h });
        let top = y + head;
        let tape_y = top + (height - tape_h) / 2.0;
        self.tape(&node, style, tape_y, groups, !right.is_empty());
        let left_y = if reaches { tape_y } else { top + (height - left_h) / 2.0 };
        let left_y = if topic == 0 { left_y.max(below(&self.out.brokers, 0.0)) } else { left_y };
        let bottom = (top + height).max(if reaches { 0.0 } else { left_y + left_h });
        self.left_stack(&left, left_y, arriving);
        self.right_stack(topic, &right, top + height / 2.0, tape_y, tape_h);
        self.fans(topic);
        arriving.extend(bridges.iter().copied());
        let wires =
            if bridges.is_empty() { 0.0 } else { BRIDGES_APART * (bridges.len() - 1) as f32 };
        self.bridge_starts(topic, &bridges, tape_y + tape_h, bottom);
        bottom + BETWEEN + wires
    }

    /// A reader that passes something on stands on the left, beside what it writes to.
    fn is_bridge(&self, service: usize) -> bool {
        let writes = self.topology.topics.iter().any(|topic| topic.producers.contains(&service));
        self.placed(service).is_none() && (writes || self.topology.enqueues(service))
    }

    fn groups_on(&self, topic: usize) -> Vec<usize> {
        let groups = self.topology.groups.iter().enumerate();
        groups.filter(|(_, group)| group.topic == topic).map(|(index, _)| index).collect()
    }

    pub(super) fn tape_style(&self, partitions: u32) -> TapeStyle {
        let all: u32 = self.topology.topics.iter().map(|topic| topic.partitions).sum();
        match partitions {
            _ if all <= CLOSE => TapeStyle::Close,
            _ if partitions <= COMPACT => TapeStyle::Compact,
            _ => TapeStyle::Fine,
        }
    }

    pub(super) fn tape_height(&self, node: &TopicNode, style: TapeStyle, groups: usize) -> f32 {
        let rows = node.partitions as f32;
        match style {
            TapeStyle::Close => rows * close_pitch(groups),
            TapeStyle::Compact => rows * self.m.pitch + 4.0,
            TapeStyle::Fine => rows * FINE_PITCH + 4.0,
        }
    }

    pub(super) fn stack_height(&self, cards: usize) -> f32 {
        let cards = cards as f32;
        (cards * self.m.card_h + (cards - 1.0) * self.m.card_gap).max(0.0)
    }

    fn tape(
        &mut self,
        node: &TopicNode,
        style: TapeStyle,
        y: f32,
        groups: Vec<usize>,
        read_beside: bool,
    ) {
        let m = self.m;
        let height = self.tape_height(node, style, groups.len());
        let (pitch, step, cell, cell_height) = match style {
            TapeStyle::Close => {
                (close_pitch(groups.len()), m.close_step, m.close_step - 3.0, CLOSE_CELL)
            }
            TapeStyle::Compact => (m.pitch, m.step, m.cell, m.cell_h),
            TapeStyle::Fine => (FINE_PITCH, m.step, m.cell, FINE_PITCH - 1.5),
        };
        let compact = style != TapeStyle::Close;
        let head = if groups.is_empty() || !compact { 7.0 } else { 24.0 };
        // A close tape has words for each group's lag behind its pen.
        let pen_x = match (compact, read_beside) {
            (true, _) => m.pen_x,
            (false, true) => m.bracket_x - LAG_WORDS,
            (false, false) => self.form.width() - LAG_WORDS - 16.0,
        };
        let places = self.topology.replica_places();
        // Half of what the replicas take comes from the names' side.
        let wide = if compact && places > 0 { places as f32 * PLACE + 4.0 } else { 0.0 };
        let label_x = m.label_x - wide.min(14.0);
        let tape_x = m.tape_x + wide - wide.min(14.0);
        let width = pen_x + 1.2 - tape_x;
        let most = self.topology.topics.iter().map(|topic| topic.partitions).max().unwrap_or(1);
        let digits = most.saturating_sub(1).to_string().len() as f32;
        self.out.tapes.push(Tape {
            name: node.name.clone(),
            partitions: node.partitions,
            style,
            rect: Rect::new(tape_x, y, width, height),
            title: at(label_x - 7.0 * (digits + 1.0), y - head),
            label_x: Some(label_x),
            offset_x: compact.then_some(m.offset_x),
            pen_x,
            pitch,
            step,
            cell,
            cell_height,
            flags_y: y - 20.0,
            groups,
            replicas: self.replicas(places, if compact { tape_x } else { label_x }, style),
        });
    }

    /// Producers beside their tape.
    fn left_stack(&mut self, left: &[usize], top: f32, arriving: &mut Vec<usize>) {
        let m = self.m;
        let mut y = top;
        for service in left {
            self.place(*service, Rect::new(m.left_x, y, m.left_w, m.card_h));
            y += m.card_h + m.card_gap;
        }
        let reached: Vec<usize> = left.iter().copied().filter(|it| arriving.contains(it)).collect();
        self.bridge_ends(&reached);
        arriving.retain(|it| !left.contains(it));
    }

    /// Readers that write to exchanges only stand on the border to the queues.
    fn lone_bridges(&mut self, y: f32, arriving: &[usize]) -> f32 {
        let m = self.m;
        let mut top = y + 6.0;
        for service in arriving {
            self.place(*service, Rect::new(m.left_x, top, m.left_w, m.card_h));
            top += m.card_h + m.card_gap;
        }
        self.bridge_ends(arriving);
        top - m.card_gap - m.card_h * 0.34
    }

    /// Wires from the bottom of a tape to readers on the left, below the cards beside it; their ends
    /// are not known yet.
    fn bridge_starts(&mut self, topic: usize, bridges: &[usize], bottom: f32, cards: f32) {
        for (index, service) in bridges.iter().enumerate() {
            // The first leaves furthest right and runs lowest, so that none crosses another.
            let x = self.m.pen_x - self.m.step - 1.6 - 6.0 * index as f32;
            let y = cards + BRIDGE + BRIDGES_APART * (bridges.len() - 1 - index) as f32;
            let start = Track::from(at(x, bottom)).line_to(at(x, y));
            let route = Route::Read { service: *service, topic };
            let group = self.topology.group_of(*service).unwrap_or(0);
            self.arrow(route, start, Tone::Group(style_of(group)), WireStyle::Faint, Tone::Log);
        }
    }

    fn bridge_ends(&mut self, services: &[usize]) {
        let m = self.m;
        for (index, service) in services.iter().enumerate() {
            let Some(card) = self.placed(*service) else {
                continue;
            };
            let reads = |wire: &&mut Wire| matches!(wire.route, Route::Read { service: it, .. } if it == *service);
            let Some(wire) = self.out.wires.iter_mut().find(reads) else {
                continue;
            };
            let (start, turn) = (wire.track.start(), wire.track.end());
            wire.track = if index == 0 {
                let x = m.left_x + m.left_w - 52.0;
                Track::route(&[start, turn, at(x, turn.y), at(x, card.y - 2.0)], 14.0)
            } else {
                let x = m.left_x - 6.0;
                let y = card.center().y;
                Track::route(&[start, turn, at(x, turn.y), at(x, y), at(card.x - 2.0, y)], 8.0)
            };
        }
    }

    fn right_stack(
        &mut self,
        topic: usize,
        right: &[usize],
        middle: f32,
        tape_y: f32,
        tape_h: f32,
    ) {
        if right.is_empty() {
            return;
        }
        let m = self.m;
        let mut y = middle - self.stack_height(right.len()) / 2.0;
        let (low, high) = (tape_y + 1.0, tape_y + tape_h - 1.0);
        let x = m.bracket_x;
        let bracket =
            Track::route(&[at(x - 6.0, low), at(x, low), at(x, high), at(x - 6.0, high)], 6.0);
        self.wire(Route::Frame, bracket, Tone::LogLine, WireStyle::Plain);
        for service in right {
            let rect = Rect::new(m.right_x, y, m.right_w, m.card_h);
            self.place(*service, rect);
            let center = rect.center().y;
            let from = center.clamp(low, high);
            let track =
                Track::from(at(x, from)).line_to(at(x, center)).line_to(at(rect.x - 3.0, center));
            let route = Route::Read { service: *service, topic };
            self.wire(route, track, Tone::LogLine, WireStyle::Plain);
            y += m.card_h + m.card_gap;
        }
    }

    /// Wires from each producer to each partition.
    fn fans(&mut self, topic: usize) {
        let m = self.m;
        let node = self.topology.topics[topic].clone();
        let tape = self.out.tapes[topic].clone();
        let end_x = tape.title.x - 3.0;
        let hub = at(m.left_x + m.left_w + 3.0, tape.rect.center().y);
        for service in &node.producers {
            let Some(card) = self.placed(*service) else {
                continue;
            };
            let beside = card.right() < end_x && card.bottom() > tape.rect.y - 40.0;
            let next = |it: &&Card| it.rect.x < hub.x && it.rect.y > card.y && it.rect.y < hub.y;
            let below = self.out.cards.iter().filter(next).map(|it| it.rect.bottom()).next_back();
            let start = match below {
                _ if beside => Track::from(at(card.right() + 3.0, card.center().y)),
                // Past the cards below, along the left edge.
                Some(bottom) => {
                    let (x, y) = (m.left_x - 6.0, bottom + 6.0);
                    let from = at(card.x, card.center().y);
                    let corners = [from, at(x, from.y), at(x, y), at(hub.x, y), hub];
                    Track::route(&corners, 10.0)
                }
                None => {
                    let x = card.right() - 8.0;
                    Track::route(&[at(x, card.bottom()), at(x, hub.y), hub], 10.0)
                }
            };
            for partition in 0..node.partitions {
                let route = Route::Fan { service: *service, topic, partition };
                let track = start.clone().curve_to(at(end_x, tape.row(partition)));
                self.wire(route, track, Tone::LogLine, WireStyle::Hair);
            }
        }
    }
}

/// Height of a close cell.
pub(super) const CLOSE_CELL: f32 = 66.0;

/// Flags, cells, offsets and one line of lag for each group.
pub(super) fn close_pitch(groups: usize) -> f32 {
    CLOSE_FLAG + CLOSE_CELL + 20.0 + CLOSE_LAG * groups.min(3) as f32 + 6.0
}

/// Three kinds of line tell groups apart.
pub(super) fn style_of(group: usize) -> u8 {
    (group % 3) as u8
}
