//! What hands do to bookmarks, dead letters and files: the model and the scene without a page.

use std::rc::Rc;

use ackademy::engine::Instant;
use ackademy::engine::kafka::TopicPartition;
use ackademy::simulation::{Command, OffsetPosition};
use ackademy::ui::model::{Draft, Errand, Model, Msg};
use ackademy::ui::scene::{Form, Grip, Layout, Options, Point, at, draw, held};
use serde_json::json;

fn command(document: serde_json::Value) -> Msg {
    Msg::Command(ackademy::json::from_value(&document).expect("it is a command"))
}

/// The shop two minutes in; payment is down since 40 s, and its group empty since its session ended.
fn shop() -> Model {
    let mut model = Model::shop();
    model.update(Msg::Seek(Instant::from_secs(40)));
    model.update(command(json!({"kill": {"service": "payment"}})));
    model.update(Msg::Seek(Instant::from_secs(120)));
    model.update(Msg::Pause);
    model
}

fn committed(model: &Model, group: &str, partition: u32) -> u64 {
    let at = TopicPartition { topic: "order-created".into(), partition };
    let group = model.world().kafka().group(group).expect("it has read");
    group.committed(&at).expect("it has committed")
}

/// The place of a bookmark: the flag, or the line in a row.
fn grip(model: &Model, layout: &Layout, group: &str, partition: Option<u32>) -> Grip {
    let scene = draw(model.world(), layout, &Options::of(model));
    let index = layout.topology.groups.iter().position(|one| &*one.id == group);
    let found =
        scene.grips().iter().find(|grip| Some(grip.group) == index && grip.partition == partition);
    let grip = *found.expect("it can be taken");
    let middle = grip.rect.center();
    assert_eq!(scene.grip_at(middle).map(|grip| grip.rect.contains(middle)), Some(true));
    grip
}

fn drag(model: &mut Model, form: Form, group: &str, partition: Option<u32>, by: f32) {
    let layout = Layout::new(model.timeline.scenario(), form);
    let grip = grip(model, &layout, group, partition);
    let from = grip.rect.center();
    let place = Point { x: from.x + by, y: from.y };
    let bookmark = held(model.world(), &layout, 1.0, grip, place).expect("there is a tape");
    model.update(Msg::Hold(Some(bookmark)));
    model.update(Msg::LetGo);
}

#[test]
fn a_line_moves_its_row_to_the_record_under_the_hand() {
    for form in [Form::Wide, Form::Phone] {
        let mut model = shop();
        let (row, other) = (committed(&model, "payment", 2), committed(&model, "payment", 3));
        let layout = Layout::new(model.timeline.scenario(), form);
        let step = layout.tapes[0].step;
        drag(&mut model, form, "payment", Some(2), 3.0 * step);
        assert_eq!(committed(&model, "payment", 2), row + 3, "{form:?}");
        assert_eq!(committed(&model, "payment", 3), other);
        model.update(Msg::Undo);
        assert_eq!(committed(&model, "payment", 2), row);
    }
}

#[test]
fn beyond_the_left_end_of_a_tape_is_its_earliest_record() {
    let mut model = shop();
    drag(&mut model, Form::Wide, "payment", Some(0), -5_000.0);
    assert_eq!(committed(&model, "payment", 0), 0);
}

#[test]
fn a_flag_moves_all_rows_to_one_moment() {
    let mut model = shop();
    let layout = Layout::new(model.timeline.scenario(), Form::Wide);
    let grip = grip(&model, &layout, "payment", None);
    let place = Point { x: layout.tapes[0].pen_x - 40.0, y: grip.rect.y };
    let bookmark = held(model.world(), &layout, 1.0, grip, place).expect("there is a tape");
    let OffsetPosition::AtMs(then) = bookmark.to else { panic!("{:?} is no moment", bookmark.to) };
    assert!(bookmark.label.contains("p0 @"), "{}", bookmark.label);
    model.update(Msg::Hold(Some(bookmark)));
    model.update(Msg::LetGo);
    for partition in 0..12 {
        let at = TopicPartition { topic: "order-created".into(), partition };
        let log = model.world().kafka().partition(&at).expect("it is there");
        let offset = committed(&model, "payment", partition);
        let before = offset.checked_sub(1).and_then(|offset| log.record(offset));
        assert!(log.record(offset).is_none_or(|one| one.timestamp_ms as u64 >= then));
        assert!(before.is_none_or(|one| (one.timestamp_ms as u64) < then), "p{partition}");
    }
}

#[test]
fn a_ghost_shows_where_a_bookmark_would_go() {
    let mut model = shop();
    let layout = Layout::new(model.timeline.scenario(), Form::Wide);
    let grip = grip(&model, &layout, "payment", Some(1));
    let without = draw(model.world(), &layout, &Options::of(&model));
    let bookmark = held(model.world(), &layout, 1.0, grip, at(layout.tapes[0].pen_x - 30.0, 0.0));
    let label = bookmark.as_ref().map(|held| held.label.clone()).unwrap_or_default();
    model.update(Msg::Hold(bookmark));
    let with = draw(model.world(), &layout, &Options::of(&model));
    assert!(with.shapes().len() > without.shapes().len());
    let said = with.shapes().iter().any(|shape| {
        matches!(shape, ackademy::ui::scene::Shape::Text { text, .. } if with.text(*text) == &*label)
    });
    assert!(said, "nothing says {label}");
    model.update(Msg::Back);
    assert_eq!(draw(model.world(), &layout, &Options::of(&model)), without);
}

#[test]
fn a_group_with_members_keeps_its_offsets_and_says_why_at_the_place() {
    let mut model = shop();
    let (before, commands) = (committed(&model, "analytics", 1), model.timeline.inputs().len());
    drag(&mut model, Form::Wide, "analytics", Some(1), -60.0);
    let refused = model.held.as_ref().and_then(|held| held.refused.clone()).unwrap_or_default();
    assert!(refused.contains("the current state is Stable"), "{refused}");
    assert!(refused.contains("Stop its instances"), "{refused}");
    assert_eq!(committed(&model, "analytics", 1), before);
    assert_eq!(model.timeline.inputs().len(), commands, "nothing to undo");
    model.update(Msg::Step);
    assert_eq!(model.held, None, "it is read until something else is done");
}

/// A run in which shipping has given tasks up, and their ids.
fn letters() -> (Model, Vec<Rc<str>>) {
    let mut model = Model::shop();
    model.update(command(json!({"fail_rate": {"service": "shipping", "per_mille": 1000}})));
    model.update(Msg::Seek(Instant::from_secs(90)));
    let ids = ids(&model);
    assert!(ids.len() > 3, "{ids:?}");
    (model, ids)
}

fn ids(model: &Model) -> Vec<Rc<str>> {
    let queue = model.world().rabbitmq().queue("dead-letters").expect("it is declared");
    let ids = queue.ready().map(|one| one.message.properties().message_id.clone());
    ids.map(|id| id.expect("tasks have ids")).collect()
}

#[test]
fn chosen_letters_are_replayed_and_undo_brings_them_back() {
    let (mut model, all) = letters();
    model.update(Msg::Choose(all[0].clone()));
    model.update(Msg::Choose(all[1].clone()));
    model.update(Msg::Choose(all[1].clone()));
    assert_eq!(model.letters.chosen, [all[0].clone()]);
    model.update(Msg::Replay("dead-letters".into(), vec![all[2].clone(), all[0].clone()]));
    let left: Vec<Rc<str>> = [&all[1..2], &all[3..]].concat();
    assert_eq!(ids(&model), left, "the others keep their order");
    model.update(Msg::Undo);
    assert_eq!(ids(&model), all);
}

#[test]
fn a_mistake_in_an_edited_letter_is_said_with_line_and_field_and_loses_nothing() {
    let (mut model, all) = letters();
    let good = r#"{"order_id": "order-1", "amount_cents": 5, "country": "DE", "address": "1 Quay",
        "card_is_good": true}"#;
    let cases = [
        ("{\n  \"order_id\": }", "line 2"),
        (
            "{\n  \"order_id\": \"order-1\",\n  \"amount_cents\": -4\n}",
            "line 3, field amount_cents",
        ),
        ("{\"order_id\": \"order-1\", \"amount_cents\": 4}", "field country is missing"),
    ];
    for (text, words) in cases {
        let draft = Draft { id: all[0].clone(), text: text.to_owned(), wrong: None };
        model.update(Msg::Edit(Some(draft)));
        model.update(Msg::ReplayEdited("dead-letters".into()));
        let draft = model.letters.draft.clone().expect("the draft stays");
        assert_eq!(draft.text, text);
        assert!(draft.wrong.as_ref().is_some_and(|wrong| wrong.contains(words)), "{draft:?}");
        assert_eq!(ids(&model), all);
    }
    let draft = Draft { id: all[0].clone(), text: good.to_owned(), wrong: None };
    model.update(Msg::Edit(Some(draft)));
    model.update(Msg::ReplayEdited("dead-letters".into()));
    assert_eq!((ids(&model), model.letters.draft.clone()), (all[1..].to_vec(), None));
}

#[test]
fn a_run_that_was_saved_opens_at_its_moment_and_damage_changes_nothing() {
    let mut model = shop();
    model.take_errands();
    model.update(Msg::SaveRun);
    let [Errand::Save(name, text)] = &model.take_errands()[..] else { panic!("a file is saved") };
    assert_eq!(name, "shop-00-02-00.json");
    let mut other = Model::shop();
    for (damaged, words) in [
        (&text[..text.len() / 2], "line 1"),
        (&text.replace("\"version\":1", "\"version\":2"), "It has version 2"),
        (&text.replace("payment", "paiment"), "Command 1 cannot be read"),
    ] {
        other.update(Msg::OpenText(damaged.to_owned()));
        let notice = other.notice.take().expect("it says what is wrong");
        assert_eq!(notice.title, "This file cannot be opened");
        assert!(notice.text.contains(words), "{}", notice.text);
        assert_eq!((other.now(), other.timeline.inputs().len()), (Instant::ZERO, 0));
    }
    other.update(Msg::OpenText(text.clone()));
    assert_eq!((other.now(), other.timeline.inputs()), (model.now(), model.timeline.inputs()));
}

#[test]
fn a_refused_reset_is_no_command_of_the_run() {
    let mut model = shop();
    let reset = Command::ResetOffsets {
        group: "inventory".into(),
        partition: None,
        to: OffsetPosition::Earliest,
    };
    let error = model.command(reset).expect_err("inventory has members");
    assert!(error.contains("'inventory' is inactive"), "{error}");
}
