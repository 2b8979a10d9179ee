//! What is measured: rates, shares and series, alerts that fire more than once, and the text that
//! Prometheus reads.

use std::collections::BTreeMap;

use ackademy::simulation::{Measure, Scenario, Series, Timeline};
use serde_json::{Value, json};

use crate::small::{desk, kill, observe, play, restart};

/// A desk that is busy for as long as it is played: ten orders a second.
fn busy() -> Value {
    let mut scenario = desk();
    scenario["arrivals"] = json!({"per_minute": 600});
    scenario
}

fn series<'a>(run: &'a Timeline, measure: &Measure) -> &'a Series {
    run.world().metrics().series(measure).unwrap_or_else(|| panic!("{measure:?} is not kept"))
}

fn last(run: &Timeline, measure: &Measure) -> u32 {
    *series(run, measure).points().last().expect("it was sampled")
}

#[test]
fn utilisation_is_the_share_of_time_in_which_a_worker_works() {
    // Ten mails a second of 50 ms each are half of one worker's time.
    let half = observe(&play(&busy(), &[], 120));
    let percent = half.services.get("email").expect("it is there").utilisation_percent;
    assert!((48..=52).contains(&percent), "{percent} %");
    let more = json!({"instances": {"service": "email", "count": 2}});
    let quarter = observe(&play(&busy(), &[(0, more)], 120));
    let percent = quarter.services.get("email").expect("it is there").utilisation_percent;
    assert!((23..=27).contains(&percent), "{percent} %");
    let slow = json!({"slow": {"service": "email", "percent": 400}});
    let full = observe(&play(&busy(), &[(0, slow)], 120));
    assert!(full.services.get("email").expect("it is there").utilisation_percent >= 99);
    let down = observe(&play(&busy(), &[(1_000, kill("email"))], 120));
    assert_eq!(down.services.get("email").expect("it is there").utilisation_percent, 0);
}

#[test]
fn rates_are_those_of_the_last_minute() {
    let run = play(&busy(), &[], 120);
    let seen = observe(&run);
    assert!((590..=600).contains(&seen.checkout.placed_last_minute), "{:?}", seen.checkout);
    assert!((590..=600).contains(&seen.checkout.completed_last_minute), "{:?}", seen.checkout);
    assert_eq!((seen.checkout.errors_per_mille, seen.checkout.retries_last_minute), (0, 0));
    assert!((590..=600).contains(&last(&run, &Measure::HandledPerMinute("email".into()))));

    let fails = json!({"fail_rate": {"service": "payment", "per_mille": 500}});
    let run = play(&busy(), &[(60_000, fails)], 120);
    assert!(observe(&run).checkout.retries_last_minute > 10);
    assert!(last(&run, &Measure::FailedPerMinute("payment".into())) > 10);

    let doors = [(60_000, kill("checkout"))];
    let run = play(&busy(), &doors, 90);
    let errors = observe(&run).checkout.errors_per_mille;
    assert!((480..=520).contains(&errors), "{errors} of 1000 in half a minute");
}

#[test]
fn series_tell_of_each_partition_and_queue() {
    let run = play(&busy(), &[(30_000, kill("payment"))], 90);
    let (topic, group) = ("order-created", "payment");
    let on =
        |partition| Measure::PartitionLag { group: group.into(), topic: topic.into(), partition };
    let lags: Vec<u32> = (0..3).map(|partition| last(&run, &on(partition))).collect();
    assert!(lags.iter().all(|lag| *lag > 100), "{lags:?}");
    assert_eq!(lags.iter().sum::<u32>(), last(&run, &Measure::GroupLag(group.into())));
    assert_eq!(series(&run, &Measure::MaxGroupLag).points().len(), 90);

    let run = play(&busy(), &[(30_000, kill("email"))], 90);
    assert!(last(&run, &Measure::QueueReady("mails".into())) > 500);
    assert_eq!(last(&run, &Measure::QueueUnacked("mails".into())), 0);
    let calm = play(&busy(), &[], 90);
    assert!(series(&calm, &Measure::QueueUnacked("mails".into())).max() >= 1);
}

#[test]
fn an_hour_of_series_stays_small() {
    let mut quiet = desk();
    quiet["arrivals"] = json!({"per_minute": 1});
    let run = play(&quiet, &[], 7_200);
    let all: Vec<&Series> = run.world().metrics().all_series().map(|(_, series)| series).collect();
    assert!(all.len() > 20);
    for series in all {
        assert!(series.points().len() < 720, "{} points", series.points().len());
        assert_eq!(series.points().len() as u64, 7_200 / series.step_secs());
    }
}

/// The desk with alerts on the lag of a partition and on utilisation.
fn watched() -> Value {
    let mut scenario = busy();
    let on_partition = json!({"group": "payment", "topic": "order-created", "partition": 1});
    scenario["alerts"] = json!([
        {"rule": "hot partition", "measure": {"partition_lag": on_partition}, "above": 20},
        {"rule": "busy", "measure": {"utilisation_percent": "email"}, "above": 90, "for_ms": 20000},
        {"rule": "backlog", "measure": {"queue_ready": "mails"}, "above": 50}
    ]);
    scenario
}

#[test]
fn an_alert_keeps_every_firing_with_its_peak() {
    let twice = [
        (30_000, kill("email")),
        (50_000, restart("email")),
        (100_000, kill("email")),
        (130_000, restart("email")),
        (131_000, kill("payment")),
    ];
    let run = play(&watched(), &twice, 240);
    let seen = observe(&run);
    let backlog = &seen.alerts[&"backlog".into()];
    assert_eq!((backlog.fired, backlog.firing, backlog.firings.len()), (2, false, 2));
    for firing in &backlog.firings {
        let cleared = firing.cleared_at_ms.expect("it cleared");
        assert!(firing.peak > 150 && cleared > firing.fired_at_ms);
    }
    assert!(backlog.firings[1].peak > backlog.firings[0].peak);
    let hot = &seen.alerts[&"hot partition".into()];
    assert_eq!((hot.firing, hot.firings.len(), hot.firings[0].cleared_at_ms), (true, 1, None));
    assert_eq!(observe(&play(&watched(), &[], 240)).alerts[&"backlog".into()].fired, 0);
}

#[test]
fn an_alert_waits_until_its_time_above_is_over() {
    let slow = |percent: u64| json!({"slow": {"service": "email", "percent": percent}});
    let run = play(&watched(), &[(60_000, slow(400))], 240);
    let busy = observe(&run).alerts[&"busy".into()].clone();
    // The minute before has to pass until the share is above 90 %, then the 20 s of the rule.
    assert!((110_000..=145_000).contains(&busy.fired_at_ms.expect("it fired")), "{busy:?}");
    let short = play(&watched(), &[(60_000, slow(400)), (118_000, slow(100))], 122);
    assert_eq!(observe(&short).alerts[&"busy".into()].fired, 0);
}

#[test]
fn measures_of_what_is_not_there_are_refused() {
    let refused = |measure: Value, part: &str| {
        let mut scenario = watched();
        scenario["alerts"][0]["measure"] = measure;
        let error = Scenario::from_json(&scenario.to_string()).expect_err(part).to_string();
        assert!(error.contains("alerts[0].measure") && error.contains(part), "{error}");
    };
    refused(json!({"queue_unacked": "male"}), "mails");
    refused(json!({"service_p95_ms": "emial"}), "email");
    let nowhere = json!({"group": "payment", "topic": "order-created", "partition": 3});
    refused(json!({"partition_lag": nowhere}), "partition 3");
    let nobody = json!({"group": "x", "topic": "order-created", "partition": 0});
    refused(json!({"partition_lag": nobody}), "'x'");
}

/// Samples by name and labels. Holds the text to its format: each family has its help and its type
/// once and before its samples, and no sample comes twice.
fn samples(text: &str) -> BTreeMap<String, String> {
    let (mut samples, mut family, mut families) = (BTreeMap::new(), "", Vec::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            family = rest.split(' ').next().expect("a family has a name");
            assert!(!families.contains(&family), "{family} comes twice");
            families.push(family);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type has a name");
            assert!(name == family && ["gauge", "counter"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a sample has a value");
            assert_eq!(name.split('{').next(), Some(family), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            assert!(samples.insert(name.to_owned(), value.to_owned()).is_none(), "{line} again");
        }
    }
    samples
}

#[test]
fn prometheus_reads_what_is_observed_under_the_exporters_names() {
    let run = play(&watched(), &[(30_000, kill("email")), (60_000, kill("payment"))], 90);
    let (seen, text) = (observe(&run), run.world().prometheus());
    let samples = samples(&text);
    let is = |name: &str, value: u64| {
        assert_eq!(samples.get(name), Some(&value.to_string()), "{name} in\n{text}");
    };
    let payment = &seen.groups[&"payment".into()];
    let ends = &seen.topics[&"order-created".into()].partitions;
    for (partition, (end, lag)) in ends.iter().zip(&payment.partition_lag).enumerate() {
        let at = format!("topic=\"order-created\",partition=\"{partition}\"");
        is(&format!("kafka_consumergroup_lag{{consumergroup=\"payment\",{at}}}"), *lag);
        is(&format!("kafka_topic_partition_current_offset{{{at}}}"), end.end_offset);
        let committed = end.end_offset - lag;
        is(
            &format!("kafka_consumergroup_current_offset{{consumergroup=\"payment\",{at}}}"),
            committed,
        );
        is(&format!("kafka_topic_partition_replicas{{{at}}}"), 1);
        is(&format!("kafka_topic_partition_under_replicated_partition{{{at}}}"), 0);
    }
    let whole = "consumergroup=\"payment\",topic=\"order-created\"";
    is(&format!("kafka_consumergroup_lag_sum{{{whole}}}"), payment.lag);
    is("kafka_consumergroup_members{consumergroup=\"payment\"}", payment.members);
    is("kafka_topic_partitions{topic=\"order-created\"}", 3);
    let mails = &seen.queues[&"mails".into()];
    assert!(mails.ready > 100);
    is("rabbitmq_queue_messages_ready{vhost=\"/\",queue=\"mails\"}", mails.ready);
    is("rabbitmq_queue_messages_unacked{vhost=\"/\",queue=\"mails\"}", mails.unacked);
    is("rabbitmq_queue_messages{vhost=\"/\",queue=\"mails\"}", mails.ready + mails.unacked);
    is("rabbitmq_queue_consumers{vhost=\"/\",queue=\"mails\"}", 0);
    is("rabbitmq_global_messages_received_total{protocol=\"amqp091\"}", mails.published);
    let classic = "protocol=\"amqp091\",queue_type=\"rabbit_classic_queue\"";
    is(&format!("rabbitmq_global_messages_acknowledged_total{{{classic}}}"), mails.acked);
    is("rabbitmq_queues", 1);
    is("shop_orders_placed_total", seen.ledger.placed);
    is("shop_effects_missing{effect=\"mail\"}", seen.ledger.missing[&"mail".to_owned()]);
    is("ALERTS{alertname=\"backlog\",alertstate=\"firing\"}", 1);
    assert!(!samples.keys().any(|name| name.contains("busy")), "it does not fire");
}

#[test]
fn prometheus_counts_what_was_dead_lettered_and_why() {
    let mut scenario = busy();
    scenario["exchanges"] =
        json!([{"name": "tasks", "type": "direct"}, {"name": "dlx", "type": "fanout"}]);
    scenario["queues"] = json!([
        {"name": "mails", "arguments": {"x-dead-letter-exchange": "dlx"}},
        {"name": "dead"}
    ]);
    scenario["bindings"] = json!([
        {"exchange": "tasks", "queue": "mails", "routing_key": "mail"},
        {"exchange": "dlx", "queue": "dead"}
    ]);
    let fails = json!({"fail_rate": {"service": "email", "per_mille": 300}});
    let run = play(&scenario, &[(0, fails)], 60);
    let dead = run.world().dead_letters();
    let samples = samples(&run.world().prometheus());
    let counted = |reason: &str| {
        let labels = "queue_type=\"rabbit_classic_queue\",dead_letter_strategy=\"at_most_once\"";
        samples[&format!("rabbitmq_global_messages_dead_lettered_{reason}_total{{{labels}}}")]
            .clone()
    };
    assert!(dead > 50, "{dead}");
    assert_eq!(counted("rejected"), dead.to_string());
    assert_eq!((counted("expired").as_str(), counted("maxlen").as_str()), ("0", "0"));
}
