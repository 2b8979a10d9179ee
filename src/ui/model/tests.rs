//! What a learner's hands do to the page, without a page.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;
use crate::simulation::{Command, Run};

use super::*;

fn kill(service: &str) -> Msg {
    Msg::Command(Command::Kill { service: service.into(), instance: None })
}

/// Plays so many frames of 100 ms.
fn play(model: &mut Model, frames: u32) {
    for _ in 0..frames {
        model.advance(Duration::from_millis(100), &mut || true);
    }
}

fn shop_at(seconds: u64) -> Model {
    let mut model = Model::shop();
    model.timeline.seek(Instant::from_secs(seconds));
    model
}

#[test]
fn time_runs_as_fast_as_the_speed_says_and_not_while_paused() {
    let mut model = Model::shop();
    play(&mut model, 10);
    assert_eq!(model.now(), Instant::from_secs(1));
    model.update(Msg::SetSpeed(Speed::new(10.0)));
    play(&mut model, 10);
    assert_eq!(model.now(), Instant::from_secs(11));
    assert_eq!(model.update(Msg::TogglePlay), Redraw::Both);
    play(&mut model, 10);
    assert_eq!(model.now(), Instant::from_secs(11));
}

#[test]
fn a_tab_that_slept_is_not_fast_forwarded() {
    let mut model = Model::shop();
    model.advance(Duration::from_secs(3_600), &mut || true);
    assert_eq!(model.now(), Instant::from_millis(100));
}

#[test]
fn what_does_not_fit_into_the_budget_is_dropped() {
    let mut model = Model::shop();
    model.update(Msg::SetSpeed(Speed::FASTEST));
    model.advance(Duration::from_millis(100), &mut || false);
    assert_eq!(model.now(), Instant::from_secs(1));
}

#[test]
fn stepping_back_undoes_a_step() {
    let mut model = shop_at(5);
    model.update(Msg::Step);
    let first = model.now();
    model.update(Msg::Step);
    assert!(model.now() > first && !model.playing);
    model.update(Msg::StepBack);
    assert_eq!(model.now(), first);
}

#[test]
fn a_command_in_the_past_forks_the_run() {
    let mut model = shop_at(30);
    model.update(Msg::Seek(Instant::from_secs(10)));
    model.update(kill("email"));
    assert_eq!(model.timeline.branches().len(), 1);
    assert_eq!(model.observe().services[&Rc::from("email")].state, "down");
    model.update(Msg::SwitchTo(0));
    assert_eq!(model.observe().services[&Rc::from("email")].state, "up");
}

#[test]
fn a_refused_command_is_said_and_changes_nothing() {
    let mut model = shop_at(1);
    let hash = model.world().trace().hash();
    model.update(kill("mail"));
    assert_eq!(model.world().trace().hash(), hash);
    assert_eq!(model.toasts.list()[0].title, "Not possible");
}

#[test]
fn running_until_a_moment_stops_exactly_there() {
    let mut model = shop_at(3);
    model.update(Msg::RunUntil(Until::Later(60_500)));
    play(&mut model, 3);
    assert_eq!(model.now(), Instant::from_millis(63_500));
    assert!(!model.playing && model.running.is_none());
}

#[test]
fn the_next_marker_is_the_next_command() {
    let mut model = shop_at(10);
    model.update(kill("email"));
    model.update(Msg::Seek(Instant::ZERO));
    model.update(Msg::NextMarker);
    assert_eq!(model.now(), Instant::from_secs(10));
    assert_eq!(model.update(Msg::NextMarker), Redraw::None);
    assert_eq!(model.update(Msg::PreviousMarker), Redraw::None);
}

#[test]
fn escape_closes_what_lies_on_top_first() {
    let mut model = shop_at(1);
    model.update(Msg::Select(Some(Selection::Service("email".into()))));
    model.update(Msg::Open(Layer::Palette));
    model.update(Msg::Back);
    assert_eq!((model.layer, model.selection.is_some()), (None, true));
    model.update(Msg::Back);
    assert_eq!(model.selection, None);
}

#[test]
fn following_shows_the_next_order() {
    let mut model = shop_at(2);
    let placed = model.world().ledger().placed();
    model.update(Msg::FollowNext);
    assert_eq!(model.followed, Some(placed + 1));
    assert_eq!(model.selection, Some(Selection::Order(placed + 1)));
    model.update(Msg::Seek(Instant::ZERO));
    assert_eq!(model.selection, None, "the order is not placed yet");
}

#[test]
fn a_link_opens_the_same_run_at_the_same_moment() {
    let mut model = shop_at(10);
    model.update(kill("email"));
    model.update(Msg::Seek(Instant::from_secs(20)));
    let code = Run::of(&model.timeline, None).to_code();
    let mut other = Model::shop();
    other.update(Msg::Visit(Route::Run(code)));
    assert_eq!(other.world().trace().hash(), model.world().trace().hash());
    // The way back leads past the link, which would open the run once more.
    assert_eq!(other.take_errands(), [Errand::Redirect(Route::Shop)]);
}

#[test]
fn a_damaged_link_says_where_and_leaves_the_run_as_it_was() {
    let mut model = shop_at(10);
    model.update(kill("email"));
    let code = Run::of(&model.timeline, None).to_code();
    for damaged in [&code[..code.len() - 7], "garbage", "%E0%A4%A", ""] {
        model.update(Msg::Visit(Route::Run(damaged.to_owned())));
        let notice = model.notice.take().expect("it is damaged");
        assert_eq!(notice.title, "This link is damaged");
        assert_eq!(model.now(), Instant::from_secs(10));
    }
}

#[test]
fn the_commands_before_a_damaged_one_can_be_opened() {
    let mut model = shop_at(10);
    model.update(kill("email"));
    model.update(kill("invoice"));
    let json = Run::of(&model.timeline, None).to_json().replace("invoice", "nobody");
    let read = Run::from_json(&json).expect("it is a run, but not of this shop");
    let error = read.open(None).expect_err("there is no service 'nobody'");
    assert!(error.message.starts_with("Command 2 "), "{error}");
    assert_eq!(error.rescued.map(|run| run.inputs.len()), Some(1));
}

#[test]
fn keys_touch_the_focused_or_selected_service() {
    let mut model = shop_at(1);
    let key = |key: &str| Key { key: key.to_owned(), ..Key::default() };
    assert_eq!(model.key(&key("k")), None);
    let on_card = Key { service: Some("invoice".into()), ..key("k") };
    assert_eq!(model.key(&on_card), Some(kill("invoice")));
    model.update(Msg::Select(Some(Selection::Service("email".into()))));
    assert_eq!(model.key(&key("k")), Some(kill("email")));
    model.update(kill("email"));
    let restart = Command::Restart { service: "email".into(), instance: None };
    assert_eq!(model.key(&key("k")), Some(Msg::Command(restart)));
}

#[test]
fn keys_are_left_alone_while_typing_and_space_on_a_button() {
    let model = Model::shop();
    let space = Key { key: " ".to_owned(), ..Key::default() };
    assert_eq!(model.key(&space), Some(Msg::TogglePlay));
    assert_eq!(model.key(&Key { on_button: true, ..space.clone() }), None);
    assert_eq!(model.key(&Key { typing: true, ..space }), None);
    let palette = Key { key: "k".to_owned(), ctrl: true, typing: true, ..Key::default() };
    assert_eq!(model.key(&palette), Some(Msg::Open(Layer::Palette)));
}

#[test]
fn undo_takes_commands_back_one_by_one_and_redo_gives_them_again() {
    let mut model = shop_at(5);
    model.update(kill("email"));
    model.update(kill("payment"));
    let state = |model: &Model, id: &str| model.observe().services[&Rc::from(id)].state.clone();
    model.update(Msg::Undo);
    assert_eq!((state(&model, "email"), state(&model, "payment")), ("down".into(), "up".into()));
    model.update(Msg::Undo);
    assert_eq!(state(&model, "email"), "up");
    assert_eq!(model.update(Msg::Undo), Redraw::Panels);
    model.update(Msg::Redo);
    assert_eq!((state(&model, "email"), state(&model, "payment")), ("down".into(), "up".into()));
}

#[test]
fn every_action_that_is_offered_is_possible() {
    let mut model = shop_at(5);
    model.update(kill("email"));
    let mut names = Vec::new();
    for (_, selection) in model.places() {
        for action in model.actions(&selection) {
            let mut copy = model.timeline.clone();
            assert!(copy.command(action.command.clone()).is_ok(), "{}", action.name);
            names.push(action.said().to_owned());
        }
    }
    for name in [
        "Restart email",
        "Cut email from rabbitmq",
        "Pause payment, as a garbage collection",
        "Malform the next message for payment",
        "Expire all records: order-created",
        "Fill the disk of RabbitMQ",
        "Kill broker 1",
    ] {
        assert!(names.iter().any(|one| one == name), "{name} is missing in {names:?}");
    }
}

#[test]
fn an_action_in_force_offers_to_take_itself_back() {
    let mut model = shop_at(5);
    let cut = |model: &Model| {
        let actions = model.actions(&Selection::Service("email".into()));
        actions.into_iter().find(|one| one.label == "Cut from rabbitmq").expect("a link")
    };
    let first = cut(&model);
    assert!(!first.on);
    model.update(Msg::Command(first.command));
    let second = cut(&model);
    assert!(second.on && matches!(second.command, Command::Heal { .. }));
    model.update(Msg::Command(second.command));
    assert!(!cut(&model).on);
}

/// Two futures of the shop from 10 s on, compared as the address says; email is dead in the first.
fn compared() -> Model {
    let mut model = shop_at(30);
    model.update(Msg::Seek(Instant::from_secs(10)));
    model.update(kill("email"));
    model.timeline.run_until(Instant::from_secs(40));
    model.update(Msg::Compare(0));
    let route = went(&mut model);
    model.update(Msg::Visit(route));
    model
}

/// The address that the page was sent to last.
fn went(model: &mut Model) -> Route {
    let errands = model.take_errands().into_iter().rev();
    let mut routes = errands.filter_map(|errand| match errand {
        Errand::Go(route) => Some(route),
        _ => None,
    });
    routes.next().expect("the page was sent somewhere")
}

#[test]
fn two_futures_are_compared_up_to_where_the_shorter_ends() {
    let model = compared();
    let rivals = model.rivals.as_ref().expect("there are two futures");
    assert_eq!([model.now(), rivals.other.now()], [Instant::from_secs(30); 2]);
    let first = rivals.parting.as_ref().expect("they differ");
    assert_eq!(first.at_ms, 10_000);
    assert!(first.left.as_ref().is_some_and(|event| event.contains("email")), "{first:?}");
}

#[test]
fn compared_runs_go_in_step_and_are_only_looked_at() {
    let mut model = compared();
    let both = |model: &Model| {
        [false, true].map(|other| model.side(other).expect("there are two").now().as_millis())
    };
    model.update(Msg::Seek(Instant::from_secs(5)));
    assert_eq!(both(&model), [5_000; 2]);
    model.update(Msg::Play);
    play(&mut model, 30);
    assert_eq!(both(&model), [8_000; 2]);
    model.update(Msg::Step);
    assert_eq!(both(&model)[0], both(&model)[1]);
    model.update(kill("payment"));
    assert!(model.command(Command::Burst { orders: 1, within_ms: 1 }).is_err());
    assert_eq!(model.timeline.inputs().len(), 1, "nothing was given");
}

#[test]
fn alerts_of_both_compared_runs_are_told_apart() {
    let told = |first_is_broken: bool| {
        let mut model = Model::shop();
        let mut broken = model.timeline.clone();
        let fails = Command::FailRate { service: "shipping".into(), per_mille: 1_000 };
        broken.command(fails).expect("the world takes it");
        let runs = [broken, model.timeline.clone()].map(|run| Run::of(&run, None).to_code());
        let [broken, whole] = &runs;
        let order = if first_is_broken { [broken, whole] } else { [whole, broken] };
        model.update(Msg::Visit(Route::Compare(order.map(String::as_str).join("~"))));
        model.update(Msg::SetSpeed(Speed::FASTEST));
        model.update(Msg::Play);
        play(&mut model, 10);
        model.toasts.list().iter().map(|toast| toast.title.clone()).collect::<Vec<_>>()
    };
    assert!(told(true).iter().any(|title| title.starts_with("A: ")), "{:?}", told(true));
    assert!(told(false).iter().any(|title| title.starts_with("B: ")), "{:?}", told(false));
}

#[test]
fn time_ends_after_a_day_as_no_link_leads_further() {
    let mut model = Model::new(embedded("three-brokers").expect("it is embedded"));
    model.update(Msg::Command(Command::ArrivalRate { per_minute: 0 }));
    let day = Instant::from_millis(Run::LATEST_MS);
    model.timeline.seek(shifted(day, -500));
    model.update(Msg::Play);
    play(&mut model, 20);
    assert_eq!((model.now(), model.playing), (day, false));
    assert!(Run::from_code(&model.own_run().to_code()).is_ok());
}

#[test]
fn who_leaves_a_comparison_finds_the_run_as_it_was() {
    let mut model = compared();
    model.update(Msg::Visit(Route::Shop));
    assert!(model.rivals.is_none());
    assert_eq!((model.now(), model.timeline.branches().len()), (Instant::from_secs(40), 1));

    let mut model = compared();
    model.update(Msg::OpenCompared(true));
    assert_eq!(model.timeline.inputs(), [], "the other future has no command");
    assert_eq!(model.timeline.branches().len(), 1, "the first one stays");
    assert_eq!((model.now(), &model.route), (Instant::from_secs(30), &Route::Shop));
}

#[test]
fn a_damaged_comparison_changes_nothing_but_says_so() {
    let mut model = shop_at(30);
    for codes in ["nonsense", "a~b", "~"] {
        model.update(Msg::Visit(Route::Compare(codes.to_owned())));
        assert!(model.notice.take().is_some(), "{codes}");
        assert!(model.rivals.is_none() && model.now() == Instant::from_secs(30), "{codes}");
    }
}

#[test]
fn instruments_stand_where_the_inspector_stood_until_something_is_selected() {
    let mut model = shop_at(30);
    let email = Some(Selection::Service("email".into()));
    model.update(Msg::Select(email.clone()));
    model.update(Msg::Instruments(true));
    model.update(Msg::Read(Some(Instant::from_secs(10))));
    assert_eq!(model.now(), Instant::from_secs(30), "reading moves no time");
    model.update(Msg::Back);
    assert_eq!((model.reading, model.instruments), (None, true));
    model.update(Msg::Back);
    assert_eq!((model.instruments, &model.selection), (false, &email));
    model.update(Msg::Instruments(true));
    model.update(Msg::Select(email));
    assert!(!model.instruments);
}

#[test]
fn a_sandbox_left_for_a_lesson_is_offered_on_the_way_back() {
    let mut model = shop_at(5);
    model.update(kill("payment"));
    model.update(Msg::Visit(Route::Lesson("acknowledge".to_owned())));
    assert!(model.timeline.inputs().is_empty());
    model.update(Msg::Visit(Route::Shop));
    let offered = model.toasts.list().iter().find_map(|toast| toast.offer.clone());
    model.update(Msg::Accept(offered.expect("there is an offer")));
    assert_eq!(model.timeline.inputs().len(), 1);
    assert_eq!(model.now(), Instant::from_secs(5));
}

/// A frame without time for more than one portion.
fn frame(model: &mut Model) -> Redraw {
    model.advance(Duration::from_millis(16), &mut || false)
}

#[test]
fn taking_back_an_old_command_is_answered_before_the_run_is_played_anew() {
    let mut model = shop_at(60);
    model.update(kill("email"));
    model.update(kill("invoice"));
    model.timeline.seek(Instant::from_secs(1_800));
    let there = model.now();

    model.update(Msg::Undo);
    model.update(Msg::Undo);
    let (began, end) = (model.now(), crate::ui::view::time(&model).end);
    assert!(began < there, "it is played in portions");
    assert_eq!(model.timeline.inputs(), []);
    assert!(frame(&mut model).stage() && model.now() > began && model.now() < there);
    assert_eq!(crate::ui::view::time(&model).end, end, "the time bar keeps its scale");

    while model.destination.is_some() {
        frame(&mut model);
    }
    let alone = shop_at(1_800);
    assert_eq!(model.now(), there);
    assert_eq!(model.world().trace().hash(), alone.world().trace().hash());
}

#[test]
fn the_way_to_a_moment_is_ended_before_anything_else_is_done() {
    let mut model = Model::shop();
    let there = Instant::from_secs(1_800);
    model.update(Msg::Seek(there));
    assert!(model.now() < there);
    model.update(Msg::Seek(there + Duration::from_secs(1)));
    model.update(Msg::Pause);
    assert!(model.now() < there, "another moment was asked for, and nothing that needs it");
    assert_eq!(model.update(kill("email")), Redraw::Both);
    let killed =
        (there + Duration::from_secs(1), Command::Kill { service: "email".into(), instance: None });
    assert_eq!(model.timeline.inputs(), [killed]);
}
