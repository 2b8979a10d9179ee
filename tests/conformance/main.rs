//! Conformance: what real Kafka and RabbitMQ answer, case by case, against the engines.
//!
//! Runs every file under `tests/vectors`, and under the directories that `ACKADEMY_VECTORS` names
//! (separated by `:`, with the same sub-folders). Files and cases that the engines do not answer yet
//! are listed by name in `not_yet.txt`; whatever passes must leave the list.

mod kafka;
mod rabbitmq;

use std::collections::BTreeMap;
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
    not_yet: u32,
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
        let reason = not_yet().get(name.as_str()).copied();
        match (results, reason) {
            (None, Some(reason)) => self.postpone(&name, reason),
            (None, None) => self.fail(&name, "nothing here can run this file"),
            (Some(results), Some(_)) if results.iter().all(|case| case.outcome.is_ok()) => {
                self.fail(&name, "every case passes: remove the file from not_yet.txt");
            }
            (Some(results), Some(reason)) => {
                let passing = results.iter().filter(|case| case.outcome.is_ok()).count();
                self.postpone(&name, &format!("{passing} of {} pass; {reason}", results.len()));
            }
            (Some(results), None) => self.count(&name, results),
        }
    }

    fn count(&mut self, name: &str, results: Vec<CaseResult>) {
        if results.is_empty() {
            self.fail(name, "the file has no cases");
        }
        for case in results {
            let key = format!("{name}/{}", case.id);
            match (case.outcome, not_yet().get(key.as_str())) {
                (Ok(()), None) => self.passed += 1,
                (Err(why), None) => self.fail(&format!("{name} {}", case.id), &why),
                (Err(_), Some(reason)) => self.postpone(&key, reason),
                (Ok(()), Some(_)) => self.fail(&key, "it passes: remove it from not_yet.txt"),
            }
        }
    }

    fn fail(&mut self, name: &str, why: &str) {
        self.failed += 1;
        println!("FAILED {name}: {why}");
    }

    fn postpone(&mut self, name: &str, reason: &str) {
        self.not_yet += 1;
        println!("not yet: {name}: {reason}");
    }

    fn finish(self) -> ExitCode {
        println!("{} not yet", self.not_yet);
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn read(path: &Path) -> Result<serde_json::Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// Name and reason of each file or case that is not answered yet.
fn not_yet() -> BTreeMap<&'static str, &'static str> {
    let lines = include_str!("not_yet.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).map(|(name, why)| (name, why.trim())).collect()
}
