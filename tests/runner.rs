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
    refused(&[cut.path(), "--until", "1s"], &["line 1", "column", "end of a text"]);
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

#[test]
fn help_tells_every_flag() {
    let help = printed(&run(&["--help"]));
    let source = include_str!("../src/runner.rs");
    let flags: Vec<&str> = source
        .split("Long(\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(flag, _)| flag))
        .collect();
    assert!(flags.len() > 10, "{flags:?}");
    for flag in flags {
        assert!(help.contains(&format!("  --{flag} ")), "the help does not tell --{flag}");
    }
}

#[test]
fn a_run_ends_where_its_condition_is_met() {
    let kill = r#"[{"at_ms": 20000, "command": {"kill": {"service": "email"}}}]"#;
    let kill = Scratch::new("until-kill.json", kill);
    let base = ["scenarios/shop.json", "--until", "90s", "--commands", kill.path()];
    let until = |text| [&base[..], &["--until-condition", text]].concat();
    let met = printed(&run(&until("queue email-notifications > 20")));
    let summary: serde_json::Value = serde_json::from_str(&met).expect("one line");
    assert_eq!(summary["queues"]["email-notifications"]["ready"], 21);
    assert!(summary["until_ms"].as_u64().is_some_and(|ms| (20_000..60_000).contains(&ms)));
    let missed = run(&until("an order is lost"));
    assert_eq!(missed.status.code(), Some(1), "it was not met");
    refused(&until("queue emial > 20"), &["--until-condition", "emial", "email-notifications"]);
    let alone = ["scenarios/shop.json", "--until-condition", "/ledger/placed >= 10"];
    assert!(printed(&run(&alone)).contains("\"placed\":10"));
}

#[test]
fn an_exported_run_is_played_again() {
    let kill = r#"[{"at_ms": 5000, "command": {"kill": {"service": "email"}}}]"#;
    let kill = Scratch::new("export-kill.json", kill);
    let file = Scratch::new("exported.json", "");
    let base = ["scenarios/shop.json", "--until", "20s", "--commands", kill.path()];
    let first = printed(&run(&[&base[..], &["--export", file.path()]].concat()));
    assert_eq!(first, printed(&run(&["--run", file.path()])));
    let json = std::fs::read_to_string(file.path()).expect("it was written");
    let code = ackademy::simulation::Run::from_json(&json).expect("it is a run").to_code();
    let link = Scratch::new("link.txt", &code);
    assert_eq!(first, printed(&run(&["--run", link.path()])));
    let damaged = Scratch::new("damaged.json", &json.replace("email", "emial"));
    refused(&["--run", damaged.path()], &["Command 1", "emial", "email"]);
    refused(&["--run", file.path(), "--seed", "1"], &["--run", "of its own"]);
}

#[test]
fn two_runs_are_compared() {
    let kill = r#"[{"at_ms": 5000, "command": {"kill": {"service": "email"}}}]"#;
    let kill = Scratch::new("compare-kill.json", kill);
    let nothing = Scratch::new("compare-nothing.json", "[]");
    let base = ["scenarios/shop.json", "--until", "20s", "--compare"];
    let lines = |with: &Scratch| -> Vec<serde_json::Value> {
        let text = printed(&run(&[&base[..], &[with.path()]].concat()));
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let same = lines(&nothing);
    assert_eq!((same.len(), &same[0]["kind"]), (2, &"comparison".into()));
    assert!(same[0]["first"].is_null() && same[0]["figures"] == 0);
    let other = lines(&kill);
    assert_eq!(other[0]["first"]["at_ms"], 5_000);
    let state = other.iter().find(|line| line["figure"] == "/services/email/state");
    let state = state.expect("it differs");
    assert_eq!((&state["left"], &state["right"]), (&"up".into(), &"down".into()));
}

/// The summary of a scenario after some minutes, with commands.
fn summary(scenario: &str, minutes: u32, commands: &str) -> serde_json::Value {
    let file = format!("summary-{scenario}-{minutes}-{}.json", commands.len());
    let commands = Scratch::new(&file, commands);
    let (path, until) = (format!("scenarios/{scenario}.json"), format!("{minutes}m"));
    let text = printed(&run(&[&path, "--until", &until, "--commands", commands.path()]));
    serde_json::from_str(&text).expect("one line of JSON")
}

fn figure(summary: &serde_json::Value, address: &str) -> u64 {
    let value = summary.pointer(address).unwrap_or_else(|| panic!("there is no {address}"));
    value.as_u64().unwrap_or_else(|| panic!("{address} is {value}"))
}

/// The day of the curriculum, once by calls and once through the log: at the end of the sale, when
/// the queue is drained, and at the end of the hour.
#[test]
fn the_flash_sale_day_has_its_figures() {
    let calls = summary("flash-sale-day-synchronous", 44, "[]");
    let p95 = figure(&calls, "/checkout/p95_ms");
    assert!((7_500..=8_500).contains(&p95), "{p95} ms by calls");
    let log = summary("flash-sale-day", 44, "[]");
    let p95 = figure(&log, "/checkout/p95_ms");
    assert!((40..=50).contains(&p95), "{p95} ms through the log");

    let queue = "/queues/email-notifications";
    let drained = summary("flash-sale-day", 34, "[]");
    let peak = figure(&drained, &format!("{queue}/peak_ready"));
    let at_ms = figure(&drained, &format!("{queue}/peak_at_ms"));
    assert!((3_300..=3_500).contains(&peak), "{peak} mails waited");
    assert!((1_799_000..=1_801_000).contains(&at_ms), "{at_ms} ms: email starts again then");
    assert!(figure(&drained, &format!("{queue}/ready")) <= 5, "empty within four minutes");

    let end = summary("flash-sale-day", 60, "[]");
    for (address, expected) in [
        ("/ledger/dead_lettered", 12),
        ("/queues/dead-letters/ready", 12),
        ("/ledger/lost", 0),
        ("/ledger/charged_twice", 0),
        ("/checkout/failed", 0),
    ] {
        assert_eq!(figure(&end, address), expected, "{address}");
    }
}

/// One alert of a summary: when it fired last, when it cleared, and its peak.
fn alert(summary: &serde_json::Value, rule: &str) -> (u64, u64, u64) {
    let alerts = summary["alerts"].as_array().expect("alerts are a list");
    let alert = alerts.iter().find(|alert| alert["rule"] == rule).expect("the rule is there");
    let firing = &alert["firings"][0];
    (figure(firing, "/fired_at_ms"), figure(firing, "/cleared_at_ms"), figure(firing, "/peak"))
}

/// The day itself is too calm for its alerts, which a learner's mishaps set off.
#[test]
fn the_alerts_of_the_day_fire_and_clear() {
    let calm = summary("flash-sale-day", 60, "[]");
    for index in 0..2 {
        assert!(calm["alerts"][index]["fired_at_ms"].is_null(), "{}", calm["alerts"]);
    }
    let payment_away = r#"[
        {"at_ms": 2395000, "command": {"kill": {"service": "payment"}}},
        {"at_ms": 2760000, "command": {"restart": {"service": "payment"}}}
    ]"#;
    let (fired, cleared, peak) =
        alert(&summary("flash-sale-day", 60, payment_away), "consumer lag");
    assert!((2_690_000..=2_760_000).contains(&fired), "fired at {fired} ms");
    assert!(cleared > 2_760_000 && peak > 10_000, "cleared at {cleared} ms, peak {peak}");

    let shipping_refuses = r#"[
        {"at_ms": 60000, "command":
            {"set": {"service": "shipping", "setting": {"fail_for_good_per_mille": 300}}}},
        {"at_ms": 180000, "command":
            {"set": {"service": "shipping", "setting": {"fail_for_good_per_mille": 0}}}},
        {"at_ms": 300000, "command": {"replay": {
            "queue": "dead-letters", "exchange": "tasks", "routing_key": "task.label",
            "repair": true}}}
    ]"#;
    let end = summary("flash-sale-day", 10, shipping_refuses);
    let (fired, cleared, peak) = alert(&end, "dead letters");
    assert!((96_000..=300_000).contains(&fired) && peak > 50, "at {fired} ms, peak {peak}");
    assert!((300_000..=301_000).contains(&cleared), "cleared at {cleared} ms");
    assert_eq!(figure(&end, "/ledger/lost"), 0);
}

#[test]
fn every_lesson_is_played_by_its_solution_and_its_ledger_printed() {
    let lessons: Vec<String> = ackademy::lessons::Catalogue::embedded()
        .playable()
        .map(|entry| entry.slug.clone())
        .collect();
    assert!(!lessons.is_empty());
    for slug in lessons {
        let text = printed(&run(&["--lesson", &slug, "--solution"]));
        let verdict: serde_json::Value = serde_json::from_str(&text).expect("one line of JSON");
        assert_eq!((&verdict["lesson"], &verdict["solved"]), (&slug.as_str().into(), &true.into()));
        let sum = ["completed", "in_progress", "lost", "dead_lettered"]
            .map(|status| figure(&verdict, &format!("/ledger/{status}")));
        assert_eq!(figure(&verdict, "/ledger/placed"), sum.iter().sum::<u64>(), "{slug}");
        assert!(figure(&verdict, "/ledger/placed") > 0, "{slug}");
    }
}

/// The schema as the repository has it.
fn schema() -> serde_json::Value {
    let text = std::fs::read_to_string("docs/scenario.schema.json").expect("it is there");
    assert!(
        text == printed(&run(&["--schema"])),
        "docs/scenario.schema.json is old: ackademy-run --schema > docs/scenario.schema.json"
    );
    serde_json::from_str(&text).expect("it is JSON")
}

/// The fields that nobody explains: neither there nor, as for commands, at the variant they are in.
fn unexplained(at: &str, node: &serde_json::Value, found: &mut Vec<String>) {
    let explained = node["description"].is_string();
    for (name, field) in node["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        let variant = explained && node["required"] == serde_json::json!([name]);
        if !variant && !field["description"].is_string() {
            found.push(at.clone());
        }
        if !(variant && at.starts_with("Command/")) {
            unexplained(&at, field, found);
        }
    }
    for variant in node["oneOf"].as_array().into_iter().flatten() {
        if !variant["description"].is_string() {
            found.push(format!("{at}: {variant}"));
        }
        unexplained(at, variant, found);
    }
}

#[test]
fn the_schema_is_current_and_explains_every_field() {
    let schema = schema();
    let mut found = Vec::new();
    unexplained("Scenario", &schema, &mut found);
    for (name, definition) in schema["$defs"].as_object().expect("it has definitions") {
        unexplained(name, definition, &mut found);
    }
    assert!(found.is_empty(), "write a comment at: {found:#?}");
    let bare = serde_json::json!({"properties": {"a": {"type": "string"}}});
    unexplained("Bare", &bare, &mut found);
    assert_eq!(found, ["Bare/a"]);
}

/// Whether a value is what a part of the schema asks for; of JSON Schema what `--schema` writes.
fn fits(value: &serde_json::Value, part: &serde_json::Value, schema: &serde_json::Value) -> bool {
    let of_type = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        _ => kind == "null" && value.is_null(),
    };
    let types = match &part["type"] {
        serde_json::Value::Null => true,
        serde_json::Value::Array(kinds) => kinds.iter().filter_map(|it| it.as_str()).any(of_type),
        kind => kind.as_str().is_some_and(of_type),
    };
    let reference = part["$ref"].as_str().is_none_or(|at| {
        let definition = schema.pointer(at.trim_start_matches('#'));
        fits(value, definition.expect("references lead somewhere"), schema)
    });
    let any = ["oneOf", "anyOf"].iter().all(|key| {
        let parts = part[*key].as_array();
        parts.is_none_or(|parts| parts.iter().any(|one| fits(value, one, schema)))
    });
    let words = part["enum"].as_array().is_none_or(|words| words.contains(value));
    let word = part.get("const").is_none_or(|word| word == value);
    let least = part["minimum"]
        .as_i64()
        .is_none_or(|least| value.as_i64().is_none_or(|number| number >= least));
    let items = value.as_array().is_none_or(|items| {
        part.get("items").is_none_or(|item| items.iter().all(|one| fits(one, item, schema)))
    });
    let required = part["required"].as_array().into_iter().flatten();
    let complete = required.filter_map(|name| name.as_str()).all(|name| value.get(name).is_some());
    let fields = value.as_object().into_iter().flatten().all(|(name, field)| {
        match part["properties"].get(name) {
            Some(known) => fits(field, known, schema),
            None => part["additionalProperties"] != false,
        }
    });
    types && reference && any && words && word && least && items && complete && fields
}

#[test]
fn the_schema_takes_the_scenarios_and_refuses_mistakes() {
    let schema = schema();
    for name in ackademy::scenarios::NAMES {
        let document = ackademy::scenarios::document(name).expect("it comes with the program");
        let document = serde_json::from_str(document).expect("it is JSON");
        assert!(fits(&document, &schema, &schema), "{name} does not fit");
    }
    let sound = ackademy::scenarios::document("shop").expect("it is embedded");
    for (right, wrong) in [
        ("\"seed\": 7,", "\"seed\": -7,"),
        ("\"seed\": 7,", "\"seed\": 7, \"sede\": 1,"),
        ("\"seed\": 7,", ""),
        ("\"partitions\": 12", "\"partitions\": \"12\""),
        ("\"does\": \"charge\"", "\"does\": \"charm\""),
    ] {
        let document = sound.replace(right, wrong);
        assert_ne!(document, sound, "{right} is not there");
        let document = serde_json::from_str(&document).expect("it is JSON");
        assert!(!fits(&document, &schema, &schema), "{wrong} fits");
    }
}

/// The documents that differ from this one in one place: a value is gone, or another one.
fn damaged(value: &serde_json::Value) -> Vec<serde_json::Value> {
    let strange = ["-1", "null", "\"text\"", "{}", "[]", "{\"sede\": 1}"];
    let mut all: Vec<serde_json::Value> =
        strange.iter().map(|text| serde_json::from_str(text).expect("it is JSON")).collect();
    if let Some(fields) = value.as_object() {
        for (name, field) in fields {
            let with = |other| {
                let mut fields = fields.clone();
                fields.insert(name.clone(), other);
                fields.into()
            };
            all.extend(damaged(field).into_iter().map(with));
            let mut fields = fields.clone();
            fields.remove(name);
            all.push(fields.into());
        }
        let mut fields = fields.clone();
        fields.insert("sede".to_owned(), 1.into());
        all.push(fields.into());
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        all.extend(damaged(item).into_iter().map(|other| {
            let mut items = value.clone();
            items[place] = other;
            items
        }));
    }
    all
}

#[test]
fn the_schema_and_the_reader_agree_on_every_damage() {
    let schema = schema();
    for name in ackademy::scenarios::NAMES {
        let document = ackademy::scenarios::document(name).expect("it comes with the program");
        let document = serde_json::from_str(document).expect("it is JSON");
        let all = damaged(&document);
        let refused = all.iter().filter(|one| {
            let fits = fits(one, &schema, &schema);
            let read = ackademy::json::from_value::<ackademy::simulation::Scenario>(one);
            assert_eq!(fits, read.is_ok(), "{name}: {:?}\n{one}", read.err());
            !fits
        });
        let refused = refused.count();
        assert!(
            0 < refused && refused < all.len(),
            "{name}: {refused} of {} are refused",
            all.len()
        );
    }
}
