//! Schemas of topics: what does not fit is refused before it is appended, and what may change.

use ackademy::engine::Instant;
use ackademy::simulation::{Observation, SchemaFigures, Subject, Timeline};
use serde_json::{Value, json};

use super::calls::service;
use super::shared::{at, count, refusal, run, see, service as figures, topic};

fn order(fields: &[Value]) -> Value {
    let mut all = vec![
        json!({"name": "order_id", "type": "string"}),
        json!({"name": "amount_cents", "type": "int"}),
        json!({"name": "country", "type": "string"}),
    ];
    all.extend_from_slice(fields);
    json!({"type": "record", "name": "Order", "fields": all})
}

fn optional(name: &str) -> Value {
    json!({"name": name, "type": ["null", "string"], "default": null})
}

/// Checkout publishes each of 60 orders, one a second, for payment.
fn shop(schema: Value) -> Value {
    let payment = json!({"topic": {"topic": "order-created", "group": "payment"}});
    json!({
        "version": 1, "name": "contracts", "title": "Contracts", "seed": 1,
        "arrivals": {"per_minute": 60, "limit": 60},
        "topics": [{"name": "order-created", "partitions": 2, "schema": schema}],
        "services": [
            service("checkout", json!({"http": {}}), 1, json!({"publishes": ["order-created"]})),
            service("payment", payment, 10, json!({
                "does": "charge", "lasting_errors": ["unreadable"],
            })),
        ],
    })
}

fn orders() -> Timeline {
    run(&shop(json!({"avro": order(&[])})))
}

fn schema(seen: &Observation) -> SchemaFigures {
    topic(seen, "order-created").schema.clone().expect("it has one")
}

fn register(schema: Value) -> Value {
    json!({"register_schema": {"topic": "order-created", "schema": schema}})
}

fn level(level: &str) -> Value {
    json!({"set_compatibility": {"topic": "order-created", "level": level}})
}

fn deploy(service: &str, version: u32, adds: Value) -> Value {
    let schema = json!({"topic": "order-created", "version": version, "adds": adds});
    json!({"set": {"service": service, "setting": {"schema": schema}}})
}

/// What the buyers and the log have in the end.
fn outcome(seen: &Observation) -> (u64, u64, u64, u64) {
    let records = topic(seen, "order-created").records;
    (seen.ledger.completed - seen.ledger.refused, seen.ledger.refused, seen.ledger.lost, records)
}

#[test]
fn records_that_fit_go_their_way_as_avro() {
    let mut run = orders();
    let end = see(&mut run, 90);
    assert_eq!(outcome(&end), (60, 0, 0, 60));
    let figures = schema(&end);
    assert_eq!((&*figures.subject, &*figures.versions), ("order-created-value", &[1][..]));
    assert_eq!(figures.compatibility, "BACKWARD");
    let at =
        ackademy::engine::kafka::TopicPartition { topic: "order-created".into(), partition: 0 };
    let log = run.world().kafka().partition(&at).expect("it is there");
    let (_, record) = log.records_from(0).next().expect("it has records");
    let value = record.value.as_deref().expect("it is no tombstone");
    assert_eq!(value[..5], [0, 0, 0, 0, 1], "the magic byte and the id");
    let document = run.world().written_document("order-created", value).expect("it is Avro");
    let fields: Vec<&String> = document.as_object().expect("it is a record").keys().collect();
    assert_eq!(fields, ["amount_cents", "country", "order_id"], "nothing but the schema's fields");
}

#[test]
fn a_malformed_record_is_refused_before_it_is_appended() {
    let mut guarded = orders();
    at(&mut guarded, 10, json!({"malformed": {"service": "payment"}}));
    let end = see(&mut guarded, 90);
    assert_eq!(outcome(&end), (59, 1, 0, 59));
    assert_eq!(figures(&end, "payment").failed, 0, "its reader never sees it");
    assert_eq!(schema(&end).refused_records, 1);
    assert_eq!(
        schema(&end).last_refusal.as_deref(),
        Some(
            "does not fit order-created-value version 1: field amount_cents: \"twelve\" is no int"
        )
    );
    assert_eq!(count(&guarded, "field amount_cents"), 3, "not sent, failed, answered");
    let refused = (1..=60).find(|order| {
        let account = guarded.world().ledger().account(*order).expect("it was placed");
        account.accepted == Some(false)
    });
    let why = guarded.why(&Subject::Order(refused.expect("one was"))).expect("it is known");
    assert!(why.to_string().contains("field amount_cents: \"twelve\" is no int"), "{why}");

    let mut document = shop(json!({"avro": order(&[])}));
    document["topics"][0].as_object_mut().expect("it is an object").remove("schema");
    let mut open = run(&document);
    at(&mut open, 10, json!({"malformed": {"service": "payment"}}));
    let end = see(&mut open, 90);
    assert_eq!(outcome(&end), (59, 0, 1, 60), "without a schema the reader has the trouble");
    assert!(topic(&end, "order-created").schema.is_none());
}

#[test]
fn a_service_that_passes_on_what_does_not_fit_gives_up_with_the_field_named() {
    let mut document = shop(json!({"avro": order(&[])}));
    let paid = json!({"type": "record", "name": "Paid", "fields": [
        {"name": "order_id", "type": "string"},
        {"name": "receipt", "type": "string"},
    ]});
    let topics = document["topics"].as_array_mut().expect("it is a list");
    topics.push(json!({"name": "order-paid", "partitions": 1, "schema": {"avro": paid}}));
    document["services"][1]["publishes"] = json!(["order-paid"]);
    document["arrivals"]["limit"] = json!(1);
    let mut shop = run(&document);
    let end = see(&mut shop, 90);
    assert_eq!((end.ledger.lost, topic(&end, "order-paid").records), (1, 0));
    let findings: Vec<_> = shop.world().ledger().findings().map(|it| it.text.clone()).collect();
    let text = findings.last().expect("there is one");
    assert!(text.contains("the record for order-paid does not fit order-paid-value"), "{text}");
    assert!(text.contains("field receipt: it is missing (string)"), "{text}");
}

#[test]
fn a_change_that_readers_understand_is_registered_and_deployed() {
    let mut run = orders();
    at(&mut run, 10, register(order(&[optional("coupon")])));
    at(&mut run, 20, deploy("checkout", 2, json!({"coupon": "SUMMER"})));
    at(&mut run, 40, deploy("payment", 2, json!({})));
    let end = see(&mut run, 90);
    assert_eq!(outcome(&end), (60, 0, 0, 60), "old and new readers read old and new records");
    assert_eq!((schema(&end).versions, schema(&end).refused_versions), (vec![1, 2], 0));
    let used: Vec<_> = schema(&end).used.iter().map(|(_, version)| *version).collect();
    assert_eq!(used, [2, 2]);
}

#[test]
fn an_incompatible_change_is_refused_and_says_why() {
    let mut run = orders();
    let currency = order(&[json!({"name": "currency", "type": "string"})]);
    at(&mut run, 10, register(currency.clone()));
    let seen = see(&mut run, 11);
    assert_eq!((schema(&seen).versions, schema(&seen).refused_versions), (vec![1], 1));
    assert_eq!(
        schema(&seen).last_refusal.as_deref(),
        Some(
            "409: not BACKWARD compatible with version 1 of order-created-value: field currency: \
             READER_FIELD_MISSING_DEFAULT_VALUE: the reader needs it (string) and has no default, \
             the writer does not have it"
        )
    );
    at(&mut run, 12, level("FORWARD"));
    at(&mut run, 13, register(currency));
    at(&mut run, 14, deploy("checkout", 2, json!({"currency": "EUR"})));
    let end = see(&mut run, 90);
    assert_eq!(outcome(&end), (60, 0, 0, 60), "readers of version 1 pass over the new field");
    assert_eq!((schema(&end).versions, schema(&end).refused_versions), (vec![1, 2], 1));
}

/// The level is switched off and a field that payment needs is taken out.
fn without_amount(run: &mut Timeline) {
    let less = json!({"type": "record", "name": "Order", "fields": [
        {"name": "order_id", "type": "string"},
        {"name": "country", "type": "string"},
    ]});
    at(run, 10, level("NONE"));
    at(run, 11, register(less));
    at(run, 20, deploy("checkout", 2, json!({})));
}

#[test]
fn a_reader_fails_with_the_field_named_when_a_change_breaks_it() {
    let mut run = orders();
    without_amount(&mut run);
    at(&mut run, 30, deploy("checkout", 1, json!({})));
    let end = see(&mut run, 90);
    let (good, refused, lost, records) = outcome(&end);
    assert_eq!((good + lost, refused, records), (60, 0, 60), "the log takes them all");
    assert!((5..=15).contains(&lost), "{lost} of ten seconds");
    assert_eq!(figures(&end, "payment").failed, lost);
    let finding = run.world().ledger().findings().last().expect("there is one").clone();
    assert!(
        finding.text.contains("payment cannot read the message: field amount_cents: it was not"),
        "{}",
        finding.text
    );
}

#[test]
fn undo_takes_a_deployment_back() {
    let mut run = orders();
    without_amount(&mut run);
    let broken = see(&mut run, 60);
    assert!(broken.ledger.lost > 0);
    run.undo();
    let mended = run.world().observe();
    assert_eq!((mended.now_ms, mended.ledger.lost), (broken.now_ms, 0));
    assert_eq!(schema(&mended).versions, [1, 2], "registered, not deployed");
    run.undo();
    assert_eq!(schema(&run.world().observe()).versions, [1]);
    run.redo();
    run.redo();
    assert_eq!(run.world().observe(), broken);
    let hash = run.world().trace().hash();
    run.seek(Instant::from_secs(5));
    run.seek(Instant::from_secs(60));
    assert_eq!(run.world().trace().hash(), hash);
}

#[test]
fn what_an_outbox_holds_waits_for_a_schema_that_it_fits() {
    let mut document = shop(json!({"avro": order(&[])}));
    document["services"][0]["database"] =
        json!({"publishes": {"outbox": {"relay_every_ms": 1000}}});
    document["arrivals"]["limit"] = json!(3);
    let mut run = run(&document);
    at(&mut run, 1, level("NONE"));
    at(&mut run, 1, register(order(&[json!({"name": "receipt", "type": "string"})])));
    at(&mut run, 1, deploy("checkout", 2, json!({})));
    let held = see(&mut run, 20);
    let outbox = |seen: &Observation| {
        figures(seen, "checkout").database.as_ref().expect("it has one").outbox
    };
    assert!(outbox(&held) > 0 && schema(&held).refused_records > outbox(&held));
    at(&mut run, 20, deploy("checkout", 2, json!({"receipt": "r-1"})));
    let end = see(&mut run, 40);
    assert_eq!((outbox(&end), topic(&end, "order-created").records), (0, 3));
}

#[test]
fn nonsense_is_refused_where_it_stands() {
    let wrong = |schema: Value| refusal(&shop(schema));
    assert!(wrong(json!({"avro": "text"})).contains("topics[0].schema.avro: 42201"));
    assert!(
        wrong(json!({"avro": "int", "compatibility": "SOME"}))
            .contains("topics[0].schema.compatibility: 42203")
    );
    let mut built = shop(json!({"avro": order(&[])}));
    built["services"][0]["schemas"] = json!([{"topic": "order-created", "version": 2}]);
    assert!(refusal(&built).contains("services[0].schemas: 40402"));
    built["services"][0]["schemas"] = json!([{"topic": "elsewhere", "version": 1}]);
    assert!(refusal(&built).contains("services[0].schemas: checkout neither reads"));
    let mut letters = shop(json!({"avro": order(&[])}));
    letters["topics"]
        .as_array_mut()
        .expect("it is a list")
        .push(json!({"name": "letters", "partitions": 1, "schema": {"avro": "int"}}));
    letters["services"][1]["input"]["topic"]["gives_up"] = json!({"dead_letter_topic": "letters"});
    assert!(refusal(&letters).contains("letters takes what cannot be read"));

    let run = orders();
    let refused = |command: Value| {
        let command = ackademy::json::from_value(&command).expect("it is a command");
        run.world().check(&command).expect_err("it makes no sense").message
    };
    assert!(refused(register(json!("text"))).contains("42201"));
    assert!(refused(level("SOME")).contains("42203"));
    assert!(refused(deploy("payment", 2, json!({}))).contains("40402"));
}
