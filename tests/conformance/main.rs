//! Conformance: what real Kafka and RabbitMQ answer, case by case, against the engines.
//!
//! Runs every file under `tests/vectors`, and under the directories that `ACKADEMY_VECTORS` names
//! (separated by `:`, with the same sub-folders). A case that the engines answer otherwise on purpose
//! stands in `known_failures.txt` with the published behaviour that contradicts it. The run names
//! each of them, and fails if one passes or is not among the cases any more.

mod kafka;
mod rabbitmq;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The outcome of one case; on failure, what was expected and what came.
#[derive(Debug)]
pub struct CaseResult {
    pub id: String,
    pub outcome: Result<(), String>,
}

fn main() -> ExitCode {
    let mut tally = Tally::default();
    for root in roots() {
        for system in ["kafka", "rabbitmq"] {
            for file in json_files(&root.join(system)) {
                tally.run(system, &file);
            }
        }
    }
    tally.finish()
}

fn roots() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let more = std::env::var("ACKADEMY_VECTORS").unwrap_or_default();
    let more = more.split(':').filter(|part| !part.is_empty()).map(PathBuf::from);
    std::iter::once(own).chain(more).collect()
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

#[derive(Debug, Default)]
struct Tally {
    passed: u32,
    failed: u32,
    /// Cases of the list that failed, as they should.
    known: BTreeSet<String>,
}

impl Tally {
    fn run(&mut self, system: &str, path: &Path) {
        let area = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let name = format!("{system}/{area}");
        let results = match read(path) {
            Ok(file) if system == "kafka" => kafka::run(area, &file),
            Ok(file) => rabbitmq::run(area, &file),
            Err(why) => return self.fail(&name, &why),
        };
        match results {
            Some(results) => self.count(&name, results),
            None => self.fail(&name, "nothing here can run this file"),
        }
    }

    fn count(&mut self, name: &str, results: Vec<CaseResult>) {
        if results.is_empty() {
            self.fail(name, "the file has no cases");
        }
        for case in results {
            let key = format!("{name}/{}", case.id);
            match (case.outcome, known_failures().get(key.as_str())) {
                (Ok(()), None) => self.passed += 1,
                (Err(why), None) => self.fail(&key, &why),
                (Err(_), Some(reason)) => self.know(key, reason),
                (Ok(()), Some(_)) => {
                    self.fail(&key, "it passes: take it off the list of known failures")
                }
            }
        }
    }

    fn fail(&mut self, name: &str, why: &str) {
        self.failed += 1;
        println!("FAILED {name}: {why}");
    }

    fn know(&mut self, name: String, reason: &str) {
        println!("known failure {name}: {reason}");
        self.known.insert(name);
    }

    fn finish(mut self) -> ExitCode {
        for name in known_failures().into_keys() {
            if !self.known.contains(name) {
                self.fail(name, "a known failure that did not fail");
            }
        }
        println!("{} known failures", self.known.len());
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn read(path: &Path) -> Result<serde_json::Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// Name of each case that is known to fail, and why.
fn known_failures() -> BTreeMap<&'static str, &'static str> {
    let lines = include_str!("known_failures.txt").lines().filter(|line| !line.starts_with('#'));
    let entry = |line: &'static str| line.split_once(": ").expect("a case, a colon and a reason");
    lines.map(entry).collect()
}
