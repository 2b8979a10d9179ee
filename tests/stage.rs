//! What the stage shows of brokers, rebalances, refusals and bindings, and how it looks at a topic
//! of any size: scenes as values, a function of the world at an instant.

use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::json::from_value;
use ackademy::simulation::{Command, Scenario, Timeline, World};
use ackademy::ui::model::{Selection, embedded};
use ackademy::ui::scene::{
    Form, Layout, Options, Scene, Shape, Stroke, TapeStyle, Tone, Why, WhyKind, draw, whys,
};
use serde_json::{Value, json};

fn three_brokers() -> Timeline {
    Timeline::new(embedded("three-brokers").expect("it is embedded"), 3)
}

fn scenario(document: Value) -> Rc<Scenario> {
    Rc::new(Scenario::from_document(&document).expect("the document is a scenario"))
}

/// A shop that writes to one topic, with what else is given of its parts.
fn one_topic(partitions: u32, more: Value) -> Value {
    let mut document = json!({
        "version": 1, "name": "one-topic", "title": "One topic", "seed": 1,
        "arrivals": {"per_minute": 600},
        "topics": [{"name": "orders", "partitions": partitions}],
        "services": [
            {"id": "shop", "title": "shop", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 2},
             "publishes": ["orders"]},
            {"id": "reader", "title": "reader", "role": "", "work": {"fixed_ms": 50},
             "input": {"topic": {"topic": "orders", "group": "reader"}}},
        ],
    });
    for (name, value) in more.as_object().expect("parts have names") {
        document[name] = value.clone();
    }
    document
}

fn read(document: &Value) -> Command {
    from_value(document).expect("the document is a command")
}

fn seconds(run: &mut Timeline, seconds: u64) {
    run.run_until(Instant::from_secs(seconds));
}

fn command(run: &mut Timeline, command: Command) {
    run.command(command).expect("the world takes it");
}

fn scene(run: &Timeline, options: &Options) -> (Scene, Layout) {
    let layout = Layout::new(run.scenario(), Form::Wide);
    (draw(run.world(), &layout, options), layout)
}

fn count(scene: &Scene, is_it: impl Fn(&Shape) -> bool) -> usize {
    scene.shapes().iter().filter(|shape| is_it(shape)).count()
}

/// How many partitions the picture says that a broker leads.
fn led_by(scene: &Scene, broker: u32) -> usize {
    let tone = Some(Tone::Broker(broker));
    count(scene, |shape| matches!(shape, Shape::Spot { fill, .. } if *fill == tone))
}

fn followers(scene: &Scene) -> usize {
    count(
        scene,
        |shape| matches!(shape, Shape::Spot { fill: Some(Tone::Text2), radius, .. } if *radius < 3.0),
    )
}

fn dead_copies(scene: &Scene) -> usize {
    let strokes = count(scene, |shape| {
        matches!(shape, Shape::Path { stroke: Some(line), .. }
            if line.tone == Tone::Fail && line.width == 1.4)
    });
    strokes / 2
}

fn rings_of_elections(scene: &Scene) -> usize {
    count(scene, |shape| {
        matches!(shape, Shape::Spot { fill: None, stroke: Some(line), .. }
            if line.tone == Tone::Text && line.width == 1.6)
    })
}

fn says(scene: &Scene, words: &str) -> bool {
    scene
        .shapes()
        .iter()
        .any(|shape| matches!(shape, Shape::Text { text, .. } if scene.text(*text).contains(words)))
}

fn reasons(run: &Timeline) -> Vec<Why> {
    let layout = Layout::new(run.scenario(), Form::Wide);
    whys(run.world(), &layout, &Options::default())
}

fn why<'a>(whys: &'a [Why], place: &str) -> Option<&'a Why> {
    whys.iter().find(|why| &*why.place == place)
}

#[test]
fn each_partition_shows_its_leader_and_its_followers() {
    let mut run = three_brokers();
    seconds(&mut run, 5);
    let (picture, layout) = scene(&run, &Options::default());
    assert_eq!([1, 2, 3].map(|broker| led_by(&picture, broker)), [2, 2, 2]);
    assert_eq!((followers(&picture), dead_copies(&picture)), (12, 0));
    assert_eq!((layout.brokers.len(), layout.nodes.len()), (3, 3));
}

#[test]
fn an_election_is_seen_and_seen_again_after_a_rewind() {
    let mut run = three_brokers();
    seconds(&mut run, 5);
    command(&mut run, Command::KillBroker { broker: 2 });
    run.run_until(Instant::from_millis(5_100));
    let (during, layout) = scene(&run, &Options::default());
    assert_eq!(led_by(&during, 2), 0, "nobody follows the dead");
    assert_eq!(dead_copies(&during), 6, "it had a copy of each partition");
    assert_eq!(rings_of_elections(&during), 2, "it led two of them");
    // A badge on its way stands between the places of two brokers.
    let places = layout.tapes[0].replicas;
    let spot = |broker: u32| places.x + broker.saturating_sub(1) as f32 * places.step;
    let on_its_way = |shape: &Shape| {
        matches!(shape, Shape::Spot { fill: Some(Tone::Broker(_)), center, .. }
            if (1..=3).all(|broker| (center.x - spot(broker)).abs() > 0.5))
    };
    assert_eq!(count(&during, on_its_way), 2);
    seconds(&mut run, 6);
    let (after, _) = scene(&run, &Options::default());
    assert_eq!((rings_of_elections(&after), count(&after, on_its_way)), (0, 0));
    assert_eq!(led_by(&after, 1) + led_by(&after, 3), 6);
    run.seek(Instant::from_millis(5_100));
    assert_eq!(scene(&run, &Options::default()).0, during);
}

#[test]
fn what_followers_do_not_have_yet_is_hollow() {
    let mut run = three_brokers();
    seconds(&mut run, 5);
    // So slow that what is above the high watermark is not on its way any more.
    let slow = Options { speed: 0.005, ..Options::default() };
    let hollow = |scene: &Scene| {
        count(scene, |shape| {
            matches!(shape, Shape::Box { fill: None, stroke: Some(line), .. }
                if line.tone == Tone::CellNew)
        })
    };
    let mut seen = 0;
    for _ in 0..2_000 {
        run.run_until(run.now() + Duration::from_millis(1));
        let topic = run.world().kafka().topic("orders").expect("it is there");
        let above = |log: &ackademy::engine::kafka::Partition| {
            let readable = log.high_watermark();
            let landed = log
                .appended_at(readable)
                .is_some_and(|then| run.now().as_micros() - then.as_micros() > 2_200);
            if landed { log.log_end_offset() - readable } else { 0 }
        };
        let waiting: u64 = topic.partitions().iter().map(above).sum();
        if waiting > 0 {
            seen += 1;
            assert_eq!(hollow(&scene(&run, &slow).0) as u64, waiting);
        }
    }
    assert!(seen > 0, "no record was seen above the high watermark");
    run.run_until(run.now() + Duration::from_millis(1));
}

#[test]
fn a_rebalance_says_what_it_is_at() {
    let mut run = three_brokers();
    seconds(&mut run, 2);
    assert!(says(&scene(&run, &Options::default()).0, "payment generation 0: members join"));
    seconds(&mut run, 20);
    assert!(!says(&scene(&run, &Options::default()).0, "generation"));
    command(&mut run, Command::Kill { service: "payment".into(), instance: Some(1) });
    let (mut revoking, mut assigning) = (false, false);
    for _ in 0..16_000 {
        run.run_until(run.now() + Duration::from_millis(1));
        let state = run.world().kafka().group("payment").map(|group| group.state().name());
        if state == Some("Stable") {
            continue;
        }
        let (picture, _) = scene(&run, &Options::default());
        revoking |= says(&picture, "payment generation 1: revoking");
        assigning |= says(&picture, "payment generation 2: assigning");
        assert!(!says(&picture, "analytics generation"));
    }
    assert!(revoking && assigning, "revoking {revoking}, assigning {assigning}");
}

#[test]
fn a_selected_reader_shows_which_instance_has_which_partition() {
    let mut run = three_brokers();
    seconds(&mut run, 20);
    let selection = Some(Selection::Service("payment".into()));
    let chosen = Options { selection, ..Options::default() };
    let owned = |scene: &Scene| {
        count(
            scene,
            |shape| matches!(shape, Shape::Spot { fill: Some(Tone::Group(_)), radius, .. } if *radius > 5.0),
        )
    };
    assert_eq!(owned(&scene(&run, &Options::default()).0), 0);
    assert_eq!(owned(&scene(&run, &chosen).0), 6);
    command(&mut run, Command::Kill { service: "payment".into(), instance: Some(1) });
    assert_eq!(owned(&scene(&run, &chosen).0), 4, "two partitions have lost their reader");
}

#[test]
fn a_refused_write_says_why_at_the_tape_for_a_short_time() {
    let mut run = three_brokers();
    seconds(&mut run, 20);
    assert_eq!(reasons(&run), []);
    command(&mut run, Command::KillBroker { broker: 2 });
    command(&mut run, Command::KillBroker { broker: 3 });
    seconds(&mut run, 22);
    let during = reasons(&run);
    let refused = why(&during, "orders").expect("writes are refused");
    assert_eq!((&*refused.reason, refused.kind), ("NOT_ENOUGH_REPLICAS", WhyKind::Refused));
    assert!(refused.more > 0, "the others are counted");
    seconds(&mut run, 25);
    command(&mut run, Command::RestartBroker { broker: 2 });
    seconds(&mut run, 40);
    assert_eq!(why(&reasons(&run), "orders"), None, "it is over");
    run.seek(Instant::from_secs(22));
    assert_eq!(reasons(&run), during);
}

#[test]
fn who_was_away_too_long_is_fenced_off_from_its_partitions() {
    let mut run = three_brokers();
    seconds(&mut run, 20);
    let member = || ("payment".into(), Some(1));
    let (service, instance) = member();
    command(&mut run, Command::Pause { service, instance });
    seconds(&mut run, 35);
    let (service, instance) = member();
    command(&mut run, Command::Resume { service, instance });
    let mut fenced = Vec::new();
    for tenth in 351..370 {
        run.run_until(Instant::from_millis(100 * tenth));
        let whys = reasons(&run);
        fenced.extend(why(&whys, "payment").filter(|why| why.kind == WhyKind::Fenced).cloned());
    }
    let reason = fenced.first().map(|why| &*why.reason);
    assert_eq!(reason, Some("UNKNOWN_MEMBER_ID"));
}

/// How many trays have their lip closed.
fn lids(scene: &Scene) -> usize {
    count(scene, |shape| {
        matches!(shape, Shape::Path { stroke: Some(line), .. }
            if line.tone == Tone::Fail && line.width == 2.5)
    })
}

#[test]
fn a_quorum_queue_closes_its_lip_while_most_of_its_nodes_are_down() {
    let mut run = three_brokers();
    seconds(&mut run, 10);
    for (node, closed) in [(2, 0), (3, 1)] {
        command(&mut run, Command::KillNode { node });
        assert_eq!(lids(&scene(&run, &Options::default()).0), closed);
    }
    command(&mut run, Command::RestartNode { node: 2 });
    assert_eq!(lids(&scene(&run, &Options::default()).0), 0);
}

#[test]
fn a_full_queue_closes_its_lip_and_names_its_refusals() {
    let mut run = three_brokers();
    seconds(&mut run, 10);
    assert_eq!(lids(&scene(&run, &Options::default()).0), 0);
    command(&mut run, Command::Kill { service: "shipping".into(), instance: None });
    seconds(&mut run, 90);
    let ready = run.world().rabbitmq().queue("labels").map(|queue| queue.ready_count());
    assert!(ready >= Some(40), "{ready:?}");
    assert_eq!(lids(&scene(&run, &Options::default()).0), 1);
    let refused = reasons(&run);
    assert_eq!(&*why(&refused, "labels").expect("it refuses").reason, "reject-publish");
    command(&mut run, Command::Restart { service: "shipping".into(), instance: None });
    seconds(&mut run, 140);
    assert_eq!(lids(&scene(&run, &Options::default()).0), 0);
}

#[test]
fn retries_and_dead_letters_carry_their_reason() {
    let mut run = Timeline::new(embedded("shop").expect("it is embedded"), 7);
    command(&mut run, Command::FailRate { service: "shipping".into(), per_mille: 1_000 });
    seconds(&mut run, 60);
    let whys = reasons(&run);
    for place in ["shipping-labels", "dead-letters"] {
        let why = why(&whys, place).unwrap_or_else(|| panic!("{place} has no badge: {whys:?}"));
        assert_eq!(&*why.reason, "rejected");
    }
    command(&mut run, Command::Slow { service: "email".into(), percent: 1_000 });
    seconds(&mut run, 70);
    command(&mut run, Command::Kill { service: "email".into(), instance: None });
    command(&mut run, Command::Restart { service: "email".into(), instance: None });
    seconds(&mut run, 71);
    let whys = reasons(&run);
    assert_eq!(why(&whys, "email-notifications").map(|why| why.kind), Some(WhyKind::Again));
}

#[test]
fn badges_stand_beside_each_other_and_on_the_stage() {
    let mut run = Timeline::new(embedded("shop").expect("it is embedded"), 7);
    for service in ["email", "invoice", "shipping"] {
        let service = service.into();
        command(&mut run, Command::FailRate { service, per_mille: 900 });
    }
    command(&mut run, Command::ArrivalRate { per_minute: 1_500 });
    for broker in [2, 3] {
        command(&mut run, Command::KillBroker { broker });
    }
    let mut most = 0;
    for second in 40..60 {
        seconds(&mut run, second);
        for form in Form::ALL {
            let layout = Layout::new(run.scenario(), form);
            let whys = whys(run.world(), &layout, &Options::default());
            most = most.max(whys.len());
            for (index, why) in whys.iter().enumerate() {
                assert!(why.rect.inside(&layout.bounds()), "{form:?}: {why:?}");
                let over = |other: &Why| other.rect.overlaps(&why.rect);
                assert!(!whys[..index].iter().any(over), "{form:?}: {why:?}");
            }
        }
    }
    assert!((4..=8).contains(&most), "{most} at once");
}

#[test]
fn what_does_not_fit_a_schema_is_refused_at_the_door_with_its_field() {
    let order = |kind: &str| {
        json!({"type": "record", "name": "Order", "fields": [
            {"name": "order_id", "type": "string"}, {"name": "amount_cents", "type": kind},
        ]})
    };
    let topic = |kind| {
        json!({"topics": [
            {"name": "orders", "partitions": 3, "schema": {"avro": order(kind)}},
        ]})
    };
    let mut fits = Timeline::new(scenario(one_topic(3, topic("int"))), 1);
    seconds(&mut fits, 5);
    assert_eq!(why(&reasons(&fits), "orders"), None);
    let mut run = Timeline::new(scenario(one_topic(3, topic("string"))), 1);
    seconds(&mut run, 5);
    let whys = reasons(&run);
    let refused = why(&whys, "orders").expect("records are refused");
    assert!(refused.reason.contains("field amount_cents"), "{}", refused.reason);
}

#[test]
fn a_schema_that_is_not_registered_says_why_at_its_topic() {
    let order = |fields: &[&str]| {
        let field = |name: &&str| json!({"name": name, "type": "string"});
        json!({"type": "record", "name": "Order", "fields": fields.iter().map(field).collect::<Vec<_>>()})
    };
    let topics = json!({"topics": [
        {"name": "mails", "partitions": 1},
        {"name": "orders", "partitions": 3, "schema": {"avro": order(&["order_id"])}},
    ]});
    let mut run = Timeline::new(scenario(one_topic(3, topics)), 1);
    seconds(&mut run, 5);
    let schema = order(&["order_id", "currency"]);
    command(&mut run, Command::RegisterSchema { topic: "orders".into(), schema });
    let whys = reasons(&run);
    let refused = why(&whys, "orders").expect("the registration is refused");
    assert_eq!(refused.kind, WhyKind::Refused);
    assert!(refused.reason.starts_with("409: not BACKWARD compatible"), "{}", refused.reason);
    assert!(refused.reason.contains("currency"), "{}", refused.reason);
    seconds(&mut run, 10);
    assert_eq!(why(&reasons(&run), "orders"), None, "it is over");
}

#[test]
fn what_rabbitmq_refuses_is_named_with_its_code() {
    let parts = json!({
        "exchanges": [{"name": "facts", "type": "headers"}],
        "queues": [{"name": "mails"}],
        "services": [
            {"id": "shop", "title": "shop", "role": "", "input": {"http": {}}, "work": {"fixed_ms": 2},
             "enqueues": [{"exchange": "facts", "routing_key": ""}]},
            {"id": "email", "title": "email", "role": "", "input": {"queue": {"queue": "mails"}},
             "work": {"fixed_ms": 5}},
        ],
    });
    let mut run = Timeline::new(scenario(one_topic(1, parts)), 1);
    seconds(&mut run, 5);
    let bind = |rule: &str| -> Command {
        let arguments = json!({"x-match": rule});
        let binding = json!({"exchange": "facts", "queue": "mails", "arguments": arguments});
        read(&json!({"bind": {"binding": binding}}))
    };
    command(&mut run, bind("some"));
    let whys = reasons(&run);
    let refused = why(&whys, "mails").expect("the binding is refused");
    assert_eq!((&*refused.reason, refused.kind), ("406 PRECONDITION_FAILED", WhyKind::Refused));
    assert_eq!(run.world().standing().bindings, [], "it does not stand");
    command(&mut run, bind("all"));
    assert_eq!(run.world().standing().bindings.len(), 1);
    seconds(&mut run, 10);
    let mails = &run.world().observe().queues[&Rc::from("mails")];
    assert!(mails.published > 0, "the second one counts");
}

#[test]
fn a_call_that_is_turned_away_says_when_to_come_again() {
    let door = json!({"services": [
        {"id": "shop", "title": "shop", "role": "", "work": {"fixed_ms": 2_000}, "publishes": ["orders"],
         "input": {"http": {"concurrency": 2, "admission": {"queue": 3, "retry_after_s": 30}}}},
    ]});
    let mut run = Timeline::new(scenario(one_topic(1, door)), 1);
    seconds(&mut run, 10);
    let whys = reasons(&run);
    let reason = &why(&whys, "shop").expect("calls are turned away").reason;
    assert!(reason.starts_with("503") && reason.ends_with("Retry-After: 30"), "{reason}");
}

#[test]
fn a_binding_lights_up_while_a_message_that_it_matches_passes() {
    let mut run = Timeline::new(embedded("shop").expect("it is embedded"), 7);
    let lit = |run: &Timeline, reduced_motion| {
        let options = Options { reduced_motion, ..Options::default() };
        count(&scene(run, &options).0, |shape| {
            let edge = Some(Stroke::solid(Tone::Queue, 1.0));
            matches!(shape, Shape::Box { stroke, radius: 4.0, .. } if *stroke == edge)
        })
    };
    run.run_until(Instant::from_millis(100));
    assert_eq!((lit(&run, false), lit(&run, true)), (0, 0), "nothing was published yet");
    let (mut moving, mut still) = (0, 0);
    for frame in 0..120 {
        run.run_until(Instant::from_millis(20_000 + 16 * frame));
        moving = moving.max(lit(&run, false));
        still = still.max(lit(&run, true));
    }
    assert_eq!((moving, still), (3, 3), "a payment is told to three queues");
}

/// Tapes in the wide drawing and on a phone, with the group's flag in sight.
#[test]
fn a_topic_of_any_width_fits_its_stage() {
    let styles = [
        (1, TapeStyle::Close),
        (3, TapeStyle::Close),
        (12, TapeStyle::Compact),
        (24, TapeStyle::Fine),
        (64, TapeStyle::Fine),
    ];
    for (partitions, style) in styles {
        let mut run = Timeline::new(scenario(one_topic(partitions, json!({}))), 1);
        seconds(&mut run, 20);
        for form in Form::ALL {
            let layout = Layout::new(run.scenario(), form);
            let tape = &layout.tapes[0];
            assert_eq!(tape.style, style, "{partitions} partitions, {form:?}");
            let last = tape.row(partitions - 1) + tape.cell_height / 2.0;
            assert!(last <= tape.rect.bottom(), "{partitions} partitions, {form:?}");
            assert!(tape.rect.inside(&layout.bounds()), "{partitions} partitions, {form:?}");
            let picture = draw(run.world(), &layout, &Options::default());
            assert!(says(&picture, "reader"), "{partitions} partitions, {form:?}: no flag");
        }
    }
}

#[test]
fn a_record_that_is_close_has_its_key_its_offset_and_its_time() {
    let mut run = Timeline::new(scenario(one_topic(1, json!({}))), 1);
    seconds(&mut run, 20);
    let (picture, _) = scene(&run, &Options { reduced_motion: true, ..Options::default() });
    let topic = run.world().kafka().topic("orders").expect("it is there");
    let (log, offset) = (&topic.partitions()[0], topic.partitions()[0].log_end_offset() - 2);
    let key = log.record(offset).and_then(|record| record.key.clone()).expect("it has a key");
    let order = String::from_utf8_lossy(&key).replace("order-", "#");
    let tenths = log.appended_at(offset).expect("it was appended").as_millis() / 100;
    let time = format!("0:{:02}.{}", tenths / 10, tenths % 10);
    for words in [order, offset.to_string(), time] {
        assert!(says(&picture, &words), "{words} is not in the picture");
    }
}

/// Where a group's flag has its name, and how wide that is.
fn flag(scene: &Scene, group: &str) -> (f32, f32) {
    let found = scene.shapes().iter().find_map(|shape| match shape {
        Shape::Text { at, text, .. } if scene.text(*text).starts_with(group) => {
            Some((at.x, scene.text(*text).chars().count() as f32 * 6.1))
        }
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{group} has no flag"))
}

#[test]
fn a_flag_that_is_out_of_sight_docks_at_the_left_edge() {
    let mut document = one_topic(12, json!({}));
    let slow = json!({"id": "slow", "title": "slow", "role": "", "work": {"fixed_ms": 60_000},
        "input": {"topic": {"topic": "orders", "group": "slow"}}});
    document["services"].as_array_mut().expect("a list").push(slow);
    let mut run = Timeline::new(scenario(document), 1);
    seconds(&mut run, 120);
    let (picture, layout) = scene(&run, &Options { paused: true, ..Options::default() });
    let tape = &layout.tapes[0];
    assert!(flag(&picture, "slow −").0 < tape.rect.x + 10.0);
    assert!(flag(&picture, "reader").0 > tape.rect.center().x);
}

/// A million records that a group has not read: the cells stay cells, the flag docks at the left
/// edge, and the exact distance stands on it.
#[test]
fn a_million_records_keep_their_sense() {
    let more = json!({"arrivals": {"per_minute": 1_000_000}, "services": [
        {"id": "shop", "title": "shop", "role": "", "input": {"http": {"concurrency": 1_000_000}},
         "work": {"fixed_ms": 1}, "publishes": ["orders"]},
        {"id": "reader", "title": "reader", "role": "", "work": {"fixed_ms": 60_000},
         "input": {"topic": {"topic": "orders", "group": "reader"}}},
        {"id": "other", "title": "other", "role": "", "work": {"fixed_ms": 60_000},
         "input": {"topic": {"topic": "orders", "group": "other"}}},
    ]});
    let mut world = World::new(scenario(one_topic(12, more)), 1);
    let records = |world: &World| {
        let topic = world.kafka().topic("orders").expect("it is there");
        topic.partitions().iter().map(|log| log.log_end_offset()).sum::<u64>()
    };
    while records(&world) < 1_000_000 {
        world.run_until(world.now() + Duration::from_millis(100));
    }
    let layout = Layout::new(world.scenario(), Form::Wide);
    let options = Options { paused: true, ..Options::default() };
    let picture = draw(&world, &layout, &options);
    assert!(picture.shapes().len() < 2_000, "{} shapes", picture.shapes().len());
    let lag = world.kafka().total_lag("reader");
    assert!(lag > 990_000);
    let (millions, thousands) = (lag / 1_000_000, lag / 1_000 % 1_000);
    let words = match millions {
        0 => format!("reader −{thousands},{:03}", lag % 1_000),
        _ => format!("reader −{millions},{thousands:03},{:03}", lag % 1_000),
    };
    assert!(says(&picture, &words), "{words} is not in the picture");
    let (reader, other) = (flag(&picture, "reader −"), flag(&picture, "other −"));
    let apart = reader.0 + reader.1 <= other.0 || other.0 + other.1 <= reader.0;
    assert!(apart, "two flags dock on one spot: {reader:?}, {other:?}");
    let tape = &layout.tapes[0];
    for shape in picture.shapes() {
        if let Shape::Cells { at, count, step, .. } = shape {
            assert!(at.x >= tape.rect.x - 1.0, "cells begin left of the tape");
            assert!(at.x + *count as f32 * step <= tape.pen_x + 1.0, "cells pass the pen");
        }
    }
}
