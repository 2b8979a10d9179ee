//! Audits: what a lesson promises, held against what it does. Lesson authors and tests run them.
//!
//! Each returns the faults it found, in words; none of them stops at the first.

use crate::engine::Set;

use super::catalogue::{Catalogue, Entry};
use super::document::{Document, Mistake, Route, Step};
use super::goal::Goal;
use super::lesson::{Files, Lesson, SOURCE_LANGUAGE};
use super::play::{Moves, StepVerdict, Verdict, play_moves};
use super::record::Record;
use super::text::{Span, Spans, plain};
use super::watch::Watch;
use crate::simulation::Command;

/// The code of a lesson is shown in these.
const LANGUAGES: [&str; 4] = ["javascript", "python", "java", "rust"];

/// A learner never waits for a rate or a percentile longer than this before it has values.
const WARM_UP_SECS: u64 = 30;

/// Reads a lesson from its files and audits all that needs no run.
pub fn audit_files(entry: &Entry, files: &Files) -> Vec<String> {
    let lesson = match Lesson::from_files(&entry.folder(), files) {
        Ok(lesson) => lesson,
        Err(error) => return vec![error.to_string()],
    };
    let mut faults = translations(entry, files);
    if lesson.slug() != entry.slug || lesson.document.number != entry.number {
        faults.push("slug or number is not the curriculum's".to_owned());
    }
    if lesson.text.title != entry.title {
        faults.push(format!("the title is '{}', not '{}'", lesson.text.title, entry.title));
    }
    faults.extend(lengths(&lesson));
    faults.extend(unclaimed_figures(&lesson));
    faults.extend(other_runs(&lesson));
    faults.extend(unknown_addresses(&lesson));
    faults.extend(code(&lesson));
    faults.extend(wrong_moves_are_there(&lesson.document));
    faults.extend(choices(&lesson.document));
    faults.extend(prerequisites(entry, &lesson.document));
    faults
}

/// A translation has every heading, and its figures are claims as well.
fn translations(entry: &Entry, files: &Files) -> Vec<String> {
    let languages = Lesson::languages(files).into_iter().filter(|one| *one != SOURCE_LANGUAGE);
    let faults =
        languages.flat_map(|language| match Lesson::translated(&entry.folder(), files, language) {
            Ok(lesson) => lengths(&lesson).into_iter().chain(unclaimed_figures(&lesson)).collect(),
            Err(error) => vec![error.to_string()],
        });
    faults.collect()
}

/// Plays the solution under a seed and holds the claims of the text against the run.
pub fn audit_solution(lesson: &Lesson, seed: u64) -> Vec<String> {
    let (verdict, record) = play_moves(lesson, seed, Moves::Solution);
    let mut faults: Vec<String> = verdict.refused.clone();
    if !verdict.solved {
        faults.push(format!("the solution stops at step {}", stopped_at(&verdict)));
    }
    for StepVerdict { id, told, .. } in &verdict.steps {
        faults.extend(told.iter().map(|told| format!("step {id}: the solution is told '{told}'")));
    }
    faults.extend(audit_claims(lesson, &record));
    let mut before = &record.start;
    for step in &lesson.document.steps {
        let mut watch = Watch::begin(&step.goal, before);
        if watch.met(&step.goal, before) {
            faults.push(format!("step {} is done before it begins", step.id));
        }
        let Some(done) = record.steps.get(&step.id) else {
            break;
        };
        before = &done.observation;
    }
    named(lesson, seed, faults)
}

/// Plays each step in every way that the lesson foresees, under a seed: doing nothing, in this run
/// and in a fresh one, and the wrong moves do not complete it; the other routes do.
pub fn audit_moves(lesson: &Lesson, seed: u64) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, step) in (0..).zip(&lesson.document.steps) {
        let mut play = |what: &str, moves: Moves<'_>| {
            let verdict = play_moves(lesson, seed, moves).0;
            faults.extend(verdict.refused.iter().map(|refused| format!("{what}: {refused}")));
            verdict.steps[index as usize].clone()
        };
        let instead = |moves| Moves::Instead { step: index, moves };
        let mut wrong = Vec::new();
        if !step.waits && play("nothing", instead(&[])).done {
            wrong.push("by doing nothing".to_owned());
        }
        if !step.waits && play("nothing", Moves::Nothing { from: index }).done {
            wrong.push("by doing nothing in a fresh run".to_owned());
        }
        let mut untold = Vec::new();
        for Route { name, moves, told } in &step.wrong {
            let verdict = play(name, instead(moves));
            if verdict.done {
                wrong.push(format!("by a wrong move ({name})"));
            }
            untold.extend(told.iter().filter(|id| !verdict.told.contains(id)).map(|_| name));
        }
        let narrow: Vec<&Route> = step
            .routes
            .iter()
            .filter(|route| !play(&route.name, instead(&route.moves)).done)
            .collect();
        let id = &step.id;
        faults.extend(wrong.iter().map(|how| format!("step {id} is completed {how}")));
        faults.extend(untold.iter().map(|name| format!("step {id} does not tell of: {name}")));
        let unfair = |route: &&Route| format!("step {id} is not completed by: {}", route.name);
        faults.extend(narrow.iter().map(unfair));
    }
    named(lesson, seed, faults)
}

fn named(lesson: &Lesson, seed: u64, faults: Vec<String>) -> Vec<String> {
    faults.into_iter().map(|fault| format!("{}, seed {seed}: {fault}", lesson.slug())).collect()
}

/// Holds every figure of the text against what a played solution left behind.
pub fn audit_claims(lesson: &Lesson, record: &Record) -> Vec<String> {
    let mut faults = Vec::new();
    for (step, spans) in lesson.text.lines() {
        for span in flat(spans) {
            let Span::Figure { shown, claim } = span else {
                continue;
            };
            let shown = in_english(shown, &lesson.language);
            let claim = claim.as_ref().ok_or(format!("'{shown}' has lost its claim"));
            if let Err(fault) = claim.and_then(|claim| claim.check(&shown, step, record)) {
                faults.push(format!("{fault} (in \"{}\")", plain(spans)));
            }
        }
    }
    faults
}

/// Figures of other scenarios, which no learner touches.
fn other_runs(lesson: &Lesson) -> Vec<String> {
    let spans = lesson.text.lines().into_iter().flat_map(|(_, spans)| flat(spans));
    let check = |span: &Span| match span {
        Span::Figure { shown, claim: Some(claim) } => claim.check_run(shown).err(),
        _ => None,
    };
    spans.filter_map(check).collect()
}

/// A figure as English writes it: `3.100` is `3,100`, `95,1` is `95.1`.
fn in_english(shown: &str, language: &str) -> String {
    let swapped = |c: char| match c {
        '.' => ',',
        ',' => '.',
        other => other,
    };
    if language == SOURCE_LANGUAGE {
        shown.to_owned()
    } else {
        shown.chars().map(swapped).collect()
    }
}

fn lengths(lesson: &Lesson) -> Vec<String> {
    let text = &lesson.text;
    let mut faults = Vec::new();
    if !(3..=5).contains(&text.takeaways.len()) {
        faults.push(format!("{} takeaways instead of 3 to 5", text.takeaways.len()));
    }
    if !(2..=4).contains(&text.objectives.len()) {
        faults.push(format!("{} objectives instead of 2 to 4", text.objectives.len()));
    }
    if text.experiments.len() < 2 {
        faults.push("a few experiments are wanted for free play".to_owned());
    }
    if !(1..=3).contains(&text.story.len()) {
        faults.push(format!("the story has {} paragraphs instead of 1 to 3", text.story.len()));
    }
    faults
}

/// Digits that stand in prose outside a claim: nobody would notice when they stop being true.
/// Emphasis is for names of controls and states, code for what systems print; both may have digits.
fn unclaimed_figures(lesson: &Lesson) -> Vec<String> {
    let lines = lesson.text.lines();
    let bare = lines.into_iter().filter(|(_, spans)| spans.iter().any(has_bare_digit));
    bare.map(|(_, spans)| format!("a figure without a claim in \"{}\"", plain(spans))).collect()
}

fn has_bare_digit(span: &Span) -> bool {
    match span {
        Span::Plain(text) => text.chars().any(|c| c.is_ascii_digit()),
        Span::Strong(spans) | Span::Link { spans, .. } => spans.iter().any(has_bare_digit),
        Span::Code(_) | Span::Emphasis(_) | Span::Figure { .. } => false,
    }
}

/// Goals that read what is not there would never be reached.
fn unknown_addresses(lesson: &Lesson) -> Vec<String> {
    let mut run = lesson.timeline();
    run.run_until(crate::engine::Instant::from_secs(WARM_UP_SECS));
    let now = run.world().observe();
    let steps = || lesson.document.steps.iter();
    let mistakes = steps().flat_map(|step| &step.mistakes).map(|one| &one.when);
    let goals = steps().map(|step| &step.goal).chain(mistakes);
    let read: Set<&str> = goals.flat_map(Goal::addresses).collect();
    let unknown = read.into_iter().filter(|at| now.figure(at).is_none_or(|it| it.is_null()));
    unknown.map(|at| format!("there is no figure {at}")).collect()
}

fn code(lesson: &Lesson) -> Vec<String> {
    let mut faults = Vec::new();
    for language in LANGUAGES {
        let sample = lesson.code.iter().find(|sample| sample.language == language);
        match sample {
            None => faults.push(format!("there is no code in {language}")),
            Some(sample) if !sample.lines.iter().any(|line| line.matters) => {
                faults.push(format!("no line of the {language} code matters"));
            }
            Some(_) => {}
        }
    }
    faults
}

/// Wrong moves are there, each an example of a mistake that is told, and no mistake is without one.
fn wrong_moves_are_there(document: &Document) -> Vec<String> {
    let wrong: usize = document.steps.iter().map(|step| step.wrong.len()).sum();
    let few = "two wrong moves or more are wanted".to_owned();
    let mut faults: Vec<String> = (wrong < 2).then_some(few).into_iter().collect();
    for Step { id, wrong, mistakes, .. } in &document.steps {
        let known = |told: &String| mistakes.iter().any(|mistake| mistake.id == *told);
        let untold = wrong.iter().filter(|one| !one.told.as_ref().is_some_and(known));
        faults.extend(untold.map(|one| format!("step {id}: which mistake is '{}'?", one.name)));
        let shown = |one: &&Mistake| !wrong.iter().any(|way| way.told.as_ref() == Some(&one.id));
        let idle = mistakes.iter().filter(shown);
        faults.extend(idle.map(|one| format!("step {id}: no wrong move shows '{}'", one.id)));
    }
    faults
}

fn prerequisites(entry: &Entry, document: &Document) -> Vec<String> {
    let catalogue = Catalogue::embedded();
    let earlier =
        |slug: &&String| catalogue.entry(slug).is_some_and(|known| known.number < entry.number);
    let wrong = document.prerequisites.iter().filter(|slug| !earlier(slug));
    let mut faults: Vec<String> =
        wrong.map(|slug| format!("prerequisites: '{slug}' is no earlier lesson")).collect();
    if entry.number > 1 && document.prerequisites.is_empty() {
        faults.push("prerequisites: which earlier lessons does it rest on?".to_owned());
    }
    faults
}

/// Choices and solutions are of no use if the lesson forbids them.
fn choices(document: &Document) -> Vec<String> {
    let mut faults = Vec::new();
    for Step { id, choices, .. } in &document.steps {
        let forbidden = |one: &&Command| !document.palette.allows(one);
        let commands = choices.iter().flat_map(|choice| &choice.commands).filter(forbidden);
        faults.extend(commands.map(|one| format!("step {id}: the palette does not allow: {one}")));
    }
    faults
}

fn stopped_at(verdict: &Verdict) -> &str {
    verdict.steps.iter().find(|step| !step.done).map_or("nowhere", |step| &step.id)
}

/// All spans, those inside others too.
fn flat(spans: &Spans) -> Box<dyn Iterator<Item = &Span> + '_> {
    Box::new(spans.iter().flat_map(|span| {
        let inner: Box<dyn Iterator<Item = &Span> + '_> = match span {
            Span::Strong(spans) | Span::Emphasis(spans) | Span::Link { spans, .. } => flat(spans),
            Span::Plain(_) | Span::Code(_) | Span::Figure { .. } => Box::new(std::iter::empty()),
        };
        std::iter::once(span).chain(inner)
    }))
}
