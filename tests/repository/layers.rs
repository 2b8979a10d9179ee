//! The table of layers in `ARCHITECTURE.md`: who may name whom.

use crate::source::{self, Named, Token};
use crate::{File, assert_none, files};

/// Something that a layer may not name, and what to do instead.
struct Rule {
    /// A word (`HashMap`, anywhere in a path) or a path (`std::fs`, it and all below). A `~` at
    /// the end stands for any ending, a `$` for none: `std::time$` is the module and nothing
    /// in it. `1.0` is any number with a fraction.
    bans: &'static [&'static str],
    instead: &'static str,
}

const CLOCKS: Rule = Rule {
    // `Duration` is a length of time and no clock.
    bans: &[
        "std::time$",
        "std::time::*$",
        "std::time::Instant",
        "std::time::SystemTime",
        "std::time::UNIX_EPOCH",
        "chrono",
        "web_time",
    ],
    instead: "time is virtual: take `now` as an argument (engine::Instant)",
};
const CHANCE: Rule = Rule {
    bans: &["rand::~", "getrandom", "fastrand", "uuid", "RandomState"],
    instead: "only the simulation draws, from the seeded streams in simulation::random",
};
const FLOATS: Rule = Rule {
    bans: &["f32", "f64", "1.0"],
    instead: "floats differ between machines: count in integers (microseconds, per mille)",
};
const UNORDERED: Rule = Rule {
    bans: &["HashMap", "HashSet", "hash_map", "hash_set", "hashbrown"],
    instead: "its order differs from run to run: use LiteMap, engine::Set, BTreeMap or a Vec",
};
const OUTSIDE: Rule = Rule {
    bans: &["std::env", "std::fs", "std::net", "std::process", "std::thread"],
    instead: "this layer calls nobody: return a value and let the caller act on it",
};
const WEB: Rule = Rule {
    bans: &["yew~", "web_sys", "js_sys", "wasm_bindgen~", "gloo~"],
    instead: "the web begins in src/ui, above its model and scene: return plain values",
};
const RABBITMQ: Rule = Rule {
    bans: &["rabbitmq"],
    instead: "the engines do not know each other: join them in src/simulation",
};
const KAFKA: Rule = Rule { bans: &["kafka"], instead: RABBITMQ.instead };
const BROKERS: Rule = Rule { bans: &["kafka", "rabbitmq"], instead: RABBITMQ.instead };
const SIMULATION: Rule = Rule {
    bans: &["crate::simulation"],
    instead: "an engine knows no simulation: let the reply and effects say it",
};
const LESSONS: Rule = Rule {
    bans: &["crate::lessons"],
    instead: "lessons stand above: let them read the Observation",
};
const EXPORT: Rule =
    Rule { bans: &["crate::export"], instead: "the export reads this layer, not the reverse" };
const UI: Rule =
    Rule { bans: &["crate::ui"], instead: "the page stands above: return what it should show" };
const PANICKING_CLOCKS: Rule = Rule {
    bans: &["std::time::Instant", "std::time::SystemTime"],
    instead: "it panics in the browser: ask performance.now() through web_sys",
};

struct Layer {
    /// Paths that belong to it. The longest one that fits a file decides.
    owns: &'static [&'static str],
    rules: &'static [Rule],
}

const LAYERS: &[Layer] = &[
    Layer {
        owns: &["src/engine/kafka"],
        rules: &[
            RABBITMQ, CLOCKS, CHANCE, FLOATS, UNORDERED, OUTSIDE, SIMULATION, LESSONS, EXPORT, UI,
            WEB,
        ],
    },
    Layer {
        owns: &["src/engine/rabbitmq"],
        rules: &[
            KAFKA, CLOCKS, CHANCE, FLOATS, UNORDERED, OUTSIDE, SIMULATION, LESSONS, EXPORT, UI, WEB,
        ],
    },
    Layer {
        // Avro has float and double among its types, so the registry may name them.
        owns: &["src/engine/schema"],
        rules: &[BROKERS, CLOCKS, CHANCE, UNORDERED, OUTSIDE, SIMULATION, LESSONS, EXPORT, UI, WEB],
    },
    Layer {
        owns: &["src/engine"],
        rules: &[CLOCKS, CHANCE, FLOATS, UNORDERED, OUTSIDE, SIMULATION, LESSONS, EXPORT, UI, WEB],
    },
    Layer {
        owns: &["src/simulation", "src/scenarios", "src/json"],
        rules: &[CLOCKS, CHANCE, FLOATS, UNORDERED, OUTSIDE, LESSONS, EXPORT, UI, WEB],
    },
    Layer { owns: &["src/lessons"], rules: &[CLOCKS, CHANCE, FLOATS, UNORDERED, OUTSIDE, UI, WEB] },
    Layer { owns: &["src/export"], rules: &[CLOCKS, CHANCE, FLOATS, UNORDERED, OUTSIDE, UI, WEB] },
    Layer {
        // The runner: it reads files and prints, and is no page.
        owns: &["src/runner", "src/summary", "src/bin"],
        rules: &[CLOCKS, CHANCE, FLOATS, UNORDERED, UI, WEB],
    },
    Layer { owns: &["src/ui/model", "src/ui/scene"], rules: &[CLOCKS, CHANCE, OUTSIDE, WEB] },
    Layer { owns: &["src/ui", "src/lib.rs", "src/main.rs"], rules: &[PANICKING_CLOCKS] },
];

/// A file, a rule that does not hold in it, and why that does no harm.
const EXCEPTIONS: &[(&str, Rule, &str)] = &[
    (
        "src/engine/rabbitmq/value.rs",
        FLOATS,
        "AMQP has a double among its field values; it is carried, never computed with",
    ),
    (
        "src/json/parse.rs",
        FLOATS,
        "JSON has decimals, and schemas use them; multiplying and dividing give the same bits on \
         every machine",
    ),
    (
        "src/simulation/metrics.rs",
        FLOATS,
        "the histogram takes a quantile as a float; dividing and multiplying give the same bits \
         on every machine, unlike ln and exp",
    ),
];

fn layer_of(path: &str) -> Option<&'static Layer> {
    let owned = |prefix: &str| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
    };
    let longest = |layer: &Layer| layer.owns.iter().filter(|p| owned(p)).map(|p| p.len()).max();
    LAYERS.iter().filter(|layer| longest(layer).is_some()).max_by_key(|layer| longest(layer))
}

/// One line for each place where a file names what its layer may not.
fn violations(file: &File) -> Vec<String> {
    let Some(layer) = layer_of(&file.path) else {
        return vec![format!(
            "{}: belongs to no layer; add it to the table in ARCHITECTURE.md and to LAYERS",
            file.path
        )];
    };
    let tokens = source::tokens(&file.text);
    let names = source::names(&tokens, &source::module_of(&file.path));
    let mut found = Vec::new();
    for rule in layer.rules.iter().filter(|rule| !excepted(&file.path, rule)) {
        let mut report = |line: usize, what: &str| {
            found.push(format!("{}:{line}: `{what}`: {}", file.path, rule.instead));
        };
        let (banned, floats) = breaches(rule, &tokens, &names);
        banned.iter().for_each(|name| report(name.line, &name.segments.join("::")));
        floats.iter().for_each(|token| report(token.line, &token.text));
    }
    found
}

fn excepted(path: &str, rule: &Rule) -> bool {
    EXCEPTIONS.iter().any(|(file, except, _)| *file == path && except.bans == rule.bans)
}

/// The names and numbers in a file that break a rule.
fn breaches<'a>(
    rule: &Rule,
    tokens: &'a [Token],
    names: &'a [Named],
) -> (Vec<&'a Named>, Vec<&'a Token>) {
    let banned = |name: &&Named| rule.bans.iter().any(|ban| fits(name, ban));
    let float = |token: &&Token| rule.bans.contains(&"1.0") && token.is_float();
    (names.iter().filter(banned).collect(), tokens.iter().filter(float).collect())
}

fn fits(name: &Named, ban: &str) -> bool {
    let fits_word = |word: &str, ban: &str| match ban.strip_suffix('~') {
        Some(start) => word.starts_with(start),
        None => word == ban,
    };
    if let Some(whole) = ban.strip_suffix('$') {
        return name.segments.join("::") == whole;
    }
    if !ban.contains("::") {
        return name.segments.iter().any(|word| fits_word(word, ban));
    }
    let parts: Vec<&str> = ban.split("::").collect();
    name.segments.len() >= parts.len()
        && parts.iter().zip(&name.segments).all(|(part, word)| fits_word(word, part))
}

#[test]
fn each_layer_names_only_what_it_may() {
    let files = files();
    let sources = files.iter().filter(|file| file.is_rust() && file.path.starts_with("src/"));
    assert_none(sources.flat_map(violations).collect());
}

#[test]
fn each_exception_is_needed_and_has_a_reason() {
    let files = files();
    for (path, rule, why) in EXCEPTIONS {
        let file = files.iter().find(|file| file.path == *path);
        let tokens = source::tokens(&file.unwrap_or_else(|| panic!("there is no {path}")).text);
        let names = source::names(&tokens, &source::module_of(path));
        let (banned, floats) = breaches(rule, &tokens, &names);
        let needed = !banned.is_empty() || !floats.is_empty();
        assert!(needed && !why.is_empty(), "{path} keeps the rule now: take its exception out");
    }
}

/// Each planted line must be found in the file, and found once.
#[test]
fn the_checker_finds_planted_violations() {
    let planted = [
        ("src/engine/kafka/log.rs", "use std::time::Instant;"),
        ("src/engine/kafka/log.rs", "use std::{fmt, time::{SystemTime}};"),
        ("src/engine/kafka/log.rs", "use std::time;"),
        ("src/engine/kafka/log.rs", "use std::time::*;"),
        ("src/engine/kafka/log.rs", "use super::super::rabbitmq::Broker;"),
        ("src/engine/kafka/mod.rs", "fn f() { crate::engine::rabbitmq::f() }"),
        ("src/engine/rabbitmq/queue.rs", "use crate::engine::kafka;"),
        ("src/engine/rabbitmq/queue.rs", "use std::collections::{BTreeMap, HashMap};"),
        ("src/engine/rabbitmq/queue.rs", "fn f(x: f64) {}"),
        ("src/engine/rabbitmq/queue.rs", "const HALF: u8 = 0.5 as u8;"),
        ("src/engine/schema/mod.rs", "use super::kafka::Record;"),
        ("src/engine/time.rs", "use crate::simulation::World;"),
        ("src/engine/time.rs", "use rand::Rng;"),
        ("src/simulation/world/mod.rs", "use ackademy::lessons::Lesson;"),
        ("src/simulation/world/mod.rs", "use super::super::ui::App;"),
        ("src/simulation/random.rs", "fn f() { getrandom::fill(&mut []) }"),
        ("src/simulation/random.rs", "mod tests { use super::super::super::export::x; }"),
        ("src/lessons/goal.rs", "use crate::ui::model::Msg;"),
        ("src/lessons/goal.rs", "use std::fs;"),
        ("src/export/compose.rs", "use web_sys::window;"),
        ("src/runner.rs", "use crate::ui;"),
        ("src/ui/model/mod.rs", "use yew::prelude::*;"),
        ("src/ui/scene/layout.rs", "use gloo_timers::callback::Timeout;"),
        ("src/ui/model.rs", "#[wasm_bindgen] fn f() {}"),
        ("src/ui/app.rs", "fn f() { std::time::Instant::now(); }"),
        ("src/new_room/mod.rs", "fn f() {}"),
    ];
    for (path, text) in planted {
        let found = violations(&File::planted(path, text));
        assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
        assert!(found[0].starts_with(path), "{found:?}");
    }
}

#[test]
fn the_checker_leaves_the_rest_alone() {
    let allowed = [
        ("src/engine/kafka/log.rs", "use std::time::Duration;"),
        ("src/engine/rabbitmq/value.rs", "fn f() -> f64 { 1.5 }"),
        (
            "src/engine/kafka/log.rs",
            "// HashMap, f64, yew\nuse super::group::Group;\nuse crate::engine::Instant;",
        ),
        (
            "src/engine/kafka/log.rs",
            "const NAME: &str = \"rabbitmq\"; fn f(x: (u8, (u8, u8))) { x.1.0; }",
        ),
        ("src/engine/schema/avro.rs", "fn double(x: f64) {}"),
        ("src/simulation/world/mod.rs", "use crate::engine::{kafka, rabbitmq};"),
        ("src/lessons/goal.rs", "use crate::simulation::Observation;"),
        ("src/bin/ackademy-run.rs", "use std::fs; use ackademy::lessons;"),
        ("src/ui/scene/mod.rs", "fn f() -> f64 { 0.5 }"),
        ("src/ui/canvas.rs", "use std::collections::HashMap; use web_sys::Window; use yew::html;"),
    ];
    for (path, text) in allowed {
        assert_none(violations(&File::planted(path, text)));
    }
}
