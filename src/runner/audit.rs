//! What a lesson's author is told: faults, figures, steps and reading time.

use std::path::Path;
use std::process::ExitCode;

use crate::json::Json;
use crate::lessons::{
    Catalogue, Files, Lesson, Moves, audit_files, audit_moves, audit_solution, play_moves,
};

/// Right and wrong moves take many runs, so they are tried under fewer seeds.
const FEW_SEEDS: u64 = 2;
/// Words that an engineer reads in a minute while looking at the stage now and then.
const WORDS_PER_MINUTE: u64 = 180;
/// What doing a step takes beside reading it, in seconds.
const SECONDS_PER_STEP: u64 = 40;

/// Audits the lesson in a folder.
pub fn folder(path: &str, seeds: u64, figures: bool) -> Result<ExitCode, String> {
    let folder = Path::new(path);
    let name = folder.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let catalogue = Catalogue::embedded();
    let entry = catalogue.entries().find(|entry| entry.folder() == *name);
    let entry = entry.ok_or(format!("{path}: the curriculum has no lesson of this name"))?;
    let files = lesson_files(folder)?;
    let lesson = Lesson::from_files(path, &files).map_err(|error| error.to_string())?;
    if figures {
        print_figures(&lesson);
    }
    let mut faults = audit_files(entry, &files);
    for language in Lesson::languages(&files) {
        let lesson = Lesson::translated(path, &files, language).map_err(|it| it.to_string())?;
        faults.extend((1..=seeds).flat_map(|seed| audit_solution(&lesson, seed)));
    }
    faults.extend((1..=seeds.min(FEW_SEEDS)).flat_map(|seed| audit_moves(&lesson, seed)));
    faults.iter().for_each(|fault| println!("{fault}"));
    println!("{name}: {}, {} faults", measured(&lesson), faults.len());
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints all lessons with their steps and the time that they take.
pub fn table() -> Result<ExitCode, String> {
    let catalogue = Catalogue::embedded();
    let mut minutes = Vec::new();
    for entry in catalogue.playable() {
        let lesson = catalogue.lesson(&entry.slug).map_err(|error| error.to_string())?;
        println!("{:2} {}: {}", entry.number, entry.title, measured(&lesson));
        minutes.push(takes_minutes(&lesson));
    }
    minutes.sort_unstable();
    let median = minutes.get(minutes.len() / 2).ok_or("there are no lessons")?;
    println!("{} lessons, the median takes {median} minutes", minutes.len());
    Ok(ExitCode::SUCCESS)
}

fn measured(lesson: &Lesson) -> String {
    let (steps, words) = (lesson.document.steps.len(), lesson.text.words());
    format!("{steps} steps, {words} words, {} minutes", takes_minutes(lesson))
}

/// Reading time and the time for the steps, rounded up.
fn takes_minutes(lesson: &Lesson) -> u64 {
    let steps = lesson.document.steps.len() as u64 * SECONDS_PER_STEP;
    (lesson.text.words() * 60 / WORDS_PER_MINUTE + steps).div_ceil(60)
}

fn print_figures(lesson: &Lesson) {
    let (verdict, record) = play_moves(lesson, lesson.scenario.seed, Moves::Solution);
    for step in &verdict.steps {
        let Some(done) = record.steps.get(&step.id) else {
            println!("step {} is not done", step.id);
            break;
        };
        let (began, ended) = (done.began_ms, done.done_ms);
        println!("step {} from {began} to {ended} ms, share {:?}", step.id, done.share);
        println!("{}", done.observation.write());
    }
}

/// The files of a lesson as its author wrote them, by their path in its folder.
pub fn lesson_files(root: &Path) -> Result<Files, String> {
    let told = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut files = Files::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| told(&folder, error))? {
            let path = entry.map_err(|error| told(&folder, error))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(|error| told(&path, error))?;
            let name = path.strip_prefix(root).expect("it is below").to_string_lossy();
            files.insert(name.replace('\\', "/"), text);
        }
    }
    Ok(files)
}
