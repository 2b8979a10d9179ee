//! RabbitMQ: connections, nodes, spoiled messages, topology.

use super::*;

#[test]
fn a_worker_cut_off_longer_than_the_heartbeat_does_its_work_again() {
    let cut = (2_050, r#"{"cut": {"from": "email", "to": "rabbitmq"}}"#);
    let heal = |at| (at, r#"{"heal": {"from": "email", "to": "rabbitmq"}}"#);
    let short = seen(&mail(100, 1, "", ""), &[cut, heal(30_000)], 80);
    assert_eq!(outcome(&short), (100, 100, 0, 0), "TCP brings what was under way");
    let long = seen(&mail(100, 1, "", ""), &[cut, heal(90_000)], 150);
    assert_eq!(outcome(&long), (100, 100, 0, 1), "its ack was lost with the connection");
    assert_eq!(seen(&mail(100, 1, "", ""), &[cut], 80).rabbitmq.connections, 1);
}

#[test]
fn publishes_on_a_broken_connection_are_lost_and_named() {
    let fault = r#"{"link_fault": {"from": "checkout", "to": "rabbitmq",
                    "fault": {"loss_per_mille": 30}}}"#;
    let run = play(&mail(100, 1, "", ""), &[(0, fault)], 60);
    let (placed, completed, lost, _) = outcome(&observe(&run));
    let refused = observe(&run).checkout.failed;
    assert!(lost > 0, "publishes without confirms are lost");
    assert_eq!(placed, completed + lost, "{refused} were refused while there was no connection");
    let first = run.world().ledger().findings().next().expect("a loss is named");
    assert!(first.text.contains("no confirm"));
    assert_eq!(outcome(&seen(&mail(100, 1, "", ""), &[], 60)), (100, 100, 0, 0));
}

#[test]
fn a_restart_of_rabbitmq_keeps_what_is_durable_and_persistent() {
    let script = [
        (1_000, r#"{"kill": {"service": "email"}}"#),
        (5_000, r#"{"kill_node": {"node": 1}}"#),
        (8_000, r#"{"restart_node": {"node": 1}}"#),
        (20_000, r#"{"restart": {"service": "email"}}"#),
    ];
    let kept = seen(&mail(100, 1, "", ""), &script, 60);
    assert_eq!((kept.ledger.lost, kept.ledger.in_progress), (0, 0), "{:?}", kept.ledger);
    assert!(kept.checkout.failed > 20, "publishers are told while it is down");
    let transient = seen(&mail(100, 1, "", r#", "persistent": false"#), &script, 60);
    assert!(transient.ledger.lost > 20, "{:?}", transient.ledger);
    assert_eq!(transient.ledger.in_progress, 0);
}

#[test]
fn a_quorum_queue_goes_on_without_one_of_three_nodes() {
    let quorum = r#", "arguments": {"x-queue-type": "quorum"}"#;
    let kill = [(3_000, r#"{"kill_node": {"node": 1}}"#)];
    let goes_on = seen(&mail(100, 3, quorum, ""), &kill, 60);
    assert_eq!(
        (goes_on.ledger.lost, goes_on.ledger.in_progress, goes_on.rabbitmq.nodes_up),
        (0, 0, 2)
    );
    assert!(goes_on.ledger.completed == 100 && goes_on.checkout.failed < 70);
    let classic = seen(&mail(100, 3, "", ""), &kill, 60);
    assert!(classic.checkout.failed + classic.ledger.lost > 60, "{:?}", classic.ledger);
}

/// The desk whose checkout waits for confirms.
fn confirmed(nodes: u32, queue: &str) -> String {
    let (plain, told) =
        (r#""work": {"fixed_ms": 1},"#, r#""work": {"fixed_ms": 1}, "publisher_confirms": true,"#);
    mail(100, nodes, queue, "").replace(plain, told)
}

#[test]
fn confirms_that_come_together_count_for_each_task() {
    let document = confirmed(3, r#", "arguments": {"x-queue-type": "quorum"}"#);
    let script = [
        (3_000, r#"{"kill_node": {"node": 2}}"#),
        (3_000, r#"{"kill_node": {"node": 3}}"#),
        (6_000, r#"{"restart_node": {"node": 2}}"#),
    ];
    let seen = seen(&document, &script, 60);
    assert_eq!(outcome(&seen), (100, 100, 0, 0), "{:?}", seen.ledger);
    assert_eq!((seen.checkout.accepted, seen.services[&"checkout".into()].unconfirmed), (100, 0));
}

#[test]
fn a_task_that_a_link_doubles_shifts_no_confirm() {
    let fault = r#"{"link_fault": {"from": "checkout", "to": "rabbitmq",
                    "fault": {"duplicate_per_mille": 300}}}"#;
    let seen = seen(&confirmed(1, ""), &[(0, fault)], 60);
    let (placed, completed, lost, doubled) = outcome(&seen);
    assert_eq!((placed, completed, lost, seen.checkout.accepted), (100, 100, 0, 100));
    assert!((20..=40).contains(&doubled), "{doubled} mails are doubled");
}

#[test]
fn the_nth_message_is_spoiled_and_no_other() {
    let failed = |commands: &[(u64, &str)]| {
        let seen = seen(&mail(20, 1, "", ""), commands, 30);
        (seen.ledger.effects[&"mail".to_owned()], seen.services[&"email".into()].failed)
    };
    assert_eq!(failed(&[]), (20, 0));
    assert_eq!(failed(&[(0, r#"{"poison_nth": {"service": "email", "nth": 7}}"#)]), (19, 1));
    assert_eq!(failed(&[(0, r#"{"malformed": {"service": "email"}}"#)]), (19, 1));
    let run =
        play(&mail(20, 1, "", ""), &[(0, r#"{"poison_nth": {"service": "email", "nth": 7}}"#)], 30);
    let mails = |order| {
        run.world().ledger().account(order).map(|one| one.times(ackademy::simulation::Effect::Mail))
    };
    assert_eq!((mails(6), mails(7), mails(8)), (Some(1), Some(0), Some(1)));
}

#[test]
fn scenarios_have_alternate_exchanges_headers_policies_and_exchanges_behind_exchanges() {
    let document = mail(30, 1, "", "")
        .replace(
            r#""exchanges": [{"name": "tasks", "type": "direct"}]"#,
            r#""exchanges": [
                {"name": "tasks", "type": "direct", "arguments": {"alternate-exchange": "rest"}},
                {"name": "rest", "type": "fanout"},
                {"name": "by-country", "type": "headers"}]"#,
        )
        .replace(r#""queues": ["#, r#""queues": [{"name": "german"}, {"name": "unrouted"},"#)
        .replace(
            r#""bindings": ["#,
            r#""bindings": [
                {"exchange": "rest", "queue": "unrouted"},
                {"exchange": "tasks", "to_exchange": "by-country", "routing_key": "mail"},
                {"exchange": "by-country", "queue": "german",
                 "arguments": {"x-match": "all", "country": "DE"}},"#,
        )
        .replace(
            r#""enqueues": ["#,
            r#""enqueues": [
                {"exchange": "tasks", "routing_key": "mail", "headers": {"country": "DE"}},
                {"exchange": "tasks", "routing_key": "nowhere", "priority": 4},"#,
        )
        .replace(
            r#""rabbitmq": {"nodes": 1}"#,
            r#""rabbitmq": {"policies": [{"name": "short", "pattern": "^german$",
                "apply_to": "queues", "definition": {"max-length": 5}}]}"#,
        );
    let seen = seen(&document, &[], 30);
    let ready = |queue: &str| seen.queues[&Rc::from(queue)].ready;
    assert_eq!((ready("german"), ready("unrouted")), (5, 30));
    assert_eq!(seen.ledger.effects[&"mail".to_owned()], 60, "both tasks reach the workers");
}

#[test]
fn what_reaches_no_queue_is_dropped_and_returned_only_if_it_is_mandatory() {
    let text = |task: &str| {
        let document =
            mail(1, 1, "", task).replace(r#""routing_key": "mail" "#, r#""routing_key": "x" "#);
        let document = document.replace(r#""routing_key": "mail","#, r#""routing_key": "x","#);
        let run = play(&document, &[], 2);
        observe(&run);
        run.world().ledger().findings().next().expect("a loss is named").text.clone()
    };
    assert_eq!(&*text(""), "had an unroutable message at tasks: x");
    let returned = text(r#", "mandatory": true"#);
    assert_eq!(&*returned, "had an unroutable message at tasks: x, returned to its publisher");
}

#[test]
fn a_message_with_its_own_time_to_live_is_not_mailed_late() {
    let script = [
        (0, r#"{"kill": {"service": "email"}}"#),
        (10_000, r#"{"restart": {"service": "email"}}"#),
    ];
    let stale = seen(&mail(20, 1, "", r#", "expiration_ms": 3000"#), &script, 30);
    assert_eq!(
        (stale.ledger.effects[&"mail".to_owned()], stale.queues[&"mails".into()].expired),
        (0, 20)
    );
    assert_eq!(seen(&mail(20, 1, "", ""), &script, 30).ledger.effects[&"mail".to_owned()], 20);
}
