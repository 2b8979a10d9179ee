//! What no file may contain. A rule is a function from a file to its problems.
//!
//! Forbidden words are put together from halves here, so that this file may be searched too.

use crate::{File, assert_none, files, source};

const LONGEST_FILE: usize = 600;
const LONGEST_FUNCTION: usize = 100;

fn everywhere(rule: fn(&File) -> Vec<String>) {
    assert_none(files().iter().flat_map(rule).collect());
}

#[track_caller]
fn finds(rule: fn(&File) -> Vec<String>, path: &str, text: &str) {
    let found = rule(&File::planted(path, text));
    assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
}

#[track_caller]
fn allows(rule: fn(&File) -> Vec<String>, path: &str, text: &str) {
    assert_none(rule(&File::planted(path, text)));
}

/// One line for each line of the file in which `is_bad` finds something.
fn bad_lines(file: &File, is_bad: impl Fn(&str) -> bool, say: &str) -> Vec<String> {
    let lines = file.text.lines().enumerate().filter(|(_, line)| is_bad(line));
    lines.map(|(index, _)| format!("{}:{}: {say}", file.path, index + 1)).collect()
}

// --- Finished work ----------------------------------------------------------------------------

fn unfinished(file: &File) -> Vec<String> {
    if file.path.ends_with(".test.mjs") {
        let marks = [concat!(".sk", "ip("), concat!(".on", "ly("), concat!("test.to", "do(")];
        let is_bad = |line: &str| marks.iter().any(|mark| line.contains(mark));
        return bad_lines(file, is_bad, "every journey is run: finish it or take it out");
    }
    if !file.is_rust() {
        return Vec::new();
    }
    let tokens = source::tokens(&file.text);
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let is_bad = |at: usize| match text(at) {
        "todo" | "unimplemented" | "dbg" => text(at + 1) == "!",
        "ignore" => at >= 2 && text(at - 1) == "[" && text(at - 2) == "#",
        _ => false,
    };
    let bad = (0..tokens.len()).filter(|&at| is_bad(at));
    bad.map(|at| {
        format!("{}:{}: `{}`: finish it or take it out", file.path, tokens[at].line, text(at))
    })
    .collect()
}

#[test]
fn nothing_is_left_unfinished() {
    everywhere(unfinished);
}

#[test]
fn unfinished_work_is_found() {
    finds(unfinished, "src/a.rs", concat!("fn f() { to", "do!() }"));
    finds(unfinished, "src/a.rs", concat!("fn f() { unimple", "mented!(\"later\") }"));
    finds(unfinished, "src/a.rs", concat!("fn f() { db", "g!(1); }"));
    finds(unfinished, "tests/a.rs", concat!("#[test]\n#[ig", "nore = \"slow\"]\nfn f() {}"));
    finds(unfinished, "tests/journeys/a.test.mjs", concat!("test.sk", "ip('a', () => {});"));
    finds(unfinished, "tests/journeys/a.test.mjs", concat!("test.on", "ly('a', () => {});"));
    allows(unfinished, "src/a.rs", "// todo!\nfn ignore(dbg: u8) -> u8 { dbg }");
}

// --- Files that work anywhere -----------------------------------------------------------------

const HOMES: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

fn paths_of_a_machine(file: &File) -> Vec<String> {
    let begins_there = |line: &str, home: &str| {
        line.match_indices(home).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '_'))
        })
    };
    let is_bad = |line: &str| HOMES.iter().any(|home| begins_there(line, home));
    bad_lines(file, is_bad, "a path of one machine: make it relative to the repository")
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    everywhere(paths_of_a_machine);
}

#[test]
fn a_place_on_one_machine_is_found() {
    for home in HOMES {
        finds(paths_of_a_machine, "README.md", &format!("See {home}notes.md."));
        finds(paths_of_a_machine, "scripts/a", &format!("{home}bin/a"));
    }
    allows(paths_of_a_machine, "README.md", concat!("see src/wo", "rk/mod.rs"));
}

fn registry_addresses(file: &File) -> Vec<String> {
    // The one address that Cargo itself writes into every lock file.
    let cargo = "registry+https://github.com/rust-lang/crates.io-index";
    let marks = [
        concat!("\"resolved\": \"", "http"),
        concat!("registry.npm", "js.org"),
        concat!("registry.ya", "rnpkg.com"),
        concat!("registry", "="),
        concat!("registry+", "http"),
        concat!("sparse+", "http"),
        concat!("_auth", "Token"),
        concat!("replace-", "with"),
    ];
    let is_bad = |line: &str| {
        let line = line.replace(cargo, "");
        marks.iter().any(|mark| line.contains(mark))
    };
    let say = "a registry's address: leave it to the machine's own settings (see .npmrc)";
    bad_lines(file, is_bad, say)
}

#[test]
fn no_file_names_a_registry() {
    everywhere(registry_addresses);
}

#[test]
fn a_registry_is_found() {
    let lock = concat!("      \"resolved\": \"", "https://mirror.example/axe-core-4.tgz\",");
    finds(registry_addresses, "package-lock.json", lock);
    finds(registry_addresses, ".npmrc", concat!("registry", "=https://mirror.example/"));
    finds(
        registry_addresses,
        "Cargo.lock",
        concat!("source = \"registry+", "https://mirror.example\""),
    );
    finds(registry_addresses, ".cargo/config.toml", concat!("replace-", "with = \"mirror\""));
    allows(
        registry_addresses,
        "Cargo.lock",
        "registry+https://github.com/rust-lang/crates.io-index",
    );
}

// --- Dependencies with reasons ----------------------------------------------------------------

/// Each dependency, or unbroken run of dependencies, stands below a comment.
fn silent_dependencies(file: &File) -> Vec<String> {
    if file.path != "Cargo.toml" {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut inside = false;
    let mut explained = false;
    let mut nested = 0_i32;
    for (index, line) in file.text.lines().enumerate() {
        let line = line.trim();
        let continued = nested > 0;
        let plain = line.split('#').next().unwrap_or_default();
        nested +=
            plain.matches(['[', '{']).count() as i32 - plain.matches([']', '}']).count() as i32;
        let own_table = line.starts_with('[') && line.contains("dependencies.");
        if continued {
            continue;
        }
        if line.starts_with('#') {
            explained = true;
            continue;
        }
        if (own_table || inside && !line.starts_with('[') && !line.is_empty()) && !explained {
            found.push(format!("Cargo.toml:{}: say in a comment above what it is for", index + 1));
        }
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        }
        if line.is_empty() || line.starts_with('[') {
            explained = false;
        }
    }
    found
}

#[test]
fn each_dependency_says_what_it_is_for() {
    everywhere(silent_dependencies);
}

#[test]
fn a_silent_dependency_is_found() {
    let rule = silent_dependencies;
    finds(rule, "Cargo.toml", "[dependencies]\nserde = \"1\"\n");
    finds(rule, "Cargo.toml", "[dependencies]\n# JSON.\nserde = \"1\"\n\nyew = \"1\"\n");
    finds(rule, "Cargo.toml", "[target.'cfg(unix)'.dev-dependencies]\nserde = \"1\"\n");
    finds(rule, "Cargo.toml", "[dependencies.serde]\nversion = \"1\"\n");
    allows(
        rule,
        "Cargo.toml",
        "[dependencies]\n# JSON.\nserde = { version = \"1\", features = [\n  \"rc\",\n] }\nserde_json = \"1\"\n[lib]\nname = \"a\"\n",
    );
    allows(rule, "Cargo.toml", "# JSON.\n[dependencies.serde]\nversion = \"1\"\n");
}

// --- Sizes that a reader can hold -------------------------------------------------------------

fn long_files(file: &File) -> Vec<String> {
    let code =
        [".rs", ".js", ".mjs", ".css", ".sh"].iter().any(|ending| file.path.ends_with(ending))
            || file.text.starts_with("#!");
    let lines = file.text.lines().count();
    if !code || lines <= LONGEST_FILE {
        return Vec::new();
    }
    vec![format!(
        "{}: {lines} lines; above {LONGEST_FILE} divide it by what its parts are about",
        file.path
    )]
}

#[test]
fn no_file_is_too_long() {
    everywhere(long_files);
}

#[test]
fn a_long_file_is_found() {
    finds(long_files, "src/a.rs", &"\n".repeat(LONGEST_FILE + 1));
    finds(long_files, "scripts/a", &format!("#!{}", "\n".repeat(LONGEST_FILE + 1)));
    allows(long_files, "src/a.rs", &"\n".repeat(LONGEST_FILE));
    allows(long_files, "tests/vectors/a.json", &"\n".repeat(LONGEST_FILE + 1));
}

fn long_functions(file: &File) -> Vec<String> {
    if !file.is_rust() {
        return Vec::new();
    }
    let functions = source::functions(&source::tokens(&file.text));
    let long = functions.iter().filter(|(_, first, last)| last - first + 1 > LONGEST_FUNCTION);
    long.map(|(name, first, last)| {
        let lines = last - first + 1;
        format!(
            "{}:{first}: {name} has {lines} lines; above {LONGEST_FUNCTION} divide it into steps",
            file.path
        )
    })
    .collect()
}

#[test]
fn no_function_is_too_long() {
    everywhere(long_functions);
}

#[test]
fn a_long_function_is_found() {
    let body = |lines: usize| format!("fn f() {{\n{}}}", "a();\n".repeat(lines - 2));
    finds(long_functions, "src/a.rs", &body(LONGEST_FUNCTION + 1));
    allows(long_functions, "src/a.rs", &body(LONGEST_FUNCTION));
}
