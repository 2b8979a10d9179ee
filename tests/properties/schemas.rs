//! The schema registry against the Avro library of the Apache project, over drawn schemas, changes
//! of them, and data.

use ackademy::engine::schema::{Registry, Schema};
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};
use apache_avro::types::Value as Datum;
use apache_avro::writer::datum::GenericDatumWriter;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::for_all;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const SYMBOLS: [&str; 4] = ["RED", "GREEN", "BLUE", "GREY"];
const PLAIN: [&str; 8] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

/// A schema as it is drawn. Named types are called by where they are, so that two versions of a
/// schema have the same names at the same places.
#[derive(Clone, Debug)]
enum Drawn {
    Plain(usize),
    Fixed {
        size: usize,
        renamed: bool,
    },
    Enum {
        symbols: usize,
        default: bool,
    },
    Array(Box<Drawn>),
    Map(Box<Drawn>),
    Union(Vec<Drawn>),
    Record(Vec<Option<Field>>),
    /// The record at the root once more, or null.
    Root,
}

#[derive(Clone, Debug)]
struct Field {
    of: Drawn,
    default: bool,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let leaf = prop_oneof![
        6 => (0..PLAIN.len()).prop_map(Drawn::Plain),
        1 => (1..4_usize).prop_map(|size| Drawn::Fixed { size, renamed: false }),
        1 => (1..4_usize, any::<bool>())
            .prop_map(|(symbols, default)| Drawn::Enum { symbols, default }),
        1 => Just(Drawn::Root),
    ];
    let inner = leaf.prop_recursive(3, 16, 4, |inner| {
        let field = (inner.clone(), any::<bool>()).prop_map(|(of, default)| Field { of, default });
        prop_oneof![
            1 => inner.clone().prop_map(|of| Drawn::Array(Box::new(of))),
            1 => inner.clone().prop_map(|of| Drawn::Map(Box::new(of))),
            2 => prop::collection::vec(inner, 1..4).prop_map(union),
            3 => prop::collection::vec(prop::option::of(field), 4).prop_map(Drawn::Record),
        ]
    });
    let field = (inner, any::<bool>()).prop_map(|(of, default)| Some(Field { of, default }));
    prop::collection::vec(field, 1..=4).prop_map(|mut fields| {
        fields.resize(4, None);
        Drawn::Record(fields)
    })
}

/// Branches of different kinds, none of them a union.
fn union(branches: Vec<Drawn>) -> Drawn {
    let mut kept: Vec<Drawn> = Vec::new();
    for branch in branches {
        let is_union = matches!(branch, Drawn::Union(_) | Drawn::Root);
        // One document can be a map and a record with defaults.
        let kind = |of: &Drawn| if of.kind() == "map" { "record" } else { of.kind() };
        if !is_union && kept.iter().all(|one| kind(one) != kind(&branch)) {
            kept.push(branch);
        }
    }
    if kept.is_empty() { Drawn::Plain(0) } else { Drawn::Union(kept) }
}

impl Drawn {
    fn kind(&self) -> &'static str {
        match self {
            Drawn::Plain(index) => PLAIN[*index],
            Drawn::Fixed { .. } => "fixed",
            Drawn::Enum { .. } => "enum",
            Drawn::Array(_) => "array",
            Drawn::Map(_) => "map",
            Drawn::Union(_) | Drawn::Root => "union",
            Drawn::Record(_) => "record",
        }
    }

    /// The document of the schema at a place.
    fn document(&self, at: &str) -> Value {
        let name =
            |renamed: bool| format!("the_{}{at}{}", self.kind(), if renamed { "_x" } else { "" });
        match self {
            Drawn::Plain(index) => json!(PLAIN[*index]),
            Drawn::Fixed { size, renamed } => {
                json!({"type": "fixed", "name": name(*renamed), "size": size})
            }
            Drawn::Enum { symbols, default } => {
                let mut document = json!({
                    "type": "enum", "name": name(false), "symbols": SYMBOLS[..*symbols],
                });
                if *default {
                    document["default"] = json!(SYMBOLS[0]);
                }
                document
            }
            Drawn::Array(of) => json!({"type": "array", "items": of.document(&format!("{at}_i"))}),
            Drawn::Map(of) => json!({"type": "map", "values": of.document(&format!("{at}_m"))}),
            Drawn::Union(branches) => branches.iter().map(|one| one.document(at)).collect(),
            Drawn::Root => json!(["null", "the_record"]),
            Drawn::Record(fields) => {
                let fields = named(fields).map(|(name, field)| {
                    let of = field.of.document(&format!("{at}_{name}"));
                    let mut document = json!({"name": name, "type": of});
                    if field.default {
                        document["default"] = field.of.datum(&mut Choices::none()).0;
                    }
                    document
                });
                let fields: Vec<Value> = fields.collect();
                json!({"type": "record", "name": name(false), "fields": fields})
            }
        }
    }

    /// A value of it as a document and as the library has it.
    fn datum(&self, choices: &mut Choices) -> (Value, Datum) {
        let choice = choices.next();
        if choice == 1 && !matches!(self, Drawn::Union(_) | Drawn::Root) {
            return choices.wrong_once();
        }
        let number = i64::from(choice) - 100;
        let real = f32::from(choice) / 4.0 - 10.0;
        let text = "text"[..usize::from(choice) % 5].to_owned();
        match self {
            Drawn::Plain(0) => (Value::Null, Datum::Null),
            Drawn::Plain(1) => (json!(choice > 100), Datum::Boolean(choice > 100)),
            Drawn::Plain(2) => (json!(number), Datum::Int(number as i32)),
            Drawn::Plain(3) => (json!(number), Datum::Long(number)),
            Drawn::Plain(4) => (json!(real), Datum::Float(real)),
            Drawn::Plain(5) => (json!(real), Datum::Double(real.into())),
            Drawn::Plain(6) => (json!(text), Datum::Bytes(text.into_bytes())),
            Drawn::Plain(_) => (json!(text), Datum::String(text)),
            Drawn::Fixed { size, .. } => {
                let text = "text"[..*size].to_owned();
                (json!(text), Datum::Fixed(*size, text.into_bytes()))
            }
            Drawn::Enum { symbols, .. } => {
                let index = usize::from(choice) % symbols;
                (json!(SYMBOLS[index]), Datum::Enum(index as u32, SYMBOLS[index].to_owned()))
            }
            Drawn::Array(of) => {
                let items = (0..choice % 4).map(|_| of.datum(choices));
                let (documents, data): (Vec<Value>, Vec<Datum>) = items.unzip();
                (Value::Array(documents), Datum::Array(data))
            }
            Drawn::Map(of) => {
                let items = NAMES.iter().take(usize::from(choice) % 4);
                let items: Vec<_> = items.map(|name| (*name, of.datum(choices))).collect();
                let documents: Map<_, _> =
                    items.iter().map(|(name, (it, _))| (name.to_string(), it.clone())).collect();
                let data = items.into_iter().map(|(name, (_, it))| (name.to_owned(), it));
                (Value::Object(documents), Datum::Map(data.collect()))
            }
            Drawn::Union(branches) => {
                let index = usize::from(choice) % branches.len();
                let (document, datum) = branches[index].datum(choices);
                (document, Datum::Union(index as u32, Box::new(datum)))
            }
            Drawn::Root => (Value::Null, Datum::Union(0, Box::new(Datum::Null))),
            Drawn::Record(fields) => {
                let items: Vec<_> =
                    named(fields).map(|(name, field)| (name, field.of.datum(choices))).collect();
                let documents: Map<_, _> =
                    items.iter().map(|(name, (it, _))| (name.to_string(), it.clone())).collect();
                let data = items.into_iter().map(|(name, (_, it))| (name.to_owned(), it));
                (Value::Object(documents), Datum::Record(data.collect()))
            }
        }
    }

    /// Another version of it.
    fn changed(&self, choices: &mut Choices) -> Drawn {
        let choice = usize::from(choices.next());
        let wrapped = |of: &Drawn| union(vec![Drawn::Plain(0), of.clone()]);
        match self {
            Drawn::Union(branches) if choice % 8 == 0 => branches[branches.len() - 1].clone(),
            Drawn::Union(branches) => {
                union(branches.iter().map(|branch| branch.changed(choices)).collect())
            }
            Drawn::Root => Drawn::Root,
            of if choice % 8 == 0 => wrapped(of),
            Drawn::Plain(index @ 2..=4) if choice % 8 < 3 => Drawn::Plain(index + 1),
            Drawn::Plain(5) if choice % 8 == 1 => Drawn::Plain(4),
            Drawn::Plain(6) if choice % 8 < 3 => Drawn::Plain(7),
            Drawn::Plain(7) if choice % 8 < 3 => Drawn::Plain(6),
            Drawn::Plain(_) => self.clone(),
            Drawn::Fixed { size, .. } if choice % 8 == 1 => {
                Drawn::Fixed { size: size % 3 + 1, renamed: false }
            }
            Drawn::Fixed { size, .. } => Drawn::Fixed { size: *size, renamed: choice % 8 == 2 },
            Drawn::Enum { symbols, default } => match choice % 8 {
                1 => Drawn::Enum { symbols: symbols % 4 + 1, default: *default },
                2 => Drawn::Enum { symbols: *symbols, default: !default },
                _ => self.clone(),
            },
            Drawn::Array(of) => Drawn::Array(Box::new(of.changed(choices))),
            Drawn::Map(of) => Drawn::Map(Box::new(of.changed(choices))),
            Drawn::Record(fields) => {
                let changed = fields.iter().map(|field| match (field, choices.next() % 8) {
                    (Some(_), 0) => None,
                    (Some(field), 1) => Some(Field { default: !field.default, ..field.clone() }),
                    (Some(field), _) => {
                        Some(Field { of: field.of.changed(choices), default: field.default })
                    }
                    (None, 0) => Some(Field { of: Drawn::Plain(3), default: choice % 3 > 0 }),
                    (None, _) => None,
                });
                Drawn::Record(changed.collect())
            }
        }
    }

    /// True if the library may read a text as a symbol: it looks for a branch of the reader's union
    /// that takes the value, and an enum with a default takes any text. The specification looks
    /// for one that matches the writer's type: "the first schema in the reader's union that matches
    /// the selected writer's union schema".
    fn is_chosen_by_value(&self) -> bool {
        match self {
            Drawn::Plain(_) | Drawn::Fixed { .. } | Drawn::Enum { .. } | Drawn::Root => false,
            Drawn::Array(of) | Drawn::Map(of) => of.is_chosen_by_value(),
            Drawn::Union(branches) => {
                let is_enum = |branch: &Drawn| matches!(branch, Drawn::Enum { .. });
                branches.iter().any(|one| is_enum(one) || one.is_chosen_by_value())
            }
            Drawn::Record(fields) => named(fields).any(|(_, field)| field.of.is_chosen_by_value()),
        }
    }

    fn library(&self) -> apache_avro::Schema {
        let document = self.document("");
        apache_avro::Schema::parse(&document).unwrap_or_else(|error| panic!("{document}: {error}"))
    }

    fn ours(&self) -> Schema {
        let document = self.document("");
        Schema::parse(&document).unwrap_or_else(|misfit| panic!("{document}: {misfit}"))
    }
}

fn named(fields: &[Option<Field>]) -> impl Iterator<Item = (&'static str, &Field)> {
    NAMES.into_iter().zip(fields).filter_map(|(name, field)| Some((name, field.as_ref()?)))
}

/// Bytes that decide; when they are used up, nothing special happens any more.
struct Choices {
    left: std::vec::IntoIter<u8>,
    may_be_wrong: bool,
}

impl Choices {
    fn none() -> Choices {
        Choices { left: Vec::new().into_iter(), may_be_wrong: false }
    }

    fn of(bytes: Vec<u8>, may_be_wrong: bool) -> Choices {
        let bytes: Vec<u8> = bytes
            .into_iter()
            .map(|byte| if byte == 1 && !may_be_wrong { 2 } else { byte })
            .collect();
        Choices { left: bytes.into_iter(), may_be_wrong }
    }

    fn next(&mut self) -> u8 {
        self.left.next().unwrap_or(100)
    }

    /// A value that is of no type but boolean.
    fn wrong_once(&self) -> (Value, Datum) {
        assert!(self.may_be_wrong);
        (json!(true), Datum::Boolean(true))
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..24)
}

/// What the library has, as our documents write it.
fn plain(datum: Datum) -> Value {
    let text = |bytes: Vec<u8>| Value::String(bytes.into_iter().map(char::from).collect());
    match datum {
        Datum::Bytes(bytes) | Datum::Fixed(_, bytes) => text(bytes),
        Datum::Union(_, inner) => plain(*inner),
        Datum::Array(items) => items.into_iter().map(plain).collect(),
        Datum::Map(items) => {
            Value::Object(items.into_iter().map(|(name, it)| (name, plain(it))).collect())
        }
        Datum::Record(items) => {
            Value::Object(items.into_iter().map(|(name, it)| (name, plain(it))).collect())
        }
        other => Value::try_from(other).expect("there is JSON for it"),
    }
}

/// The same without saying which branch of a union a value is of, as in our documents.
fn bare(datum: Datum) -> Datum {
    match datum {
        Datum::Union(_, inner) => bare(*inner),
        Datum::Array(items) => Datum::Array(items.into_iter().map(bare).collect()),
        Datum::Map(items) => {
            Datum::Map(items.into_iter().map(|(name, it)| (name, bare(it))).collect())
        }
        Datum::Record(items) => {
            Datum::Record(items.into_iter().map(|(name, it)| (name, bare(it))).collect())
        }
        other => other,
    }
}

/// The same with all numbers as floats: 1 and 1.0 are one number in JSON.
fn numbers(document: &Value) -> Value {
    match document {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(numbers).collect(),
        Value::Object(items) => {
            Value::Object(items.iter().map(|(name, it)| (name.clone(), numbers(it))).collect())
        }
        other => other.clone(),
    }
}

fn written(schema: &apache_avro::Schema, datum: Datum) -> Vec<u8> {
    let writer = GenericDatumWriter::builder(schema).build().expect("it is whole");
    writer.write_value_to_vec(datum).expect("it fits")
}

fn read(
    writer: &apache_avro::Schema,
    mut bytes: &[u8],
    reader: &apache_avro::Schema,
) -> Result<Datum, apache_avro::Error> {
    GenericDatumReader::builder(writer).reader_schema(reader).build()?.read_value(&mut bytes)
}

/// Whether a version may follow another one in our registry, with readers upgraded first.
fn may_follow(reader: &Drawn, writer: &Drawn) -> bool {
    let mut registry = Registry::default();
    registry.register("s", &writer.document("")).expect("it is a schema");
    registry.check_compatibility("s", &reader.document("")).is_ok()
}

fn library_reads(reader: &Drawn, writer: &Drawn) -> bool {
    let verdict = SchemaCompatibility::can_read(&writer.library(), &reader.library());
    // What the library calls partial fails for some of the data: a symbol or a branch is missing.
    // The registry lets nothing through that can fail.
    verdict == Ok(Compatibility::Full)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, theirs: T) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("{what}: {ours:?}, the library: {theirs:?}")) }
}

#[test]
fn compatibility_is_what_the_library_says() {
    let versions = (drawn(), bytes()).prop_map(|(one, bytes)| {
        let other = one.changed(&mut Choices::of(bytes, true));
        (one, other)
    });
    for_all(6_000, versions, |(one, other)| {
        for (reader, writer) in [(&one, &other), (&other, &one)] {
            let pair = format!("{} reads {}", reader.document(""), writer.document(""));
            same(&pair, may_follow(reader, writer), library_reads(reader, writer))?;
        }
        Ok(())
    });
}

#[test]
fn unlike_schemas_are_as_incompatible_as_the_library_says() {
    for_all(3_000, (drawn(), drawn()), |(reader, writer)| {
        let pair = format!("{} reads {}", reader.document(""), writer.document(""));
        same(&pair, may_follow(&reader, &writer), library_reads(&reader, &writer))
    });
}

#[test]
fn data_fit_where_the_library_says() {
    for_all(6_000, (drawn(), bytes()), |(schema, bytes)| {
        let (document, datum) = schema.datum(&mut Choices::of(bytes, true));
        let what = format!("{document} as {}", schema.document(""));
        let fits = schema.ours().encode(&document).is_ok();
        same(&what, fits, bare(datum).validate(&schema.library()))
    });
}

#[test]
fn bytes_are_those_of_the_library() {
    for_all(6_000, (drawn(), bytes()), |(schema, bytes)| {
        let (document, datum) = schema.datum(&mut Choices::of(bytes, false));
        let library = schema.library();
        let what = format!("{document} as {}", schema.document(""));
        let ours = schema.ours().encode(&document).map_err(|misfit| format!("{what}: {misfit}"))?;
        let read = read(&library, &ours, &library);
        let read = read.map_err(|error| format!("{what}: {error}"))?;
        same(&what, numbers(&document), numbers(&plain(read)))?;
        let theirs = written(&library, datum);
        let back = schema.ours().decode(&schema.ours(), &theirs);
        let back = back.map_err(|misfit| format!("{what}: {misfit}"))?;
        same(&what, numbers(&back), numbers(&document))?;
        if schema.document("").to_string().contains('[') {
            // A value of a union belongs to the first branch that it fits; the one that was drawn
            // can be a later one.
            return Ok(());
        }
        same(&what, ours, theirs)
    });
}

#[test]
fn readers_see_what_the_library_sees() {
    let drawn = (drawn(), bytes(), bytes());
    for_all(6_000, drawn, |(writer, changes, bytes)| {
        let reader = writer.changed(&mut Choices::of(changes, true));
        if reader.is_chosen_by_value() {
            return Ok(());
        }
        if !may_follow(&reader, &writer) {
            return Ok(());
        }
        let (document, _) = writer.datum(&mut Choices::of(bytes, false));
        let what = format!("{document} of {} as {}", writer.document(""), reader.document(""));
        let sent = writer.ours().encode(&document).map_err(|misfit| format!("{what}: {misfit}"))?;
        let ours = reader.ours().decode(&writer.ours(), &sent);
        let ours = ours.map_err(|misfit| format!("{what}: {misfit}"))?;
        let (from, to) = (writer.library(), reader.library());
        let theirs = read(&from, &sent, &to);
        let theirs = theirs.map_err(|error| format!("{what}: {error}"))?;
        same(&what, numbers(&ours), numbers(&plain(theirs)))
    });
}

/// Documents with one part taken out or replaced, which are mostly no schemas any more.
#[test]
fn documents_are_schemas_where_the_library_says() {
    for_all(6_000, (drawn(), bytes()), |(schema, bytes)| {
        let mut document = schema.document("");
        spoil(&mut document, &mut Choices::of(bytes, true));
        if is_read_leniently(&document) {
            return Ok(());
        }
        let theirs = apache_avro::Schema::parse(&document);
        let ours = Schema::parse(&document).map(|_| ()).map_err(|misfit| misfit.to_string());
        let verdicts = (ours.is_ok(), theirs.is_ok());
        if verdicts.0 == verdicts.1 {
            return Ok(());
        }
        Err(format!("{document}: {ours:?}, the library: {:?}", theirs.map(|_| ())))
    });
}

/// True for documents that the library takes, or passes over a part of, although the specification
/// does not allow them.
fn is_read_leniently(document: &Value) -> bool {
    match document {
        Value::Object(parts) => {
            let fields = parts.get("fields").and_then(Value::as_array);
            // "fields: a JSON array, listing fields. Each field is a JSON object."
            fields.is_some_and(|fields| fields.iter().any(|field| !field.is_object()))
                // "Primitive type names have no namespace and their names may not be defined in any
                // namespace."
                || parts.get("name").is_some_and(|name| PLAIN.iter().any(|plain| name == plain))
                // A default is of its field's type; the library takes any text for a fixed type, and
                // for an enum that has a default symbol.
                || parts.contains_key("default") && parts.get("type").is_some_and(takes_texts)
                || parts.values().any(is_read_leniently)
        }
        Value::Array(parts) => parts.iter().any(is_read_leniently),
        _ => false,
    }
}

fn takes_texts(document: &Value) -> bool {
    let text = document.to_string();
    ["\"fixed\"", "\"enum\""].iter().any(|kind| text.contains(kind))
}

/// Goes down to some part of a document and puts something else there.
fn spoil(document: &mut Value, choices: &mut Choices) {
    let choice = usize::from(choices.next());
    let others = [json!(7), json!("int"), json!("record"), json!("nowhere"), json!([]), json!({})];
    match document {
        Value::Object(parts) if choice % 4 > 0 => {
            let names: Vec<String> = parts.keys().cloned().collect();
            if let Some(name) = names.get(choice / 4 % names.len().max(1)) {
                if choice % 4 == 1 {
                    parts.remove(name);
                } else if let Some(part) = parts.get_mut(name) {
                    spoil(part, choices);
                }
            }
        }
        Value::Array(parts) if choice % 4 > 0 && !parts.is_empty() => {
            let index = choice / 4 % parts.len();
            if choice % 4 == 1 {
                parts.push(parts[index].clone());
            } else {
                spoil(&mut parts[index], choices);
            }
        }
        _ => *document = others[choice / 4 % others.len()].clone(),
    }
}
