//! What a played solution left behind, and whether the claims of a text are true of it.

use litemap::LiteMap;
use serde_json::Value;

use super::claim::{Claim, Compare, Moment, Source};
use super::world::setting;
use crate::engine::Instant;
use crate::simulation::{Observation, Scenario, Timeline};

/// What a played solution left behind to hold claims against.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The world's scenario as JSON.
    pub scenario: Value,
    pub start: Observation,
    pub end: Observation,
    pub steps: LiteMap<String, StepRecord>,
}

/// A step that was done.
#[derive(Clone, Debug, Default)]
pub struct StepRecord {
    pub began_ms: u64,
    pub done_ms: u64,
    pub share: Option<u64>,
    pub observation: Observation,
}

impl Claim {
    /// Compares what the text shows with what the run says. `step` is the step whose text it is.
    pub fn check(&self, shown: &str, step: Option<&str>, record: &Record) -> Result<(), String> {
        let actual = match &self.source {
            Source::Plain | Source::Run(_) => return Ok(()),
            Source::Figure(at) => self.observation(step, record)?.number(at).map(|it| (it, at)),
            Source::Setting(at) => {
                setting(&record.scenario, at).and_then(Value::as_u64).map(|it| (it, at))
            }
            Source::Share(id) => done(record, id)?.share.map(|share| (share, id)),
            Source::Elapsed(id) => {
                let StepRecord { began_ms, done_ms, .. } = done(record, id)?;
                Some((done_ms - began_ms, id))
            }
        };
        let (actual, at) = actual.ok_or(format!("'{shown}': {:?} is no number", self.source))?;
        self.compare(shown, in_base_unit(actual, at))
    }

    /// A figure of an embedded scenario needs no played solution.
    pub fn check_run(&self, shown: &str) -> Result<(), String> {
        let Source::Run(place) = &self.source else {
            return Ok(());
        };
        let actual = figure_of_run(place);
        self.compare(shown, actual.ok_or(format!("'{shown}': there is no figure {place}"))?)
    }

    fn compare(&self, shown: &str, actual: u64) -> Result<(), String> {
        let claimed = read_number(shown).ok_or(format!("'{shown}' is no number"))?;
        let holds = match self.compare {
            Compare::Same => claimed.abs_diff(actual) <= self.within,
            Compare::AtMost => actual <= claimed,
            Compare::AtLeast => actual >= claimed,
        };
        if holds {
            return Ok(());
        }
        Err(format!("the text says '{shown}', the run says {actual} ({:?})", self.source))
    }

    fn observation<'a>(
        &self,
        step: Option<&str>,
        record: &'a Record,
    ) -> Result<&'a Observation, String> {
        match (&self.when, step) {
            (Some(Moment::Start), _) => Ok(&record.start),
            (Some(Moment::End), _) | (None, None) => Ok(&record.end),
            (Some(Moment::Step(id)), _) => Ok(&done(record, id)?.observation),
            (None, Some(id)) => Ok(&done(record, id)?.observation),
        }
    }
}

fn figure_of_run(place: &str) -> Option<u64> {
    let mut parts = place.splitn(3, '/');
    let (name, minutes, at) = (parts.next()?, parts.next()?.parse::<u64>().ok()?, parts.next()?);
    let scenario = Scenario::from_json(crate::scenarios::document(name)?).ok()?;
    let seed = scenario.seed;
    let mut run = Timeline::new(scenario.into(), seed);
    run.run_until(Instant::from_secs(60 * minutes));
    run.world().observe().number(&format!("/{at}"))
}

fn done<'a>(record: &'a Record, id: &str) -> Result<&'a StepRecord, String> {
    record.steps.get(id).ok_or(format!("the solution did not complete a step '{id}'"))
}

/// Microseconds become milliseconds and percentages per mille, as texts show them.
fn in_base_unit(value: u64, at: &str) -> u64 {
    if at.ends_with("_us") {
        value / 1_000
    } else if at.ends_with("_percent") {
        value * 10
    } else {
        value
    }
}

/// `3,100 ms` is 3100, `3.1 s` too; `95.1 %` is 951 per mille; `four minutes` is no number.
fn read_number(shown: &str) -> Option<u64> {
    let shown = shown.trim_start_matches(['≈', ' ', '+']).replace('\u{a0}', " ");
    let end = shown.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.');
    let (digits, unit) = shown.split_at(end.unwrap_or(shown.len()));
    let scale = match unit.trim().split([' ', '/']).next().unwrap_or("") {
        "s" | "second" | "seconds" => 1_000,
        "h" | "hour" | "hours" => 3_600_000,
        "day" | "days" => 86_400_000,
        "min" | "minute" | "minutes" if !unit.contains('/') => 60_000,
        "%" => 10,
        _ => 1,
    };
    let digits = digits.replace(',', "");
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut value = whole.parse::<u64>().ok()? * scale;
    let mut weight = scale;
    for digit in part.chars() {
        weight /= 10;
        value += u64::from(digit.to_digit(10)?) * weight;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let cases = [
            ("3,100 ms", Some(3_100)),
            ("3.1 s", Some(3_100)),
            ("95.1 %", Some(951)),
            ("4 minutes", Some(240_000)),
            ("7 days", Some(604_800_000)),
            ("≈ 545 ms", Some(545)),
            ("170 a minute", Some(170)),
            ("170/min", Some(170)),
            ("0", Some(0)),
            ("four minutes", None),
        ];
        for (shown, value) in cases {
            assert_eq!(read_number(shown), value, "{shown}");
        }
    }

    fn record() -> Record {
        let mut record = Record::default();
        record.end.checkout.p50_ms = 3_100;
        let step = StepRecord { began_ms: 1_000, done_ms: 61_000, ..StepRecord::default() };
        record.steps.insert("wait".to_owned(), step);
        record
    }

    fn check(shown: &str, target: &str, step: Option<&str>) -> Result<(), String> {
        let claim = Claim::parse(target).expect("valid").expect("it is a claim");
        claim.check(shown, step, &record())
    }

    #[test]
    fn a_true_claim_passes_and_a_false_one_is_told() {
        assert_eq!(check("3,100 ms", "figure:/checkout/p50_ms", None), Ok(()));
        assert_eq!(check("3.2 s", "figure:/checkout/p50_ms?within=100", None), Ok(()));
        assert_eq!(check("1 minute", "elapsed:wait", None), Ok(()));
        assert_eq!(check("2 minutes", "elapsed:wait?at_most", None), Ok(()));
        for (shown, target) in [
            ("3,101 ms", "figure:/checkout/p50_ms"),
            ("3,100 ms", "figure:/checkout/p50_ms?when=start"),
            ("3,100 ms", "figure:/checkout/p51_ms"),
            ("3,100 ms", "figure:/checkout/p50_ms?when=nowhere"),
            ("59 s", "elapsed:wait?at_most"),
        ] {
            assert!(check(shown, target, None).is_err(), "{shown} {target}");
        }
        assert!(check("3,100 ms", "figure:/checkout/p50_ms", Some("wait")).is_err());
    }
}
