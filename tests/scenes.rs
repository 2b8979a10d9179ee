//! The picture: layouts of large and small scenarios in every form, and scenes as a function of
//! the world at an instant.

use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::lessons::{Catalogue, Entry};
use ackademy::simulation::{Command, Scenario, Timeline, World};
use ackademy::ui::model::{Selection, embedded};
use ackademy::ui::scene::{
    Form, HOP, Layout, Options, Point, Rect, Route, Scene, Shape, Tone, Track, WireStyle, ZoneKind,
    draw, draw_into, hit,
};

/// One service that calls five others, one after another.
const CALLS: &str = r#"{
  "version": 1, "name": "calls", "title": "Calls", "seed": 1,
  "arrivals": {"per_minute": 60},
  "services": [
    {"id": "checkout", "title": "Checkout", "role": "asks everybody", "input": {"http": {}},
     "work": {"fixed_ms": 20},
     "calls": [{"service": "payment"}, {"service": "inventory"}, {"service": "email"},
               {"service": "warehouse"}, {"service": "analytics"}]},
    {"id": "payment", "title": "payment", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 500}},
    {"id": "inventory", "title": "inventory", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 200}},
    {"id": "email", "title": "email", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 2000}},
    {"id": "warehouse", "title": "warehouse", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 300}},
    {"id": "analytics", "title": "analytics", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 100}}
  ]
}"#;

/// Each service calls the next one.
const CHAIN: &str = r#"{
  "version": 1, "name": "chain", "title": "Chain", "seed": 1,
  "arrivals": {"per_minute": 60},
  "services": [
    {"id": "checkout", "title": "Checkout", "role": "", "input": {"http": {}},
     "work": {"fixed_ms": 20}, "calls": [{"service": "payment"}]},
    {"id": "payment", "title": "payment", "role": "", "input": {"http": {}},
     "work": {"fixed_ms": 500}, "calls": [{"service": "inventory"}]},
    {"id": "inventory", "title": "inventory", "role": "", "input": {"http": {}},
     "work": {"fixed_ms": 200}, "calls": [{"service": "email"}]},
    {"id": "email", "title": "email", "role": "", "input": {"http": {}},
     "work": {"fixed_ms": 2000}, "calls": [{"service": "warehouse"}]},
    {"id": "warehouse", "title": "warehouse", "role": "", "input": {"http": {}},
     "work": {"fixed_ms": 300}}
  ]
}"#;

/// One publisher, one exchange, one queue, one worker.
const QUEUE: &str = r#"{
  "version": 1, "name": "queue", "title": "Queue", "seed": 1,
  "arrivals": {"per_minute": 120},
  "exchanges": [{"name": "work", "type": "direct"}],
  "queues": [{"name": "jobs"}],
  "bindings": [{"exchange": "work", "queue": "jobs", "routing_key": "job"}],
  "services": [
    {"id": "shop", "title": "shop", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 20},
     "enqueues": [{"exchange": "work", "routing_key": "job"}]},
    {"id": "worker", "title": "worker", "role": "", "instances": 2,
     "input": {"queue": {"queue": "jobs", "prefetch": 2}}, "work": {"fixed_ms": 800}}
  ]
}"#;

/// A topic and its readers, nothing else.
const TOPIC: &str = r#"{
  "version": 1, "name": "topic", "title": "Topic", "seed": 1,
  "arrivals": {"per_minute": 120},
  "topics": [{"name": "orders", "partitions": 3}],
  "services": [
    {"id": "shop", "title": "shop", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 20},
     "publishes": ["orders"]},
    {"id": "tracking", "title": "tracking", "role": "",
     "input": {"topic": {"topic": "orders", "group": "tracking"}}, "work": {"fixed_ms": 300}},
    {"id": "analytics", "title": "analytics", "role": "",
     "input": {"topic": {"topic": "orders", "group": "analytics"}}, "work": {"fixed_ms": 800}}
  ]
}"#;

/// A checkout that calls one service and also writes to a topic and to an exchange.
const MIXED: &str = r#"{
  "version": 1, "name": "mixed", "title": "Mixed", "seed": 1,
  "arrivals": {"per_minute": 60},
  "topics": [{"name": "orders", "partitions": 6}],
  "exchanges": [{"name": "tasks", "type": "fanout"}],
  "queues": [{"name": "mail"}, {"name": "invoice"}],
  "bindings": [{"exchange": "tasks", "queue": "mail"}, {"exchange": "tasks", "queue": "invoice"}],
  "services": [
    {"id": "checkout", "title": "Checkout", "role": "", "input": {"http": {}},
     "work": {"fixed_ms": 20}, "calls": [{"service": "payment"}], "publishes": ["orders"]},
    {"id": "payment", "title": "payment", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 500}},
    {"id": "dispatch", "title": "dispatch", "role": "",
     "input": {"topic": {"topic": "orders", "group": "dispatch"}}, "work": {"fixed_ms": 100},
     "enqueues": [{"exchange": "tasks", "routing_key": ""}]},
    {"id": "stats", "title": "stats", "role": "",
     "input": {"topic": {"topic": "orders", "group": "stats"}}, "work": {"fixed_ms": 100}},
    {"id": "mailer", "title": "mailer", "role": "",
     "input": {"queue": {"queue": "mail"}}, "work": {"fixed_ms": 200}},
    {"id": "biller", "title": "biller", "role": "",
     "input": {"queue": {"queue": "invoice"}}, "work": {"fixed_ms": 200}}
  ]
}"#;

fn scenario(document: &str) -> Rc<Scenario> {
    Rc::new(Scenario::from_json(document).expect("the document is a scenario"))
}

fn shop() -> Rc<Scenario> {
    embedded("shop").expect("the shop is embedded")
}

fn scenarios() -> Vec<Rc<Scenario>> {
    let mut all = vec![shop(), embedded("three-brokers").expect("it is embedded")];
    all.extend([CALLS, CHAIN, QUEUE, TOPIC, MIXED].map(scenario));
    all
}

/// The worlds of all lessons, and of the games.
fn worlds() -> Vec<Rc<Scenario>> {
    let catalogue = Catalogue::embedded();
    let lesson = |entry: &Entry| catalogue.lesson(&entry.slug).expect("it can be read").scenario;
    let games = ["flash-sale-day", "flash-sale-day-synchronous", "game-day"];
    let games = games.into_iter().filter_map(embedded);
    catalogue.playable().map(lesson).chain(games).collect()
}

/// Higher than any of the drawings by itself.
const HIGH: f32 = 1_000.0;

fn filling(scenario: &Scenario, form: Form) -> Layout {
    Layout::filling(scenario, form, HIGH)
}

fn layouts() -> impl Iterator<Item = (String, Layout)> {
    scenarios().into_iter().chain(worlds()).flat_map(|scenario| {
        let own = Form::ALL.map(|form| (form, Layout::new(&scenario, form)));
        let tall = [Form::Wide, Form::Medium].map(|form| (form, filling(&scenario, form)));
        let all = own.into_iter().chain(tall);
        let named = all.map(|(form, layout)| {
            (format!("{} {form:?} {} high", scenario.name, layout.height), layout)
        });
        named.collect::<Vec<_>>()
    })
}

/// Cards, trays and tapes with what they are.
fn boxes(layout: &Layout) -> Vec<(String, Rect)> {
    let cards = layout.cards.iter().map(|card| (format!("card {}", card.service), card.rect));
    let trays = layout.trays.iter().chain(&layout.rungs).chain(&layout.dead);
    let trays = trays.map(|tray| (format!("tray {}", tray.queues[0]), tray.rect));
    let tapes = layout.tapes.iter().map(|tape| (format!("tape {}", tape.name), tape.rect));
    let exchanges = layout.exchanges.iter().map(|spot| {
        let (c, r) = (spot.center, spot.radius);
        (format!("exchange {}", spot.name), Rect::new(c.x - r, c.y - r, 2.0 * r, 2.0 * r))
    });
    let switches = layout.brokers.iter().chain(&layout.nodes).zip(1..);
    let switches = switches.map(|(rect, number)| (format!("switch {number}"), *rect));
    cards.chain(trays).chain(tapes).chain(exchanges).chain(switches).collect()
}

fn world(scenario: Rc<Scenario>, at_ms: u64) -> World {
    let mut world = World::new(scenario, 7);
    world.run_until(Instant::from_millis(at_ms));
    world
}

#[test]
fn nothing_overlaps_and_all_is_within_bounds() {
    let mut faults = Vec::new();
    for (name, layout) in layouts() {
        let boxes = boxes(&layout);
        for (index, (what, rect)) in boxes.iter().enumerate() {
            if !rect.inside(&layout.bounds()) {
                faults.push(format!("{name}: {what} leaves the stage, {rect:?}"));
            }
            for (other, place) in &boxes[index + 1..] {
                if rect.overlaps(place) {
                    faults.push(format!("{name}: {what} overlaps {other}"));
                }
            }
        }
    }
    no_faults(&faults);
}

fn no_faults(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn a_drawing_of_few_parts_fills_the_height_that_there_is() {
    for scenario in scenarios().into_iter().chain(worlds()) {
        for form in [Form::Wide, Form::Medium] {
            let (own, tall) = (Layout::new(&scenario, form), filling(&scenario, form));
            let name = format!("{} {form:?}", scenario.name);
            // What was pushed down below a name has room of its own then.
            let right = (HIGH - 40.0)..(HIGH + 0.5);
            assert!(right.contains(&tall.height), "{name} is {} high", tall.height);
            assert_eq!(Layout::filling(&scenario, form, own.height - 1.0), own, "{name}");
            for (card, higher) in own.cards.iter().zip(&tall.cards) {
                assert_eq!((card.rect.x, card.rect.h), (higher.rect.x, higher.rect.h), "{name}");
            }
        }
        let phone = Layout::new(&scenario, Form::Phone);
        assert_eq!(filling(&scenario, Form::Phone), phone, "a phone scrolls");
    }
}

#[test]
fn every_service_has_a_card_and_every_queue_a_tray() {
    for scenario in scenarios().into_iter().chain(worlds()) {
        for form in Form::ALL {
            let layout = Layout::new(&scenario, form);
            assert_eq!(layout.cards.len(), scenario.services.len(), "{} {form:?}", scenario.name);
            let trays = layout.trays.iter().chain(&layout.rungs).chain(&layout.dead);
            let queues: usize = trays.map(|tray| tray.queues.len()).sum();
            assert_eq!(queues, scenario.queues.len(), "{} {form:?}", scenario.name);
        }
    }
}

#[test]
fn wires_pass_no_card_and_no_tray() {
    let mut faults = Vec::new();
    for (name, layout) in layouts() {
        let cards = layout.cards.iter().map(|card| card.rect.grown(-1.5));
        let trays = layout.trays.iter().chain(&layout.rungs).chain(&layout.dead);
        let trays = trays.map(|tray| tray.rect.grown(-3.0));
        let switches = layout.brokers.iter().chain(&layout.nodes).copied();
        let closed: Vec<Rect> = cards.chain(trays).chain(switches).collect();
        for wire in layout.wires.iter().filter(|wire| wire.style != WireStyle::Hidden) {
            let points: Vec<Point> =
                (0..=120).map(|step| wire.track.at(step as f32 / 120.0)).collect();
            let bounds = layout.bounds().grown(0.5);
            if let Some(point) = points.iter().find(|point| !bounds.contains(**point)) {
                faults.push(format!("{name}: {:?} leaves the stage at {point:?}", wire.route));
            }
            for rect in &closed {
                if points.iter().any(|point| rect.contains(*point)) {
                    faults.push(format!("{name}: {:?} passes {rect:?}", wire.route));
                }
            }
        }
    }
    no_faults(&faults);
}

/// Where two stretches cross, if they do.
fn crossing(a: (Point, Point), b: (Point, Point)) -> Option<Point> {
    let (r, s) = ((a.1.x - a.0.x, a.1.y - a.0.y), (b.1.x - b.0.x, b.1.y - b.0.y));
    let cross = r.0 * s.1 - r.1 * s.0;
    if cross.abs() < 1e-4 {
        return None;
    }
    let (dx, dy) = (b.0.x - a.0.x, b.0.y - a.0.y);
    let (t, u) = ((dx * s.1 - dy * s.0) / cross, (dx * r.1 - dy * r.0) / cross);
    let on_both = (0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u);
    on_both.then_some(Point { x: a.0.x + t * r.0, y: a.0.y + t * r.1 })
}

/// Wires may begin together, end together, join on to each other and run on together.
fn joins(one: &Track, other: &Track, place: Point) -> bool {
    let ends = [one.start(), one.end(), other.start(), other.end()];
    let corner = |track: &Track| track.points().iter().any(|it| it.distance(place) < 0.01);
    ends.iter().any(|end| end.distance(place) < 9.0)
        || one.start().distance(other.start()) < 1.0
        || (corner(one) && corner(other))
}

/// Where one wire crosses another one.
fn crossings(one: &Track, other: &Track) -> Option<Point> {
    let pairs = |track: &Track| -> Vec<(Point, Point)> {
        track.points().windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let others = pairs(other);
    let found = pairs(one)
        .into_iter()
        .flat_map(|a| others.iter().filter_map(move |b| crossing(a, *b)).collect::<Vec<_>>());
    found.into_iter().find(|place| !joins(one, other, *place))
}

#[test]
fn wires_cross_no_other_wire() {
    let mut faults = Vec::new();
    for (name, layout) in layouts().filter(|(_, layout)| !layout.form.is_stacked()) {
        let drawn: Vec<_> =
            layout.wires.iter().filter(|wire| wire.style != WireStyle::Hidden).collect();
        for (index, one) in drawn.iter().enumerate() {
            for other in &drawn[index + 1..] {
                if let Some(place) = crossings(&one.track, &other.track) {
                    faults.push(format!(
                        "{name}: {:?} crosses {:?} at {place:?}",
                        one.route, other.route
                    ));
                }
            }
        }
    }
    no_faults(&faults);
}

#[test]
fn the_wide_shop_stands_as_it_was_designed() {
    let shop = shop();
    let layout = Layout::new(&shop, Form::Wide);
    let card = |id: &str| {
        let service = shop.services.iter().position(|service| &*service.id == id);
        layout.card(service.expect("the shop has it")).expect("it has a card").rect
    };
    let kinds: Vec<ZoneKind> = layout.zones.iter().map(|zone| zone.kind).collect();
    assert_eq!(kinds, [ZoneKind::Log, ZoneKind::Queue]);
    assert_eq!((layout.tapes[0].partitions, &*layout.tapes[1].name), (12, "order-paid"));
    assert!(card("checkout").right() < layout.tapes[0].rect.x);
    assert!(card("inventory").x > layout.tapes[0].rect.right());
    assert!(card("payment").x < layout.tapes[1].rect.x, "payment bridges on the left");
    assert!(card("payment").y < layout.zones[1].rect.y, "it stands on the border");
    assert!(card("payment").bottom() > layout.zones[0].rect.bottom());
    assert_eq!(layout.exchanges.len(), 1, "the dead letter exchange is no place on the stage");
    assert_eq!(layout.rungs.iter().map(|rung| rung.queues.len()).collect::<Vec<_>>(), [3, 3, 3]);
    assert!(layout.height <= 728.0, "it fits beside the panels at 1440 by 900");
    assert!(Layout::new(&shop, Form::Medium).height <= 596.0, "and at 1024 by 768");
    assert!(layout.legend.is_some());
}

#[test]
fn a_scene_is_a_function_of_the_world() {
    let options = Options::default();
    for scenario in scenarios() {
        let layout = Layout::new(&scenario, Form::Wide);
        let mut timeline = Timeline::new(scenario.clone(), 7);
        timeline.seek(Instant::from_millis(20_123));
        let first = draw(timeline.world(), &layout, &options);
        assert_eq!(first, draw(timeline.world(), &layout, &options), "{}", scenario.name);
        timeline.seek(Instant::from_millis(31_000));
        timeline.seek(Instant::from_millis(4_000));
        timeline.seek(Instant::from_millis(20_123));
        let again = draw(timeline.world(), &layout, &options);
        assert_eq!(first, again, "{} after seeking away and back", scenario.name);
    }
}

#[test]
fn a_scene_that_is_drawn_over_another_one_is_the_same() {
    let scenario = shop();
    let layout = Rc::new(Layout::new(&scenario, Form::Wide));
    let options = Options::default();
    let mut scene = Scene::default();
    draw_into(&mut scene, &world(scenario.clone(), 30_000), &layout, &options);
    let later = world(scenario, 33_333);
    draw_into(&mut scene, &later, &layout, &options);
    assert_eq!(scene, draw(&later, &layout, &options));
}

/// Something that a learner may do, by a drawn number: mostly to let the run go on.
fn act(run: &mut Timeline, options: &mut Options, drawn: u64) {
    let (now, how) = (run.now(), drawn / 16);
    let services = &run.scenario().services;
    let service = services[how as usize % services.len()].id.clone();
    let command = match how % 5 {
        0 => Command::Kill { service, instance: None },
        1 => Command::Restart { service, instance: None },
        2 => Command::FailRate { service, per_mille: 700 },
        3 => Command::Poison { service },
        _ => Command::ArrivalRate { per_minute: 30 << (how / 5 % 11) },
    };
    match drawn % 16 {
        0..=6 => run.run_until(now + Duration::from_millis(how % 40)),
        7 => run.run_until(now + Duration::from_secs(how % 5)),
        8 => run.seek(now - Duration::from_millis(how % 4_000)),
        9 | 10 => _ = run.command(command),
        11 => _ = run.undo(),
        12 => _ = run.redo(),
        13 => run.switch_to(how as u32 % 3),
        14 => options.speed = [0.5, 1.0, 10.0, 100.0][how as usize % 4],
        _ => {
            options.crowd = [1, 25, 1_000_000][how as usize % 3];
            options.paused = how % 2 == 1;
            options.reduced_motion = how % 7 == 1;
        }
    }
}

#[test]
fn a_scene_that_is_kept_is_the_same_as_one_drawn_anew_wherever_the_run_goes() {
    for scenario in scenarios() {
        let layout = Rc::new(Layout::new(&scenario, Form::Wide));
        let (mut run, mut options) = (Timeline::new(scenario.clone(), 7), Options::default());
        let (mut kept, mut drawn, mut flying) = (Scene::default(), 1_u64, 0);
        for step in 0..600 {
            drawn = drawn.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            act(&mut run, &mut options, drawn >> 33);
            draw_into(&mut kept, run.world(), &layout, &options);
            let anew = draw(run.world(), &layout, &options);
            assert!(kept == anew, "{} differs after step {step}", scenario.name);
            flying += anew.tokens();
        }
        assert!(flying > 2_000, "{}: only {flying} tokens were compared", scenario.name);
    }
}

/// Discs of tokens that are on a wire of the fan.
fn tokens_on_the_fan(scene: &Scene, layout: &Layout) -> usize {
    let on_fan = |point: Point| {
        layout.wires.iter().any(|wire| {
            let fan = matches!(wire.route, Route::Fan { .. });
            fan && (1..=40).any(|step| wire.track.at(step as f32 / 41.0).distance(point) < 4.0)
        })
    };
    scene.marks().iter().filter(|(point, _)| on_fan(*point)).count()
}

/// The first instant at which a record is a third of a hop old.
fn a_third_of_a_hop_after_a_record(scenario: &Rc<Scenario>) -> World {
    let mut world = World::new(scenario.clone(), 7);
    world.run_until(Instant::from_secs(20));
    let records = |world: &World| {
        let topic = world.kafka().topics().next().expect("there is a topic");
        topic.partitions().iter().map(|log| log.log_end_offset()).sum::<u64>()
    };
    let before = records(&world);
    while records(&world) == before {
        let due = world.next_due().expect("orders keep coming");
        world.run_until(due);
    }
    let third = world.now().as_micros() + (HOP * 1_000.0 / 3.0) as u64;
    world.run_until(Instant::from_micros(third));
    world
}

#[test]
fn a_record_that_has_just_arrived_is_drawn_on_its_way() {
    for document in [shop(), scenario(TOPIC)] {
        let layout = Layout::new(&document, Form::Wide);
        let world = a_third_of_a_hop_after_a_record(&document);
        let scene = draw(&world, &layout, &Options::default());
        assert!(tokens_on_the_fan(&scene, &layout) > 0, "{}", document.name);
    }
}

#[test]
fn a_message_travels_from_the_exchange_to_its_tray() {
    let document = scenario(QUEUE);
    let layout = Layout::new(&document, Form::Wide);
    let mut world = world(document.clone(), 20_000);
    let wire = layout.track(Route::Bind { exchange: 0, queue: 0 }).expect("it is bound").clone();
    let mut seen = 0;
    for frame in 1..=60 {
        world.run_until(Instant::from_millis(20_000 + frame * 16));
        let scene = draw(&world, &layout, &Options::default());
        let on_wire =
            |point: Point| (1..40).any(|step| wire.at(step as f32 / 40.0).distance(point) < 3.0);
        seen += usize::from(scene.marks().iter().any(|(point, _)| on_wire(*point)));
    }
    assert!(seen > 5, "a token was on the wire in {seen} of 60 frames");
}

#[test]
fn a_call_travels_from_the_caller_to_the_callee() {
    let document = scenario(CALLS);
    let layout = Layout::new(&document, Form::Wide);
    let mut world = world(document.clone(), 20_000);
    let email = layout.track(Route::Call { caller: 0, callee: 3 }).expect("it is called").clone();
    let mut seen = 0;
    for frame in 1..=180 {
        world.run_until(Instant::from_millis(20_000 + frame * 16));
        let scene = draw(&world, &layout, &Options::default());
        let near =
            |point: Point| (5..35).any(|it| email.at(it as f32 / 40.0).distance(point) < 3.0);
        seen += usize::from(scene.marks().iter().any(|(point, _)| near(*point)));
    }
    assert!(seen > 5, "a token was on the wire in {seen} of 180 frames");
}

#[test]
fn nothing_travels_with_reduced_motion() {
    let still = Options { reduced_motion: true, ..Options::default() };
    for document in scenarios() {
        let layout = Layout::new(&document, Form::Wide);
        for at_ms in (20_000..22_000).step_by(97) {
            let scene = draw(&world(document.clone(), at_ms), &layout, &still);
            assert_eq!(tokens_on_the_fan(&scene, &layout), 0, "{}", document.name);
            for (point, order) in scene.marks() {
                let at_rest =
                    boxes(&layout).iter().any(|(_, rect)| rect.grown(1.0).contains(*point))
                        || layout.hands.iter().any(|hand| hand.center.distance(*point) < 50.0)
                        || layout.buyers.is_some_and(|stand| stand.distance(*point) < 90.0);
                assert!(at_rest, "{}: order {order} is on its way at {point:?}", document.name);
            }
        }
    }
}

#[test]
fn a_crowd_becomes_a_flow_and_costs_no_more() {
    let document = shop();
    let layout = Layout::new(&document, Form::Wide);
    let world = world(document, 900_000);
    let fast = Options { speed: 1_000.0, ..Options::default() };
    let scene = draw(&world, &layout, &fast);
    assert!(scene.shapes().len() < 6_000, "{} shapes", scene.shapes().len());
    let singles = scene.marks().iter().filter(|(point, _)| point.x < 230.0 && point.y < 330.0);
    assert_eq!(singles.count(), 0, "no single token flies on the fan");
}

#[test]
fn a_swollen_tray_keeps_its_head_and_piles_the_rest() {
    let document = shop();
    let layout = Layout::new(&document, Form::Wide);
    let mut world = world(document, 10_000);
    let kill = Command::Kill { service: "email".into(), instance: None };
    world.command(&kill).expect("email can be killed");
    world.run_until(Instant::from_secs(400));
    let scene = draw(&world, &layout, &Options::default());
    let ready =
        world.rabbitmq().queue("email-notifications").map_or(0, |queue| queue.ready_count());
    let pile = scene.shapes().iter().find_map(|shape| match shape {
        Shape::Pile { count, .. } => Some(u64::from(*count)),
        _ => None,
    });
    assert!(ready > 500);
    assert_eq!(pile, Some((ready - 4).div_ceil(10)), "one dot is ten messages");
}

#[test]
fn a_click_finds_what_is_drawn_there() {
    let document = shop();
    let layout = Layout::new(&document, Form::Wide);
    let world = world(document.clone(), 20_000);
    let scene = draw(&world, &layout, &Options::default());
    let find = |point| hit(&scene, &layout, &document, point);
    for card in &layout.cards {
        let id = document.services[card.service].id.clone();
        assert_eq!(find(card.rect.center()), Some(Selection::Service(id)));
    }
    let (place, order) = *scene
        .marks()
        .iter()
        .find(|(place, _)| layout.cards.iter().all(|card| !card.rect.contains(*place)))
        .expect("orders are on the stage");
    assert_eq!(find(place), Some(Selection::Order(order)));
    let name = Point { x: layout.trays[0].rect.x + 6.0, y: layout.trays[0].rect.y + 4.0 };
    assert_eq!(find(name), Some(Selection::Queue("email-notifications".into())));
    let label = Point { x: layout.tapes[0].rect.x + 3.0, y: layout.tapes[0].row(7) };
    assert_eq!(find(label), Some(Selection::Partition("order-created".into(), 7)));
    assert_eq!(find(Point { x: 2.0, y: 2.0 }), None);
}

#[test]
fn a_cut_link_is_crossed_out_until_it_is_healed() {
    let shop = embedded("shop").expect("it is embedded");
    let layout = Layout::new(&shop, Form::Wide);
    let mut timeline = Timeline::new(shop, 7);
    timeline.run_until(Instant::from_secs(2));
    let crosses = |world: &World| {
        let scene = draw(world, &layout, &Options::default());
        let is_cross = |shape: &&Shape| matches!(shape, Shape::Path { stroke: Some(stroke), .. } if stroke.width == 2.0 && stroke.tone == Tone::Fail);
        scene.shapes().iter().filter(is_cross).count()
    };
    assert_eq!(crosses(timeline.world()), 0);
    let (from, to): (Rc<str>, Rc<str>) = ("email".into(), "rabbitmq".into());
    let cut = Command::Cut { from: from.clone(), to: to.clone(), one_way: true };
    timeline.command(cut).expect("both ends are there");
    assert_eq!(crosses(timeline.world()), 2, "two strokes of one cross");
    timeline.command(Command::Heal { from, to }).expect("both ends are there");
    assert_eq!(crosses(timeline.world()), 0);
}
