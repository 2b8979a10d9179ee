//! What `ackademy-run` does: arguments in, newline-delimited JSON out, errors on stderr.
//!
//! Exit code 0 when the run ended (or the lesson was solved), 1 when a lesson was not solved,
//! 2 when the arguments or files cannot be used.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use serde::Deserialize;

use crate::engine::Instant;
use crate::lessons::Catalogue;
use crate::simulation::{Command, Scenario, Subject, Timeline};
use crate::summary::Summary;

const USAGE: &str = "\
ackademy-run SCENARIO.json --until 20m [--commands FILE.json] [--seed N] [--observe 1s] [--trace]
             [--why order-17] [--series] [--prometheus]
ackademy-run --lesson SLUG [--solution]

  --until TIME      how long to run, in virtual time: 500ms, 90s, 20m, 2h
  --commands FILE   a JSON list: [{\"at_ms\": 60000, \"command\": {\"kill\": {\"service\": \"email\"}}}]
  --seed N          decides every random draw; the scenario has one
  --observe TIME    print an observation each so often
  --trace           print one line per event
  --why SUBJECT     tell the journey of an order, of a message (m-204) or of a record
                    (order-created-3@17), as text and as a line of JSON
  --series          print a line for each figure that is kept over the whole run
  --prometheus      print the figures at the end as Prometheus text, instead of the summary
  --lesson SLUG     play a lesson by its scripted solution, or doing nothing, and print the verdicts
";

/// What was asked for.
#[derive(Debug, Default)]
struct Arguments {
    scenario: Option<String>,
    commands: Option<String>,
    seed: Option<u64>,
    until: Option<Duration>,
    observe: Option<Duration>,
    trace: bool,
    why: Option<Subject>,
    series: bool,
    prometheus: bool,
    lesson: Option<String>,
    solution: bool,
    help: bool,
}

/// One line of a commands file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimedCommand {
    at_ms: u64,
    command: Command,
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
            Long("commands") => arguments.commands = Some(text(&mut parser)?),
            Long("lesson") => arguments.lesson = Some(text(&mut parser)?),
            Long("until") => arguments.until = Some(duration("--until", &text(&mut parser)?)?),
            Long("observe") => {
                arguments.observe = Some(duration("--observe", &text(&mut parser)?)?);
            }
            Long("seed") => {
                let seed = text(&mut parser)?;
                let parsed = seed.parse().map_err(|_| format!("--seed {seed}: not a number"))?;
                arguments.seed = Some(parsed);
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
    let path = arguments.scenario.as_deref().ok_or(format!("which scenario?\n\n{USAGE}"))?;
    let until = arguments.until.ok_or("how long? say --until 20m")?;
    let scenario = Scenario::from_json(&read(path)?).map_err(|error| format!("{path}: {error}"))?;
    let seed = arguments.seed.unwrap_or(scenario.seed);
    let inputs = match &arguments.commands {
        Some(path) => commands(path)?,
        None => Vec::new(),
    };
    check(&scenario, seed, &inputs, arguments.commands.as_deref().unwrap_or(""))?;
    let mut run = Timeline::with_inputs(Rc::new(scenario), seed, inputs);
    let mut printer = Printer::default();
    let end = Instant::ZERO + until;
    // A trace is printed second by second, long before its oldest entries are forgotten.
    let every = arguments.observe.unwrap_or(if arguments.trace { SECOND } else { until });
    while run.now() < end {
        run.run_until((run.now() + every).min(end));
        if arguments.trace {
            printer.trace(&run)?;
        }
        if arguments.observe.is_some() {
            printer.line(&tagged("observation", &run.world().observe()))?;
        }
    }
    print_end(arguments, &run, &mut printer)?;
    Ok(ExitCode::SUCCESS)
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
            let line =
                serde_json::json!({"measure": measure, "step_ms": step_ms, "points": points});
            printer.line(&tagged("series", &line))?;
        }
    }
    if arguments.prometheus {
        return printer.line(run.world().prometheus().trim_end());
    }
    printer.line(&json(&Summary::of(run)))
}

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

/// Tries each command on the world at its start, so that a mistyped name is told before the run.
fn check(
    scenario: &Scenario,
    seed: u64,
    inputs: &[(Instant, Command)],
    path: &str,
) -> Result<(), String> {
    let world = crate::simulation::World::new(Rc::new(scenario.clone()), seed);
    for (index, (_, command)) in inputs.iter().enumerate() {
        world
            .check(command)
            .map_err(|error| format!("{path}: field [{index}].command: {error}"))?;
    }
    Ok(())
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
