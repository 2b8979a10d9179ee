//! Embeds the lessons, so that adding one touches no code, and parses their Markdown, so that the
//! page needs no parser.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use json::Json;

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

fn main() {
    println!("cargo::rerun-if-changed=lessons");
    let lessons =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("lessons");
    let mut folders = String::new();
    for folder in entries(&lessons).into_iter().filter(|path| path.is_dir()) {
        write!(folders, "({:?}, &[", name(&folder)).expect("a string takes all");
        for file in files_under(&folder) {
            let (path, text) = built(&folder, &file);
            write!(folders, "({path:?}, {text:?}),").expect("a string takes all");
        }
        folders.push_str("]),\n");
    }
    let curriculum = compact(&lessons.join("curriculum.json"));
    let code = format!(
        "const CURRICULUM: &str = {curriculum:?};\n\
         type File = (&'static str, &'static str);\n\
         static FOLDERS: &[(&str, &[File])] = &[\n{folders}];\n"
    );
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("lessons.rs");
    fs::write(&out, code).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
}

/// The path in its folder and the text of a file, as the page carries it.
fn built(folder: &Path, file: &Path) -> (String, String) {
    let path = file.strip_prefix(folder).expect("the file is in the folder");
    // Separators differ between systems; files are named as the documents name them.
    let path = path.to_string_lossy().replace('\\', "/");
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("md") => {
            let sections = markdown::sections(&read(file))
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            (path.replace(".md", ".json"), sections.write().to_string())
        }
        Some("json") => (path, without_checks(file)),
        _ => (path, read(file)),
    }
}

/// A lesson's document without the moves that only checks of the lesson play.
fn without_checks(file: &Path) -> String {
    let text = compact(file);
    let Ok(mut document) = serde_json::from_str::<serde_json::Value>(&text) else {
        return text;
    };
    for step in document["steps"].as_array_mut().into_iter().flatten() {
        if let Some(fields) = step.as_object_mut() {
            fields.retain(|name, _| name != "routes" && name != "wrong");
        }
    }
    document.to_string()
}

/// A JSON document without its spaces; one that is no JSON stays as it is, for its reader to name
/// the fault.
fn compact(file: &Path) -> String {
    let text = read(file);
    serde_json::from_str(&text).map_or(text, |value: serde_json::Value| value.to_string())
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

fn name(path: &Path) -> String {
    path.file_name().expect("an entry has a name").to_string_lossy().into_owned()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
