//! Packs the lessons and scenarios, so that adding one touches no code, and parses their Markdown, so that the
//! page needs no parser. Programs embed the pack; the page loads it as a file of its own.

use std::path::{Path, PathBuf};
use std::{env, fs};

use json::Json;
use serde_json::{Value, json};

#[path = "src/lessons/built.rs"]
mod built;
#[path = "src/lessons/claim.rs"]
#[allow(dead_code, reason = "the lessons use the rest")]
mod claim;
#[path = "src/json/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "the page uses the rest")]
mod json;
#[path = "src/lessons/markdown.rs"]
mod markdown;
#[path = "src/lessons/text.rs"]
#[allow(dead_code, reason = "the lessons use the rest")]
mod text;

/// What the help says of the engines, and what they answer otherwise than recorded.
const FIDELITY: &str = "docs/fidelity.txt";
const KNOWN_FAILURES: &str = "tests/conformance/known_failures.txt";
/// A lesson to copy, and none to play.
const TEMPLATE: &str = "template";

fn main() {
    println!("cargo::rerun-if-changed=lessons");
    println!("cargo::rerun-if-changed=scenarios");
    println!("cargo::rerun-if-changed={FIDELITY}");
    println!("cargo::rerun-if-changed={KNOWN_FAILURES}");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let lessons = root.join("lessons");
    let mut folders: Vec<PathBuf> = entries(&lessons)
        .into_iter()
        .filter(|path| path.is_dir() && name(path) != TEMPLATE)
        .collect();
    let shop = parsed(&root.join("scenarios/shop.json"));
    write_out("shop.json", &shop.expect("a test reads the shop").to_string());
    write_out("curriculum.json", &curriculum(&lessons, &folders));
    folders.push(root.join("scenarios"));
    write_out("lessons.pack", &(pack(&folders) + &fidelity(&root)));
}

/// The curriculum, with what the list of lessons says of each.
fn curriculum(lessons: &Path, folders: &[PathBuf]) -> String {
    let file = lessons.join("curriculum.json");
    let mut document = parsed(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let chapters = document["chapters"].as_array_mut().into_iter().flatten();
    for entry in
        chapters.flat_map(|chapter| chapter["lessons"].as_array_mut().into_iter().flatten())
    {
        let number = entry["number"].as_u64().unwrap_or_default();
        let folder = format!("{number:02}-{}", entry["slug"].as_str().unwrap_or_default());
        let Some(folder) = folders.iter().find(|path| name(path) == folder) else {
            continue;
        };
        let lesson = parsed(&folder.join("lesson.json")).unwrap_or_default();
        entry["available"] = true.into();
        entry["steps"] = lesson["steps"].as_array().map_or(0, Vec::len).into();
        let texts = entries(folder).into_iter().filter(|path| has_extension(path, "md"));
        let language = |path: PathBuf| path.file_stem().map(|name| json!(name.to_string_lossy()));
        entry["languages"] = texts.filter_map(language).collect();
    }
    document.to_string()
}

/// Paths and texts in turn, each ended by a zero. Like stands by like, which packs best.
fn pack(folders: &[PathBuf]) -> String {
    let mut files: Vec<(String, String, String)> = Vec::new();
    for folder in folders {
        for file in files_under(folder) {
            let (path, text) = built(folder, &file);
            files.push((path, name(folder), text));
        }
    }
    files.sort();
    let record = |(path, folder, text)| format!("{folder}/{path}\0{text}\0");
    files.into_iter().map(record).collect()
}

/// How faithful the engines are, for the help; the conformance test holds the last list true.
fn fidelity(root: &Path) -> String {
    let failures = read(&root.join(KNOWN_FAILURES));
    let failures: Vec<&str> = failures.lines().filter(|line| !line.starts_with('#')).collect();
    let list = format!("# Recorded cases that are answered otherwise\n{}", failures.join("\n"));
    format!("help/fidelity.txt\0{}{list}\0", read(&root.join(FIDELITY)))
}

/// The path in its folder and the text of a file, as the page carries it.
fn built(folder: &Path, file: &Path) -> (String, String) {
    let path = file.strip_prefix(folder).expect("the file is in the folder");
    // Separators differ between systems; files are named as the documents name them.
    let path = path.to_string_lossy().replace('\\', "/");
    if has_extension(file, "md") {
        let sections = markdown::sections(&read(file))
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (path.replace(".md", ".json"), sections.write().to_string())
    } else if has_extension(file, "json") {
        (path, without_checks(file))
    } else {
        (path, read(file))
    }
}

/// A lesson's document without the moves that only checks of the lesson play; the page has no use for
/// the solution either. One that is no JSON stays as it is, for its reader to name the fault.
fn without_checks(file: &Path) -> String {
    let Ok(mut document) = parsed(file) else {
        return read(file);
    };
    let in_page = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|target| target == "wasm32");
    let steps = document.get_mut("steps").and_then(Value::as_array_mut);
    for step in steps.into_iter().flatten() {
        if let Some(fields) = step.as_object_mut() {
            fields.retain(|name, _| match name.as_str() {
                "routes" | "wrong" => false,
                "solution" => !in_page,
                _ => true,
            });
        }
    }
    document.to_string()
}

fn parsed(file: &Path) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&read(file))
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let below = |path: PathBuf| if path.is_dir() { files_under(&path) } else { vec![path] };
    entries(folder).into_iter().flat_map(below).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension == wanted)
}

fn name(path: &Path) -> String {
    path.file_name().expect("an entry has a name").to_string_lossy().into_owned()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn write_out(name: &str, text: &str) {
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join(name);
    fs::write(&out, text).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
}
