//! The runner as a teacher or a program calls it: what it prints, and how it refuses.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ackademy-run"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the runner starts")
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("it prints text")
}

/// A refusal: code 2, nothing on standard output, and a message that has all of `parts`.
fn refused(arguments: &[&str], parts: &[&str]) {
    let output = run(arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed something");
    for part in parts {
        assert!(message.contains(part), "{arguments:?}: '{message}' lacks '{part}'");
    }
}

/// A file for one test, gone when the test is over.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str, content: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("ackademy-{}-{name}", std::process::id()));
        std::fs::write(&path, content).expect("the temporary folder can be written");
        Scratch(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("the path is text")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_file(&self.0);
    }
}

#[test]
fn observations_come_each_second_and_the_summary_last() {
    let text = printed(&run(&["scenarios/shop.json", "--until", "3s", "--observe", "1s"]));
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
    assert_eq!(kinds, ["observation", "observation", "observation", "summary"]);
    let summary = &lines[3];
    for field in ["seed", "until_ms", "trace_hash", "ledger", "queues", "groups", "services"] {
        assert!(!summary[field].is_null(), "the summary lacks {field}");
    }
    for figure in [
        "/checkout/peak_p95_ms",
        "/ledger/charged_twice",
        "/queues/email-notifications/peak_at_ms",
        "/groups/payment/peak_lag",
        "/services/checkout/p95_ms",
        "/alerts/0/fired_at_ms",
    ] {
        assert!(summary.pointer(figure).is_some(), "the summary lacks {figure}");
    }
}

#[test]
fn commands_and_a_seed_change_the_run() {
    let commands = r#"[{"at_ms": 1000, "command": {"kill": {"service": "email"}}}]"#;
    let commands = Scratch::new("commands.json", commands);
    let base = ["scenarios/shop.json", "--until", "20s"];
    let plain = printed(&run(&base));
    let killed = printed(&run(&[&base[..], &["--commands", commands.path()]].concat()));
    let seeded = printed(&run(&[&base[..], &["--seed", "99"]].concat()));
    assert_ne!(plain, killed);
    assert_ne!(plain, seeded);
    assert_eq!(plain, printed(&run(&base)));
}

#[test]
fn the_trace_tells_one_event_a_line() {
    let text = printed(&run(&["scenarios/shop.json", "--until", "8s", "--trace"]));
    assert!(text.contains("order-1 placed"));
    assert!(text.contains("group payment generation 1: 3 members"));
    assert!(text.lines().count() > 300);
}

#[test]
fn a_journey_is_told_as_text_and_as_data() {
    let text = printed(&run(&["scenarios/shop.json", "--until", "20s", "--why", "order-3"]));
    let mut lines: Vec<&str> = text.lines().collect();
    let [why, summary] = lines.split_off(lines.len() - 2).try_into().expect("two lines of JSON");
    assert!(lines[0].ends_with("order-3 placed"), "{}", lines[0]);
    assert_eq!(lines.last(), Some(&"order-3 is completed"));
    let why: serde_json::Value = serde_json::from_str(why).expect("it is JSON");
    assert_eq!((&why["kind"], &why["status"]), (&"why".into(), &"completed".into()));
    assert_eq!(why["steps"].as_array().map(Vec::len), Some(lines.len() - 1));
    assert!(summary.starts_with("{\"kind\":\"summary\""));
}

#[test]
fn figures_come_as_series_and_as_prometheus_text() {
    let base = ["scenarios/shop.json", "--until", "30s"];
    let text = printed(&run(&[&base[..], &["--series"]].concat()));
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let placed = lines.iter().find(|line| line["measure"] == "placed_per_minute");
    let points = placed.expect("it is kept")["points"].as_array().map(Vec::len);
    assert_eq!((points, &lines[lines.len() - 1]["kind"]), (Some(30), &"summary".into()));
    let text = printed(&run(&[&base[..], &["--prometheus"]].concat()));
    assert!(text.starts_with("# HELP kafka_brokers "));
    assert!(text.contains("\nkafka_consumergroup_lag{consumergroup=\"payment\","));
    assert!(
        text.contains("\nrabbitmq_queue_messages_ready{vhost=\"/\",queue=\"dead-letters\"} 0\n")
    );
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let sound = std::fs::read_to_string("scenarios/shop.json").expect("the shop is there");
    let cut = Scratch::new("cut.json", &sound[..sound.len() / 2]);
    refused(&[cut.path(), "--until", "1s"], &["line 1", "column", "EOF"]);
    let typed = sound.replace("\"http_us\": ", "\"http_us\": -");
    let typed = Scratch::new("typed.json", &typed);
    refused(&[typed.path(), "--until", "1s"], &["line", "field links.http_us", "-"]);
    let wrong = sound.replace("\"publishes\": [\"order-paid\"]", "\"publishes\": [\"order-pait\"]");
    let wrong = Scratch::new("wrong.json", &wrong);
    let told = ["services[1].publishes[0]", "order-pait", "order-paid"];
    refused(&[wrong.path(), "--until", "1s"], &told);
    refused(&["nowhere.json", "--until", "1s"], &["nowhere.json"]);
    refused(&["scenarios/shop.json"], &["--until"]);
    refused(&["scenarios/shop.json", "--until", "soon"], &["--until", "20m"]);
    refused(&["scenarios/shop.json", "--until", "1s", "--seed", "x"], &["--seed"]);
    refused(&["scenarios/shop.json", "--until", "1s", "--why", "x"], &["--why", "'x'"]);
    refused(&["scenarios/shop.json", "--until", "1s", "--why", "order-9"], &["--why", "order-9"]);
    refused(&["scenarios/shop.json", "--frobnicate"], &["frobnicate"]);
    refused(&[], &["which scenario"]);
    let command = r#"[{"at_ms": 1, "command": {"kill": {"service": "emial"}}}]"#;
    let command = Scratch::new("misspelt.json", command);
    let arguments = ["scenarios/shop.json", "--until", "1s", "--commands", command.path()];
    refused(&arguments, &["[0].command", "emial", "email"]);
}
