//! What stands where. A layout depends on the scenario, the form and the height alone, never on the
//! world, so nothing jumps while a run goes on.

mod brokers;
mod calls;
mod columns;
mod measures;
mod queues;
mod stacked;
mod strip;

use std::rc::Rc;

use crate::simulation::Scenario;

use super::geometry::{Point, Rect, Track};
use super::shape::Tone;
use super::topology::Topology;

use measures::Measures;

/// The drawings of the stage. Each has one width; the page picks the widest that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    Wide,
    Medium,
    Phone,
    /// For screens of 320 px.
    Narrow,
    /// Low and simple: two of them stand one above the other.
    Strip,
}

impl Form {
    pub const ALL: [Form; 5] = [Form::Wide, Form::Medium, Form::Phone, Form::Narrow, Form::Strip];

    pub const fn width(self) -> f32 {
        match self {
            Form::Wide => 760.0,
            Form::Medium => 704.0,
            Form::Phone => 358.0,
            Form::Narrow => 304.0,
            Form::Strip => 700.0,
        }
    }

    /// True when cards are small and words are few.
    pub const fn is_stacked(self) -> bool {
        matches!(self, Form::Phone | Form::Narrow | Form::Strip)
    }

    /// The name that style sheets use.
    pub const fn name(self) -> &'static str {
        match self {
            Form::Wide => "wide",
            Form::Medium => "medium",
            Form::Phone => "phone",
            Form::Narrow => "narrow",
            Form::Strip => "low",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneKind {
    Log,
    Queue,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    pub kind: ZoneKind,
    pub rect: Rect,
    /// The upper left corner of its name.
    pub name_at: Point,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardSize {
    /// Name, role, state, instances, time, figure.
    Full,
    /// Without the role.
    Compact,
    /// Name, state and one figure.
    Mini,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    pub service: usize,
    pub rect: Rect,
    pub size: CardSize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TapeStyle {
    /// Every record has a cell with its key.
    Close,
    Compact,
    /// Thin rows; every fourth is named.
    Fine,
}

/// A topic: one row for each partition, all aligned at the pen.
#[derive(Clone, Debug, PartialEq)]
pub struct Tape {
    pub name: Rc<str>,
    pub partitions: u32,
    pub style: TapeStyle,
    /// The tapes themselves, without labels and flags.
    pub rect: Rect,
    /// Baseline of the name.
    pub title: Point,
    /// Where the labels of the rows end; none are drawn when there is no room.
    pub label_x: Option<f32>,
    /// Where the end offsets end.
    pub offset_x: Option<f32>,
    pub pen_x: f32,
    pub pitch: f32,
    pub step: f32,
    pub cell: f32,
    pub cell_height: f32,
    /// The top of the flags.
    pub flags_y: f32,
    pub groups: Vec<usize>,
    pub replicas: Replicas,
}

/// Where the copies of a partition stand: one place for each broker, or a single one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replicas {
    /// None if there is but one broker.
    pub places: u32,
    /// The middle of the first place, and from one to the next.
    pub x: f32,
    pub step: f32,
    /// How far below the middle of the row.
    pub below: f32,
}

impl Tape {
    /// The middle of a row.
    pub fn row(&self, partition: u32) -> f32 {
        match self.style {
            TapeStyle::Close => self.rect.y + CLOSE_FLAG + self.cell_height / 2.0,
            TapeStyle::Compact | TapeStyle::Fine => self.rect.y + 2.0 + self.pitch / 2.0,
        }
        .max(0.0)
            + partition as f32 * self.pitch
    }

    /// How many cells a row has room for.
    pub fn room(&self) -> u32 {
        ((self.pen_x - self.rect.x - 2.0) / self.step).max(1.0) as u32
    }

    /// Whether a row is named: fine rows only every fourth.
    pub fn names(&self, partition: u32) -> bool {
        self.style != TapeStyle::Fine || partition.is_multiple_of(4)
    }
}

/// Room for the flags above a close row, and below it for each group's lag.
pub const CLOSE_FLAG: f32 = 20.0;
pub const CLOSE_LAG: f32 = 15.0;

#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeSpot {
    pub name: Rc<str>,
    pub kind: Rc<str>,
    pub center: Point,
    pub radius: f32,
    /// Baseline of the name; it ends there, or starts there on a phone.
    pub label: Point,
}

/// A box that holds messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Tray {
    pub rect: Rect,
    /// One queue, or the queues of one rung.
    pub queues: Vec<Rc<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hand {
    pub center: Point,
    pub room: f32,
}

/// What a wire joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    Fan {
        service: usize,
        topic: usize,
        partition: u32,
    },
    Read {
        service: usize,
        topic: usize,
    },
    Publish {
        service: usize,
        exchange: usize,
    },
    Direct {
        service: usize,
        queue: usize,
    },
    Bind {
        exchange: usize,
        queue: usize,
    },
    Serve {
        queue: usize,
        service: usize,
    },
    Retry {
        service: usize,
        rung: usize,
    },
    GiveUp {
        service: usize,
        dead: usize,
    },
    Return {
        rung: usize,
    },
    Call {
        caller: usize,
        callee: usize,
    },
    Buy {
        service: usize,
    },
    /// Art that carries nothing.
    Frame,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireStyle {
    Plain,
    Hair,
    Dashed,
    Faint,
    /// Tokens travel it, another wire is drawn in its place.
    Hidden,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    pub route: Route,
    pub track: Track,
    pub tone: Tone,
    pub style: WireStyle,
    pub arrow: Option<Tone>,
}

/// A word beside a wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    pub at: Point,
    pub text: Rc<str>,
    pub tone: Tone,
    pub ends: bool,
    pub mono: bool,
    /// The work queue, if it is the key of a binding.
    pub binds: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub form: Form,
    pub width: f32,
    pub height: f32,
    pub topology: Topology,
    pub zones: Vec<Zone>,
    pub cards: Vec<Card>,
    pub tapes: Vec<Tape>,
    pub exchanges: Vec<ExchangeSpot>,
    /// By work queue, as in the topology.
    pub trays: Vec<Tray>,
    pub hands: Vec<Hand>,
    pub rungs: Vec<Tray>,
    pub dead: Vec<Tray>,
    pub wires: Vec<Wire>,
    pub notes: Vec<Note>,
    /// The switches of Kafka's brokers and of RabbitMQ's nodes, if there are several.
    pub brokers: Vec<Rect>,
    pub nodes: Vec<Rect>,
    /// Where buyers stand, when the scene has a place for them.
    pub buyers: Option<Point>,
    /// The upper left corner of the legend, when there is room for it.
    pub legend: Option<Point>,
}

impl Layout {
    pub fn new(scenario: &Scenario, form: Form) -> Layout {
        Layout::filling(scenario, form, 0.0)
    }

    /// A drawing in columns that takes up a height: its rows are up to half as tall again, and what
    /// is left then is room around them.
    pub fn filling(scenario: &Scenario, form: Form, height: f32) -> Layout {
        let topology = Topology::of(scenario);
        let draw = |stretch, room| Builder::new(topology.clone(), form, stretch, room).draw();
        let own = draw(1.0, 0.0);
        if form.is_stacked() || height <= own.height {
            return own;
        }
        let stretch = (height / own.height).min(TALLEST);
        let left = height - draw(stretch, 0.0).height;
        draw(stretch, left / (2 * own.zones.len().max(1)) as f32)
    }

    pub fn card(&self, service: usize) -> Option<&Card> {
        self.cards.iter().find(|card| card.service == service)
    }

    pub fn track(&self, route: Route) -> Option<&Track> {
        self.wires.iter().find(|wire| wire.route == route).map(|wire| &wire.track)
    }

    pub fn bounds(&self) -> Rect {
        Rect::new(0.0, 0.0, self.width, self.height)
    }
}

/// A layout in the making.
#[derive(Debug)]
struct Builder {
    form: Form,
    m: Measures,
    topology: Topology,
    out: Layout,
    /// Where the next zone starts.
    top: f32,
    /// Room above and below what is in a zone.
    room: f32,
}

/// How much taller rows may be.
const TALLEST: f32 = 1.5;

impl Builder {
    fn new(topology: Topology, form: Form, stretch: f32, room: f32) -> Builder {
        let mut m = Measures::of(form);
        for measure in
            [&mut m.pitch, &mut m.cell_h, &mut m.card_gap, &mut m.tray_h, &mut m.tray_gap]
        {
            *measure *= stretch;
        }
        let out = Layout {
            form,
            width: form.width(),
            height: 0.0,
            topology: topology.clone(),
            zones: Vec::new(),
            cards: Vec::new(),
            tapes: Vec::new(),
            exchanges: Vec::new(),
            trays: Vec::new(),
            hands: Vec::new(),
            rungs: Vec::new(),
            dead: Vec::new(),
            wires: Vec::new(),
            notes: Vec::new(),
            brokers: Vec::new(),
            nodes: Vec::new(),
            buyers: None,
            legend: None,
        };
        Builder { form, top: m.margin, m, topology, out, room }
    }

    fn draw(self) -> Layout {
        match self.form {
            Form::Wide | Form::Medium => self.columns(),
            Form::Phone | Form::Narrow => self.stack(),
            Form::Strip => self.strip(),
        }
    }

    fn place(&mut self, service: usize, rect: Rect) {
        self.out.cards.push(Card { service, rect, size: self.m.card_size });
    }

    fn placed(&self, service: usize) -> Option<Rect> {
        self.out.card(service).map(|card| card.rect)
    }

    fn wire(&mut self, route: Route, track: Track, tone: Tone, style: WireStyle) {
        self.out.wires.push(Wire { route, track, tone, style, arrow: None });
    }

    fn arrow(&mut self, route: Route, track: Track, tone: Tone, style: WireStyle, head: Tone) {
        self.out.wires.push(Wire { route, track, tone, style, arrow: Some(head) });
    }
}
