//! What `ackademy-run` does: arguments in, newline-delimited JSON out, errors on stderr.
//!
//! Exit code 0 when the run ended (or the lesson was solved), 1 when a lesson was not solved or a
//! breakpoint was not reached, 2 when the arguments or files cannot be used.

mod audit;
mod schema;

pub use audit::lesson_files;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;
use crate::json::{Json, document};
use crate::lessons::Catalogue;
use crate::simulation::{
    Breakpoint, Command, Comparison, Run, RunError, Scenario, Subject, Timeline, Watch, refusal,
};
use crate::summary::Summary;

const USAGE: &str = "\
ackademy-run SCENARIO.json --until 20m [--commands FILE.json] [--seed N] [--observe 1s] [--trace]
             [--why order-17] [--series] [--prometheus]
             [--until-condition TEXT] [--compare FILE.json] [--export FILE.json]
ackademy-run --run FILE.json [--until 20m] [...]
ackademy-run --lesson SLUG [--solution]
ackademy-run --audit FOLDER [--seeds N] [--figures]
ackademy-run --lessons
ackademy-run --schema

Prints newline-delimited JSON, the summary of the run last.

  --until TIME      how long to run, in virtual time: 500ms, 90s, 20m, 2h
  --until-condition TEXT
                    stop at the first instant at which it is so, at most at --until:
                    \"lag > 10000\", \"a message is dead-lettered\", \"service email is down\",
                    \"/queues/dead-letters/ready >= 3 or an alert fires\"; a text that is not
                    understood is answered with all that can be written
  --commands FILE   a JSON list: [{\"at_ms\": 60000, \"command\": {\"kill\": {\"service\": \"email\"}}}]
  --seed N          decides every random draw; the scenario has one
  --observe TIME    print an observation each so often
  --trace           print one line per event
  --why SUBJECT     tell the journey of an order, of a message (m-204) or of a record
                    (order-created-3@17), as text and as a line of JSON
  --series          print a line for each figure that is kept over the whole run
  --prometheus      print the figures at the end as Prometheus text, instead of the summary
  --compare FILE    play the same again with these commands, and print the first event and all
                    figures that differ
  --run FILE        play a run that was exported, or the code of a link to one; --until says how
                    far if not to its own moment
  --export FILE     write the run as a file that --run and the page can open
  --lesson SLUG     play a lesson by its scripted solution, or doing nothing, and print the verdicts
                    and what the referee says at the end
  --solution        with --lesson: play the scripted solution
  --audit FOLDER    read a lesson from its folder and name all that is wrong with it, text, moves and
                    figures, under seeds from 1 on
  --seeds N         with --audit: how many, 20 if not said
  --figures         with --audit: print when each step of the solution was done, and all figures then
  --lessons         print the steps and the reading time of each lesson
  --schema          print the JSON schema of scenario files
  --help            print this

Exit code 0: it ran. 1: a lesson was not solved, a condition not reached. 2: unusable input.
";

/// What was asked for.
#[derive(Debug, Default)]
struct Arguments {
    scenario: Option<String>,
    run: Option<String>,
    commands: Option<String>,
    compare: Option<String>,
    export: Option<String>,
    until_condition: Option<String>,
    seed: Option<u64>,
    until: Option<Duration>,
    observe: Option<Duration>,
    trace: bool,
    why: Option<Subject>,
    series: bool,
    prometheus: bool,
    lesson: Option<String>,
    solution: bool,
    audit: Option<String>,
    seeds: Option<u64>,
    figures: bool,
    lessons: bool,
    schema: bool,
    help: bool,
}

document! {
    /// One line of a commands file.
    struct TimedCommand {
        at_ms: u64,
        command: Command,
    }
}

pub fn main() -> ExitCode {
    match parse().and_then(carry_out) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("ackademy-run: {message}");
            ExitCode::from(2)
        }
    }
}

fn carry_out(arguments: Arguments) -> Result<ExitCode, String> {
    if arguments.help {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.schema {
        print!("{}", schema::of_scenarios());
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.lessons {
        return audit::table();
    }
    if let Some(folder) = &arguments.audit {
        return audit::folder(folder, arguments.seeds.unwrap_or(20), arguments.figures);
    }
    if let Some(slug) = &arguments.lesson {
        return play_lesson(slug, arguments.solution);
    }
    run_scenario(&arguments)
}

fn parse() -> Result<Arguments, String> {
    use lexopt::prelude::*;
    let mut arguments = Arguments::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next().map_err(|error| error.to_string())? {
        match argument {
            Long("help") | Short('h') => arguments.help = true,
            Long("trace") => arguments.trace = true,
            Long("series") => arguments.series = true,
            Long("prometheus") => arguments.prometheus = true,
            Long("solution") => arguments.solution = true,
            Long("why") => {
                let subject = Subject::parse(&text(&mut parser)?);
                arguments.why = Some(subject.map_err(|message| format!("--why: {message}"))?);
            }
            Long("schema") => arguments.schema = true,
            Long("audit") => arguments.audit = Some(text(&mut parser)?),
            Long("figures") => arguments.figures = true,
            Long("lessons") => arguments.lessons = true,
            Long("seeds") => arguments.seeds = Some(number("--seeds", &text(&mut parser)?)?),
            Long("run") => arguments.run = Some(text(&mut parser)?),
            Long("compare") => arguments.compare = Some(text(&mut parser)?),
            Long("export") => arguments.export = Some(text(&mut parser)?),
            Long("until-condition") => arguments.until_condition = Some(text(&mut parser)?),
            Long("commands") => arguments.commands = Some(text(&mut parser)?),
            Long("lesson") => arguments.lesson = Some(text(&mut parser)?),
            Long("until") => arguments.until = Some(duration("--until", &text(&mut parser)?)?),
            Long("observe") => {
                arguments.observe = Some(duration("--observe", &text(&mut parser)?)?);
            }
            Long("seed") => {
                arguments.seed = Some(number("--seed", &text(&mut parser)?)?);
            }
            Value(path) if arguments.scenario.is_none() => {
                arguments.scenario = Some(path.to_string_lossy().into_owned());
            }
            Short(_) | Long(_) | Value(_) => {
                return Err(format!("{}\n\n{USAGE}", argument.unexpected()));
            }
        }
    }
    Ok(arguments)
}

fn text(parser: &mut lexopt::Parser) -> Result<String, String> {
    let value = parser.value().map_err(|error| error.to_string())?;
    value.into_string().map_err(|_| "an argument is not valid text".to_owned())
}

/// `500ms`, `90s`, `20m`, `2h`.
fn duration(name: &str, text: &str) -> Result<Duration, String> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => {
            return Err(format!("{name} {text}: write a time as 500ms, 90s, 20m or 2h"));
        }
    };
    let number: u64 = number.parse().map_err(|_| format!("{name} {text}: no number"))?;
    let millis = number.checked_mul(millis).filter(|millis| (1..=604_800_000).contains(millis));
    let millis = millis.ok_or(format!("{name} {text}: from 1 ms to 168h"))?;
    Ok(Duration::from_millis(millis))
}

fn run_scenario(arguments: &Arguments) -> Result<ExitCode, String> {
    let (run, end) = match &arguments.run {
        Some(path) => exported(arguments, path)?,
        None => asked(arguments)?,
    };
    let mut run = run.without_checkpoints();
    let mut watch = match &arguments.until_condition {
        Some(text) => Some(watch(text, &run)?),
        None => None,
    };
    let other = match &arguments.compare {
        Some(path) => Some(with_commands(run.scenario(), run.seed(), Some(path))?),
        None => None,
    };
    let reached = play(arguments, &mut run, end, watch.as_mut())?;
    let mut printer = Printer::default();
    if let Some(other) = other {
        compare(&run, other, &mut printer)?;
    }
    if let Some(path) = &arguments.export {
        let json = Run::of(&run, None).to_json();
        std::fs::write(path, json).map_err(|error| format!("{path}: {error}"))?;
    }
    print_end(arguments, &run, &mut printer)?;
    // The process ends: the system takes the memory back faster than it could be given back.
    std::mem::forget(run);
    Ok(if watch.is_none() || reached { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The run that the arguments describe, and where it ends.
fn asked(arguments: &Arguments) -> Result<(Timeline, Instant), String> {
    let path = arguments.scenario.as_deref().ok_or(format!("which scenario?\n\n{USAGE}"))?;
    let until = match (arguments.until, &arguments.until_condition) {
        (Some(until), _) => until,
        (None, Some(_)) => DAY,
        (None, None) => return Err("how long? say --until 20m".to_owned()),
    };
    let scenario = Scenario::from_json(&read(path)?).map_err(|error| format!("{path}: {error}"))?;
    let seed = arguments.seed.unwrap_or(scenario.seed);
    let run = with_commands(&Rc::new(scenario), seed, arguments.commands.as_deref())?;
    Ok((run, Instant::ZERO + until))
}

/// The run of a file or of a link's code, and where it ends.
fn exported(arguments: &Arguments, path: &str) -> Result<(Timeline, Instant), String> {
    let Arguments { scenario: None, commands: None, seed: None, .. } = arguments else {
        return Err("--run has a scenario, a seed and commands of its own".to_owned());
    };
    let text = read(path)?;
    let told = |error: RunError| format!("{path}: {error}");
    let run = match text.trim() {
        code if !code.starts_with('{') => Run::from_code(code),
        json => Run::from_json(json),
    };
    let run = run.map_err(told)?;
    let lesson = match &run.lesson {
        Some(slug) => Some(Catalogue::embedded().lesson(slug).map_err(|it| it.to_string())?),
        None => None,
    };
    let timeline = run.at_start(lesson.as_ref().map(|lesson| &lesson.scenario)).map_err(told)?;
    let until = arguments.until.unwrap_or(Duration::from_millis(run.at_ms));
    Ok((timeline, Instant::ZERO + until))
}

/// A run at its start, with the commands of a file before it.
fn with_commands(
    scenario: &Rc<Scenario>,
    seed: u64,
    path: Option<&str>,
) -> Result<Timeline, String> {
    let inputs = match path {
        Some(path) => commands(path)?,
        None => Vec::new(),
    };
    if let Some((index, why)) = refusal(scenario, seed, &inputs) {
        return Err(format!("{}: field [{index}].command: {why}", path.unwrap_or_default()));
    }
    Ok(Timeline::with_inputs(scenario.clone(), seed, inputs))
}

/// What is printed when the run is over.
fn print_end(arguments: &Arguments, run: &Timeline, printer: &mut Printer) -> Result<(), String> {
    if let Some(subject) = &arguments.why {
        let why = run.why(subject).map_err(|message| format!("--why: {message}"))?;
        printer.line(why.to_string().trim_end())?;
        printer.line(&tagged("why", &why))?;
    }
    if arguments.series {
        for (measure, series) in run.world().metrics().all_series() {
            let (step_ms, points) = (series.step_secs() * 1_000, series.points());
            let line = serde_json::json!({"measure": measure.write(), "step_ms": step_ms, "points": points});
            printer.line(&tagged("series", &line))?;
        }
    }
    if arguments.prometheus {
        return printer.line(run.world().prometheus().trim_end());
    }
    printer.line(&json(&Summary::of(run)))
}

fn number(name: &str, text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{name} {text}: not a number"))
}

/// What `--until-condition` takes.
const CONDITIONS: &str = "write FIGURE > NUMBER (also >= < <= = !=), FIGURE rises or FIGURE falls, \
joined by 'and' and 'or'; a figure is an address such as /queues/dead-letters/ready, or lag, lag of \
GROUP, queue NAME, p95; sentences: a message is dead-lettered, an order is lost, an order is charged \
twice, an order fails, an effect is doubled, an alert fires, an alert clears, alert NAME fires, \
alert NAME clears, queue NAME is empty, service NAME is STATE, group NAME rebalances";

fn watch(text: &str, run: &Timeline) -> Result<Watch, String> {
    let breakpoint = Breakpoint::parse(text, run.world());
    let breakpoint =
        breakpoint.map_err(|error| format!("--until-condition: {error}; {CONDITIONS}"))?;
    Ok(Watch::begin(&breakpoint, run.world()))
}

/// Plays and prints on the way. True if the watch was reached.
fn play(
    arguments: &Arguments,
    run: &mut Timeline,
    end: Instant,
    mut watch: Option<&mut Watch>,
) -> Result<bool, String> {
    let mut printer = Printer::default();
    let mut reached = false;
    // A trace is printed second by second, long before its oldest entries are forgotten.
    let whole = end.since(Instant::ZERO);
    let every = arguments.observe.unwrap_or(if arguments.trace { SECOND } else { whole });
    while run.now() < end && !reached {
        let next = (run.now() + every).min(end);
        match &mut watch {
            Some(watch) => reached = run.run_watched(watch, next),
            None => run.run_until(next),
        }
        if arguments.trace {
            printer.trace(run)?;
        }
        if arguments.observe.is_some() {
            printer.line(&observation_line(run))?;
        }
    }
    Ok(reached)
}

/// Plays both runs from the start to the present of the first, and prints what differs.
fn compare(run: &Timeline, mut other: Timeline, printer: &mut Printer) -> Result<(), String> {
    let inputs = run.inputs().to_vec();
    let mut again = Timeline::with_inputs(run.scenario().clone(), run.seed(), inputs);
    let comparison = Comparison::of(&mut again, &mut other, run.now());
    let mut line = serde_json::json!({"kind": "comparison"});
    line["first"] = serde_json::to_value(&comparison.first).expect("it has only plain values");
    line["figures"] = comparison.figures.len().into();
    printer.line(&line.to_string())?;
    for difference in &comparison.figures {
        printer.line(&tagged("difference", difference))?;
    }
    Ok(())
}

const DAY: Duration = Duration::from_secs(24 * 3_600);
const SECOND: Duration = Duration::from_secs(1);

fn read(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

fn commands(path: &str) -> Result<Vec<(Instant, Command)>, String> {
    let text = read(path)?;
    let list: Vec<TimedCommand> =
        crate::json::read(&text).map_err(|error| format!("{path}: {error}"))?;
    Ok(list.into_iter().map(|one| (Instant::from_millis(one.at_ms), one.command)).collect())
}

fn observation_line(run: &Timeline) -> String {
    tagged("observation", &run.world().observe().write())
}

/// A document as one line that says first what kind it is.
fn tagged(kind: &str, document: &impl serde::Serialize) -> String {
    let mut line = serde_json::json!({"kind": kind});
    let document = serde_json::to_value(document);
    if let (Some(line), Ok(serde_json::Value::Object(fields))) = (line.as_object_mut(), document) {
        line.extend(fields);
    }
    line.to_string()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("summaries have only names and numbers")
}

/// Standard output, and how much of the trace is out.
#[derive(Debug, Default)]
struct Printer {
    printed: u64,
}

impl Printer {
    fn line(&mut self, line: &str) -> Result<(), String> {
        writeln!(std::io::stdout().lock(), "{line}").map_err(|error| error.to_string())
    }

    fn trace(&mut self, run: &Timeline) -> Result<(), String> {
        let world = run.world();
        let fresh = (world.trace().len() - self.printed) as usize;
        let mut entries: Vec<_> = world.trace().entries().rev().take(fresh).collect();
        entries.reverse();
        let mut text = String::new();
        for entry in entries {
            writeln!(text, "{}", world.line(entry)).expect("writing to a string cannot fail");
        }
        self.printed = world.trace().len();
        std::io::stdout().lock().write_all(text.as_bytes()).map_err(|error| error.to_string())
    }
}

/// Plays a lesson headless and prints its verdicts.
fn play_lesson(slug: &str, solution: bool) -> Result<ExitCode, String> {
    let lesson = Catalogue::embedded().lesson(slug).map_err(|error| error.to_string())?;
    let verdict = crate::lessons::play(&lesson, solution);
    Printer::default().line(&json(&verdict))?;
    Ok(if verdict.solved { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
