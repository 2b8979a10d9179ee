//! What the registry answers, case by case. The judge over drawn schemas is in `tests/properties`.

use serde_json::{Value, json};

use super::{Level, Registry, Schema};

fn record(fields: Value) -> Value {
    json!({"type": "record", "name": "Order", "namespace": "shop", "fields": fields})
}

fn orders() -> Value {
    record(json!([
        {"name": "order_id", "type": "string"},
        {"name": "amount_cents", "type": "long"},
    ]))
}

/// What a reader with a schema says of what a writer may write; nothing if it understands all.
fn clash(reader: Value, writer: Value) -> String {
    let (reader, writer) = (Schema::parse(&reader).unwrap(), Schema::parse(&writer).unwrap());
    Level::Backward.check(&reader, &writer).map_or_else(|misfit| misfit.to_string(), |()| "".into())
}

#[track_caller]
fn fits(reader: Value, writer: Value) {
    assert_eq!(clash(reader, writer), "");
}

#[track_caller]
fn clashes(reader: Value, writer: Value, part: &str) {
    let clash = clash(reader, writer);
    assert!(clash.contains(part), "{clash:?} does not say {part:?}");
}

#[track_caller]
fn is_invalid(document: Value, part: &str) {
    let refusal = Registry::default().register("s", &document).unwrap_err();
    assert_eq!(refusal.code, 42201);
    assert!(refusal.message.contains(part), "{} does not say {part:?}", refusal.message);
}

#[test]
fn the_same_schema_has_one_id_in_all_subjects() {
    let mut registry = Registry::default();
    assert_eq!(registry.register("orders-value", &orders()), Ok(1));
    assert_eq!(registry.register("orders-value", &orders()), Ok(1));
    assert_eq!(registry.register("other-value", &json!("string")), Ok(2));
    assert_eq!(registry.register("other-value", &json!("bytes")), Ok(3));
    assert_eq!(registry.register("third-value", &orders()), Ok(1));
    assert_eq!(registry.versions("orders-value"), [1]);
    assert_eq!(registry.versions("other-value"), [2, 3]);
    assert_eq!(registry.id_of("other-value", 2), Ok(3));
}

#[test]
fn refusals_have_the_codes_of_the_interface() {
    let mut registry = Registry::default();
    let code = |refusal: super::Refusal| refusal.code;
    assert_eq!(registry.register("s", &json!("text")).map_err(code), Err(42201));
    assert_eq!(registry.id_of("s", 1).map_err(code), Err(40401));
    registry.register("s", &json!("int")).unwrap();
    assert_eq!(registry.id_of("s", 2).map_err(code), Err(40402));
    assert_eq!(registry.id_of("s", 0).map_err(code), Err(40402));
    assert_eq!(registry.schema(9).map(|_| ()).map_err(code), Err(40403));
    assert_eq!(registry.set_level(Some("s"), "SIDEWAYS").map_err(code), Err(42203));
    assert_eq!(registry.register("s", &json!("string")).map_err(code), Err(409));
    assert_eq!(registry.check_compatibility("s", &json!("string")).map_err(code), Err(409));
    assert_eq!(registry.check_compatibility("s", &json!("long")), Ok(()));
    assert_eq!(registry.versions("s"), [1], "a check registers nothing");
}

#[test]
fn a_refusal_names_the_version_the_field_and_both_types() {
    let mut registry = Registry::default();
    registry.register("orders-value", &orders()).unwrap();
    let texts = record(json!([
        {"name": "order_id", "type": "string"},
        {"name": "amount_cents", "type": "string"},
    ]));
    let refusal = registry.register("orders-value", &texts).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "409: not BACKWARD compatible with version 1 of orders-value: field amount_cents: \
         TYPE_MISMATCH: the types differ: the reader's is string, the writer's long"
    );
}

/// A new field, with or without a default, and one that is gone, at each level.
#[test]
fn levels_decide_which_change_may_be_registered() {
    let plus = |default: Option<Value>| {
        let mut schema = orders();
        let mut field = json!({"name": "currency", "type": "string"});
        if let Some(default) = default {
            field["default"] = default;
        }
        schema["fields"].as_array_mut().unwrap().push(field);
        schema
    };
    let less = record(json!([{"name": "order_id", "type": "string"}]));
    let allowed = |level: &str, schema: &Value| {
        let mut registry = Registry::default();
        registry.set_level(Some("s"), level).unwrap();
        registry.register("s", &orders()).unwrap();
        registry.register("s", schema).is_ok()
    };
    let table = [
        ("BACKWARD", [true, false, true]),
        ("FORWARD", [true, true, false]),
        ("FULL", [true, false, false]),
        ("NONE", [true, true, true]),
    ];
    for (level, expected) in table {
        let answers = [
            allowed(level, &plus(Some(json!("EUR")))),
            allowed(level, &plus(None)),
            allowed(level, &less),
        ];
        assert_eq!(answers, expected, "{level}: a default, no default, a field less");
        if level != "NONE" {
            let transitive = format!("{level}_TRANSITIVE");
            assert_eq!(allowed(&transitive, &less), expected[2], "{transitive}");
        }
    }
}

/// Version 2 gives a field a default that version 1 lacks, and version 3 leaves the field to it.
#[test]
fn only_transitive_levels_look_behind_the_last_version() {
    let field = |default: bool| {
        let plain = json!({"name": "a", "type": "int"});
        let preset = json!({"name": "a", "type": "int", "default": 0});
        record(json!([if default { preset } else { plain }]))
    };
    for (level, code) in [("FORWARD", None), ("FORWARD_TRANSITIVE", Some(409))] {
        let mut registry = Registry::default();
        registry.set_level(None, level).unwrap();
        registry.register("s", &field(false)).unwrap();
        registry.register("s", &field(true)).unwrap();
        let third = registry.register("s", &record(json!([])));
        assert_eq!(third.err().map(|refusal| refusal.code), code, "{level}");
    }
}

#[test]
fn a_subject_has_a_level_of_its_own_or_that_of_all() {
    let mut registry = Registry::default();
    assert_eq!(registry.level("s"), Level::Backward);
    registry.set_level(None, "FULL").unwrap();
    registry.set_level(Some("s"), "NONE").unwrap();
    assert_eq!(registry.level("s"), Level::None);
    assert_eq!(registry.level("t"), Level::Full);
    assert!(registry.versions("s").is_empty());
}

#[test]
fn numbers_are_promoted_and_texts_are_bytes() {
    let order = ["int", "long", "float", "double"];
    for (writer, written) in order.iter().enumerate() {
        for (reader, read) in order.iter().enumerate() {
            let clash = clash(json!(read), json!(written));
            assert_eq!(clash.is_empty(), reader >= writer, "{read} from {written}: {clash}");
        }
    }
    fits(json!("string"), json!("bytes"));
    fits(json!("bytes"), json!("string"));
    clashes(json!("int"), json!("string"), "TYPE_MISMATCH");
    clashes(json!("boolean"), json!("null"), "TYPE_MISMATCH");
}

#[test]
fn a_reader_of_a_union_needs_every_branch() {
    fits(json!(["null", "string"]), json!("string"));
    fits(json!(["string", "null"]), json!(["null", "string"]));
    fits(json!("double"), json!(["int", "long"]));
    clashes(json!("string"), json!(["null", "string"]), "TYPE_MISMATCH");
    clashes(json!(["null", "int"]), json!(["null", "string"]), "MISSING_UNION_BRANCH");
    clashes(json!([]), json!("int"), "MISSING_UNION_BRANCH");
}

#[test]
fn symbols_sizes_and_names_are_compared() {
    let sizes = |symbols: Value| json!({"type": "enum", "name": "Size", "symbols": symbols});
    fits(sizes(json!(["S", "M"])), sizes(json!(["S"])));
    clashes(sizes(json!(["S"])), sizes(json!(["S", "M"])), "no symbol M");
    let mut preset = sizes(json!(["S"]));
    preset["default"] = json!("S");
    fits(preset, sizes(json!(["S", "M"])));
    let fixed = |name: &str, size: u32| json!({"type": "fixed", "name": name, "size": size});
    fits(fixed("a.Hash", 4), fixed("b.Hash", 4));
    clashes(fixed("Hash", 4), fixed("Hash", 8), "FIXED_SIZE_MISMATCH");
    clashes(fixed("Sum", 4), fixed("Hash", 4), "NAME_MISMATCH");
    let mut renamed = fixed("x.Sum", 4);
    renamed["aliases"] = json!(["Hash"]);
    fits(renamed.clone(), fixed("x.Hash", 4));
    clashes(renamed, fixed("y.Hash", 4), "NAME_MISMATCH");
}

#[test]
fn the_first_place_that_does_not_fit_is_named() {
    let lines = |price: &str| {
        record(json!([{"name": "lines", "type": {"type": "array", "items": {
            "type": "record", "name": "Line", "fields": [
                {"name": "sku", "type": "string"},
                {"name": "price", "type": ["null", {"type": "map", "values": price}]},
            ],
        }}}]))
    };
    clashes(lines("int"), lines("string"), "field lines[].price{}: TYPE_MISMATCH");
    let schema = Schema::parse(&lines("int")).unwrap();
    let misfit = schema.encode(&json!({"lines": [
        {"sku": "a", "price": null},
        {"sku": "b", "price": {"net": "much"}},
    ]}));
    assert_eq!(misfit.unwrap_err().to_string(), "field lines[1].price.net: \"much\" is no int");
}

#[test]
fn types_can_be_parts_of_themselves() {
    let list = |of: &str| {
        record(json!([
            {"name": "head", "type": of},
            {"name": "tail", "type": ["null", "Order"], "default": null},
        ]))
    };
    fits(list("long"), list("int"));
    clashes(list("int"), list("long"), "field head: TYPE_MISMATCH");
    let (reader, writer) = (Schema::parse(&list("double")).unwrap(), Schema::parse(&list("int")));
    let writer = writer.unwrap();
    let bytes = writer.encode(&json!({"head": 1, "tail": {"head": 2}})).unwrap();
    assert_eq!(bytes, [2, 2, 4, 0]);
    let read = reader.decode(&writer, &bytes).unwrap();
    assert_eq!(read, json!({"head": 1.0, "tail": {"head": 2.0, "tail": null}}));
    let endless = record(json!([{"name": "next", "type": "Order", "default": {}}]));
    is_invalid(endless, "nested");
}

#[test]
fn documents_that_are_no_schema_are_refused() {
    is_invalid(json!(7), "7 is no schema");
    is_invalid(json!("integer"), "there is no type 'integer'");
    is_invalid(json!({"name": "A"}), "needs a type");
    is_invalid(json!({"type": "array"}), "items is missing");
    is_invalid(json!({"type": "record", "name": "9", "fields": []}), "'9' is no name");
    is_invalid(json!({"type": "record", "name": "int", "fields": []}), "'int' is taken");
    is_invalid(json!({"type": "fixed", "name": "F", "size": -1}), "size is a number");
    is_invalid(json!({"type": "enum", "name": "E", "symbols": ["A", "A"]}), "symbols are");
    is_invalid(
        json!({"type": "enum", "name": "E", "symbols": ["A"], "default": "B"}),
        "'B' is not among the symbols",
    );
    is_invalid(json!(["int", "int"]), "a union holds int twice");
    is_invalid(json!(["int", ["null"]]), "a union holds no other union");
    is_invalid(record(json!([{"name": "a", "type": "x"}])), "field a: there is no type 'shop.x'");
    is_invalid(
        record(json!([{"name": "a", "type": "int", "default": "0"}])),
        "field a: the default",
    );
    is_invalid(
        record(json!([{"name": "a", "type": "int"}, {"name": "a", "type": "int"}])),
        "there are two fields 'a'",
    );
}

#[test]
fn names_are_found_in_their_namespaces() {
    let of = |name: &str| {
        Schema::parse(&json!([
            {"type": "fixed", "name": "a.b.F", "size": 1},
            {"type": "record", "name": "R", "namespace": "a.b", "fields": [
                {"name": "f", "type": name},
            ]},
        ]))
        .is_ok()
    };
    assert!(of("F"), "in the namespace of the record");
    assert!(of("a.b.F"));
    assert!(!of("b.F"));
}

#[test]
fn a_record_is_sent_with_the_id_of_its_schema() {
    let mut registry = Registry::default();
    registry.register("other", &json!("int")).unwrap();
    let id = registry.register("orders-value", &orders()).unwrap();
    let order = json!({"order_id": "o-1", "amount_cents": -65, "note": "not in the schema"});
    let bytes = registry.encode(id, &order).unwrap();
    assert_eq!(bytes, [0, 0, 0, 0, 2, 6, b'o', b'-', b'1', 0x81, 1]);
    let read = json!({"order_id": "o-1", "amount_cents": -65});
    assert_eq!(registry.decode(&bytes, None), Ok(read));
}

#[test]
fn a_document_that_does_not_fit_is_refused_with_its_field() {
    let schema = Schema::parse(&orders()).unwrap();
    let misfit = |document: Value| schema.encode(&document).unwrap_err().to_string();
    assert_eq!(
        misfit(json!({"order_id": "o-1", "amount_cents": "twelve"})),
        "field amount_cents: \"twelve\" is no long"
    );
    assert_eq!(
        misfit(json!({"order_id": "o-1"})),
        "field amount_cents: it is missing (long) and has no default"
    );
    assert_eq!(misfit(json!("text")), "\"text\" is no record shop.Order");
}

#[test]
fn a_reader_fills_in_what_was_not_written_and_skips_what_it_does_not_know() {
    let written = record(json!([
        {"name": "skipped", "type": {"type": "array", "items": "string"}},
        {"name": "total", "type": "int"},
    ]));
    let known = record(json!([
        {"name": "amount", "type": "double", "aliases": ["total"]},
        {"name": "currency", "type": "string", "default": "EUR"},
    ]));
    let (writer, reader) = (Schema::parse(&written).unwrap(), Schema::parse(&known).unwrap());
    let bytes = writer.encode(&json!({"skipped": ["a", "b"], "total": 7})).unwrap();
    assert_eq!(reader.decode(&writer, &bytes), Ok(json!({"amount": 7.0, "currency": "EUR"})));
    let misfit = writer.decode(&reader, &reader.encode(&json!({"amount": 7})).unwrap());
    assert!(misfit.unwrap_err().to_string().starts_with("field skipped: it was not written"));
}

#[test]
fn bytes_that_are_no_record_are_refused() {
    let mut registry = Registry::default();
    let id = registry.register("s", &json!({"type": "array", "items": "null"})).unwrap();
    let misfit = |bytes: &[u8]| registry.decode(bytes, Some(id)).unwrap_err().to_string();
    assert!(misfit(b"{\"order_id\"").contains("no schema id"));
    assert!(misfit(&[0, 0, 0]).contains("no schema id"));
    assert!(misfit(&[0, 0, 0, 0, 9, 0]).contains("40403"));
    assert!(misfit(&[0, 0, 0, 0, 1]).contains("ends too early"));
    assert!(misfit(&[0, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0xff, 0xff, 1]).contains("more items"));
    assert!(
        misfit(&[0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
            .contains("64 bits")
    );
}
