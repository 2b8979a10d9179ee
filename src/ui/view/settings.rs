//! What a running service or topic can be told, as one table: each row is a field of a command's
//! document, its published name, and values that are worth trying.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::json::{Json, from_value, parse};
use crate::simulation::{Command, Input, Service, ServiceSpec};
use crate::ui::model::Model;

/// What one thing is set to, and the commands that set it to something else.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingRow {
    /// What it belongs to, on the first of several rows.
    pub part: Rc<str>,
    pub name: String,
    /// Each value in words, with its command.
    pub values: Vec<(String, Command)>,
    /// Which of them holds; another value than these may.
    pub holds: Option<usize>,
}

/// A field of a document: its name there, the words for it if they are not that name in Kafka's
/// spelling, and its values. A value is `words=JSON`, or the JSON alone.
type Field = (&'static str, &'static str, &'static str);

/// Rows of one document: what they belong to, the setting, where the declaration of a service has
/// it, which services have a use for it, and its fields. A single field of the setting's own name
/// is the setting itself.
type Set = (&'static str, &'static str, &'static str, fn(&ServiceSpec) -> bool, &'static [Field]);

const SETS: [Set; 9] = [
    (
        "Promises",
        "deduplicates",
        "/deduplicates",
        has_effect,
        &[(
            "deduplicates",
            "remembers orders",
            r#"no=null|1 min={"lifetime_ms":60000}|7 d={"lifetime_ms":604800000}"#,
        )],
    ),
    (
        "",
        "idempotency_key",
        "/idempotency_key",
        has_effect,
        &[("idempotency_key", "idempotency key", "no=false|sent=true")],
    ),
    (
        "",
        "database",
        "/database",
        sends,
        &[(
            "database",
            "publishes",
            r#"no database=null|before write={"publishes":"before_write"}|after={"publishes":"after_write"}|outbox={"publishes":{"outbox":{}}}"#,
        )],
    ),
    (
        "",
        "fail_for_good_per_mille",
        "/fail_for_good_per_mille",
        has_effect,
        &[("fail_for_good_per_mille", "fails for good, ‰", "0|10|100")],
    ),
    (
        "Consumer",
        "commit",
        "/input/topic/commit",
        reads_topic,
        &[("commit", "commits", r#"after work="after"|before="before"|auto="auto""#)],
    ),
    (
        "",
        "consumer",
        "/input/topic/consumer",
        reads_topic,
        &[
            ("isolation_level", "", r#"uncommitted="read_uncommitted"|committed="read_committed""#),
            ("auto_offset_reset", "", r#"earliest="earliest"|latest="latest""#),
            ("max_poll_interval_ms", "", "default=null|5000|30000"),
            ("auto_commit_interval_ms", "", "default=null|1000|30000"),
        ],
    ),
    (
        "Producer",
        "record_key",
        "/record_key",
        publishes,
        &[("record_key", "key", r#"order="order_id"|country="country"|none="none""#)],
    ),
    (
        "",
        "producer",
        "/producer",
        publishes,
        &[
            ("acks", "", r#"all="all"|1="1"|0="0""#),
            ("enable_idempotence", "", "default=null|true|false"),
            ("transactional", "transactional.id", "none=false|one each=true"),
            ("retries", "", "default=null|0|3"),
            ("max_in_flight_requests_per_connection", "max.in.flight", "default=null|1|2"),
            ("linger_ms", "", "default=null|0|50|500"),
            ("batch_size", "", "default=null|200|1000"),
            ("request_timeout_ms", "", "default=null|1000|5000"),
            ("delivery_timeout_ms", "", "default=null|10000|60000"),
            ("transaction_timeout_ms", "", "default=null|5000|20000"),
        ],
    ),
    (
        "Projection",
        "projection",
        "/projection",
        |spec| spec.projection.is_some(),
        &[
            ("snapshot_every", "snapshot, records", "none=null|50|500"),
            ("drops_cents", "", "false|true"),
        ],
    ),
];
const CONFIRMS: &[Field] = &[("enabled", "confirm.select", "off=false|on=true")];
const CALL: &[Field] = &[
    ("timeout_ms", "timeout, ms", "none=null|500|1000|3000"),
    (
        "retry",
        "retries",
        r#"none={"attempts":0,"delay":"immediate"}|3 at once={"attempts":3,"delay":"immediate"}|3 jittered={"attempts":3,"delay":{"exponential":{"base_ms":200,"max_ms":5000,"jitter_percent":100}}}"#,
    ),
    ("breaker", "circuit breaker", r#"none=null|5 failures, 10 s={"failures":5,"open_ms":10000}"#),
    ("bulkhead", "bulkhead, calls", "none=null|2|10"),
];
const ADMISSION: &[Field] = &[
    ("queue", "calls that wait", "no limit=null|0|10|50"),
    ("rate_per_second", "calls per second", "no limit=null|2|5|20"),
    ("retry_after_s", "Retry-After, s", "none=null|1|10"),
];
const TOPIC: [(&str, &[Field]); 4] = [
    ("min.insync.replicas", &[("value", "min.insync.replicas", r#"1="1"|2="2"|3="3""#)]),
    (
        "unclean.leader.election.enable",
        &[("value", "unclean.leader.election.enable", r#"false="false"|true="true""#)],
    ),
    ("cleanup.policy", &[("value", "cleanup.policy", r#"delete="delete"|compact="compact""#)]),
    ("retention.ms", &[("value", "retention.ms", r#"7 d="604800000"|1 min="60000"|10 s="10000""#)]),
];

fn has_effect(spec: &ServiceSpec) -> bool {
    spec.does.is_some()
}

fn sends(spec: &ServiceSpec) -> bool {
    !spec.publishes.is_empty() || !spec.enqueues.is_empty()
}

fn publishes(spec: &ServiceSpec) -> bool {
    !spec.publishes.is_empty()
}

fn reads_topic(spec: &ServiceSpec) -> bool {
    matches!(spec.input, Input::Topic { .. })
}

/// What a service can be told now.
pub fn of_service(model: &Model, service: &Service) -> Vec<SettingRow> {
    let (spec, id) = (&service.spec, &*service.spec.id);
    let declared = spec.write();
    let mut rows = Vec::new();
    for (part, name, at, has_use, fields) in SETS {
        if !has_use(spec) {
            continue;
        }
        let bare = fields[0].0 == name;
        let none = if bare { Value::Null } else { json!({}) };
        let mut setting = json!({});
        setting[name] = declared.pointer(at).cloned().unwrap_or(none);
        let command = json!({"set": {"service": id, "setting": setting}});
        let inside = if bare { "/set/setting".to_owned() } else { format!("/set/setting/{name}") };
        add(model, &mut rows, part, &command, &inside, fields);
    }
    let confirms = json!({"publisher_confirms": {"service": id, "enabled": service.confirms}});
    add(model, &mut rows, "Publisher", &confirms, "/publisher_confirms", CONFIRMS);
    let admission = service.admission.write();
    let admission = json!({"set_admission": {"service": id, "admission": admission}});
    add(model, &mut rows, "Admission", &admission, "/set_admission/admission", ADMISSION);
    for call in &service.calls {
        let part = format!("Calls to {}", call.spec.service);
        let command = json!({"set_call": {"service": id, "call": call.spec.write()}});
        add(model, &mut rows, &part, &command, "/set_call/call", CALL);
    }
    rows
}

/// What a topic can be told now.
pub fn of_topic(model: &Model, topic: &str) -> Vec<SettingRow> {
    let config = model.world().kafka().topic(topic).map(|topic| topic.config().entries());
    let mut rows = Vec::new();
    for (setting, fields) in TOPIC {
        let entry = config.iter().flatten().find(|(name, _)| *name == setting);
        let value = entry.map_or("", |(_, value)| value);
        let command = json!({"alter_topic": {"topic": topic, "setting": setting, "value": value}});
        add(model, &mut rows, "", &command, "/alter_topic", fields);
    }
    rows
}

/// Adds a row for each field that the lesson and the world let change, with the values that the
/// world would take.
fn add(
    model: &Model,
    rows: &mut Vec<SettingRow>,
    part: &str,
    command: &Value,
    at: &str,
    fields: &[Field],
) {
    let Some(now) = from_value::<Command>(command).ok().filter(|now| model.offers_now(now)) else {
        return;
    };
    let mut named = false;
    for (field, words, values) in fields {
        let read = |value: &str| {
            let (words, value) = value.split_once('=').unwrap_or((value, value));
            let mut changed = command.clone();
            *changed.pointer_mut(at)?.as_object_mut()?.entry(*field).or_insert(Value::Null) =
                parse(value).ok()?;
            let command = from_value::<Command>(&changed).ok()?;
            model.world().check(&command).is_ok().then(|| (words.to_owned(), command))
        };
        let values: Vec<(String, Command)> = values.split('|').filter_map(read).collect();
        if values.len() < 2 {
            continue;
        }
        rows.push(SettingRow {
            part: if named { "" } else { part }.into(),
            name: if words.is_empty() { field.replace('_', ".") } else { (*words).to_owned() },
            holds: values.iter().position(|(_, command)| command.write() == now.write()),
            values,
        });
        named = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::model::{Msg, Selection};

    fn rows(model: &Model, id: &str) -> Vec<SettingRow> {
        of_service(model, model.world().service(id).expect("it is there"))
    }

    fn row(rows: &[SettingRow], name: &str) -> SettingRow {
        rows.iter().find(|row| row.name == name).expect("there is a row").clone()
    }

    #[test]
    fn every_value_of_the_table_is_a_command_that_some_world_takes() {
        let mut names = Vec::new();
        for scenario in crate::scenarios::NAMES {
            let model = Model::new(crate::ui::model::embedded(scenario).expect("it is embedded"));
            let world = model.world();
            let services = world.services().iter().flat_map(|one| of_service(&model, one));
            let topics = world.kafka().topics().flat_map(|one| of_topic(&model, one.name()));
            for row in services.chain(topics) {
                assert!(row.values.len() > 1, "{} in {scenario} has one value", row.name);
                let taken = row.values.iter().all(|(_, one)| world.check(one).is_ok());
                assert!(taken, "{} in {scenario} offers what is refused", row.name);
                names.push(row.name);
            }
        }
        let fields = SETS.iter().flat_map(|set| set.4).chain(CALL).chain(ADMISSION).chain(CONFIRMS);
        for (field, words, values) in fields {
            let name = if words.is_empty() { field.replace('_', ".") } else { (*words).to_owned() };
            for value in values.split('|') {
                let value = value.split_once('=').map_or(value, |(_, value)| value);
                assert!(parse(value).is_ok(), "{name}: {value} is no JSON");
            }
            assert!(
                names.contains(&name) || ["snapshot_every", "drops_cents"].contains(field),
                "nobody offers {name}"
            );
        }
    }

    #[test]
    fn a_setting_that_was_chosen_holds_and_can_be_taken_back() {
        let mut model = Model::shop();
        let acks = row(&rows(&model, "checkout"), "acks");
        assert_eq!(acks.holds, Some(0));
        model.update(Msg::Select(Some(Selection::Service("checkout".into()))));
        model.update(Msg::Command(acks.values[1].1.clone()));
        assert_eq!(row(&rows(&model, "checkout"), "acks").holds, Some(1));
        model.update(Msg::Undo);
        assert_eq!(row(&rows(&model, "checkout"), "acks").holds, Some(0));
    }

    #[test]
    fn a_service_is_told_only_what_it_has_a_use_for() {
        let model = Model::shop();
        let names = |id: &str| -> Vec<String> {
            rows(&model, id).into_iter().map(|row| row.name).collect()
        };
        assert!(names("checkout").contains(&"calls per second".to_owned()));
        assert!(!names("email").contains(&"acks".to_owned()), "{:?}", names("email"));
        assert!(names("payment").contains(&"isolation.level".to_owned()));
    }
}
