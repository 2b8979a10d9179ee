//! Two runs side by side, in step: two futures of one run, or two designs under the same arrivals.
//!
//! The page's own run waits meanwhile; whoever leaves the comparison finds it as it was.

use std::time::Duration;

use crate::engine::Instant;
use crate::simulation::{Command, Difference, Run, RunError, Scenario, Timeline, parting};
use crate::ui::format;

use super::{Errand, LessonState, Model, Redraw, Route, Speed, embedded};

/// The two designs of the same day.
const DESIGNS: [&str; 2] = ["flash-sale-day-synchronous", "flash-sale-day"];
/// At which their hour is watched: a minute in a second.
const PACE: f64 = 60.0;
/// So long before they part they are surely alike, and so long after it they are not.
const AROUND: Duration = Duration::from_secs(1);

/// The other run of a comparison; the first one is the page's own timeline for that time.
#[derive(Debug)]
pub struct Rivals {
    pub other: Timeline,
    /// What each is called, and what is to be known of it.
    pub names: [(String, String); 2],
    /// They are futures of one run, with the first event in which they differ, if any does.
    pub futures: bool,
    pub parting: Option<Difference>,
    /// The lesson in whose world they took place.
    lesson: Option<String>,
    home: Home,
}

/// What waits for the end of a comparison.
#[derive(Debug)]
struct Home {
    timeline: Timeline,
    lesson: Option<LessonState>,
    speed: Speed,
}

/// The lesson of a comparison, its moment and its runs.
type Compared = (Option<String>, Instant, [Timeline; 2]);

impl Rivals {
    /// The address of this comparison at this moment.
    pub(super) fn route(&self, first: &Timeline) -> Route {
        let code = |one: &Timeline| Run::of(one, self.lesson.clone()).to_code();
        Route::Compare([code(first), code(&self.other)].join("~"))
    }
}

impl Model {
    /// Compares the present future with another one, up to where the shorter ends.
    pub(super) fn compare(&mut self, index: u32) -> Redraw {
        let Some(branch) = self.timeline.branches().get(index as usize) else {
            return self.trouble("Nothing to compare", "Fork the run first (B).".to_owned());
        };
        let until = branch.end().now().min(self.timeline.furthest().now());
        let ours = Run { at_ms: until.as_millis(), ..self.own_run() };
        let theirs = Run { inputs: branch.inputs().to_vec(), ..ours.clone() };
        let codes = [ours.to_code(), theirs.to_code()].join("~");
        self.errands.push(Errand::Go(Route::Compare(codes)));
        Redraw::None
    }

    /// The learner's own run, which also waits while two others are compared.
    pub fn own_run(&self) -> Run {
        let (timeline, lesson) = match &self.rivals {
            Some(rivals) => (&rivals.home.timeline, &rivals.home.lesson),
            None => (&self.timeline, &self.lesson),
        };
        Run::of(timeline, lesson.as_ref().map(|state| state.lesson().slug().to_owned()))
    }

    /// Opens a comparison from its address. A damaged one changes nothing but says so.
    pub(super) fn visit_comparison(&mut self, codes: &str) -> Redraw {
        let opened = match codes.split_once('~') {
            Some((first, other)) => self.both(first, other),
            None if codes.is_empty() => Ok((None, Instant::ZERO, DESIGNS.map(design))),
            None => Err(RunError { message: "It holds one run, not two.".into(), rescued: None }),
        };
        match opened {
            Ok((lesson, at, runs)) => {
                self.leave_comparison();
                self.route = Route::Compare(codes.to_owned());
                self.enter_comparison(lesson, runs);
                self.travel(at)
            }
            Err(error) => self.damaged(RunError { rescued: None, ..error }),
        }
    }

    /// Two runs at their start, and the moment at which the first was left.
    fn both(&self, first: &str, other: &str) -> Result<Compared, RunError> {
        let first = Run::from_code(first)?;
        let runs = [self.opened(&first)?.1, self.opened(&Run::from_code(other)?)?.1];
        Ok((first.lesson, Instant::from_millis(first.at_ms), runs))
    }

    fn enter_comparison(&mut self, lesson: Option<String>, [first, other]: [Timeline; 2]) {
        let futures = first.scenario().name == other.scenario().name;
        let names = if futures {
            [future(&first, &other), future(&other, &first)]
        } else {
            [&first, &other].map(|one| (one.scenario().title.clone(), about(one.scenario())))
        };
        let home = Home {
            timeline: std::mem::replace(&mut self.timeline, first),
            lesson: self.lesson.take(),
            speed: self.speed,
        };
        if !futures {
            self.speed = Speed::new(PACE);
        }
        self.notice = None;
        self.rivals = Some(Rivals { other, names, futures, parting: None, lesson, home });
        self.begin_anew();
    }

    /// Looks for the first event in which two futures differ, which is quick where both have been.
    pub(super) fn find_parting(&mut self) {
        if let Some(rivals) = &mut self.rivals
            && rivals.futures
            && rivals.parting.is_none()
        {
            rivals.parting = parting_of(&self.timeline, &rivals.other);
        }
    }

    /// The page's own run is there again.
    pub(super) fn leave_comparison(&mut self) {
        if let Some(Rivals { home, .. }) = self.rivals.take() {
            (self.timeline, self.lesson, self.speed) = (home.timeline, home.lesson, home.speed);
            self.begin_anew();
        }
    }

    /// Another world is shown, standing still.
    fn begin_anew(&mut self) -> Redraw {
        self.stop();
        self.toasts.forget_world();
        (self.selection, self.followed) = (None, None);
        (self.instruments, self.reading) = (false, None);
        Redraw::Both
    }

    /// Brings the other run to the instant of the first.
    pub(super) fn keep_step(&mut self) {
        let now = self.timeline.now();
        if let Some(rivals) = &mut self.rivals
            && rivals.other.now() != now
        {
            rivals.other.seek(now);
        }
    }

    /// Goes over to one of the two runs: a future of the learner's own run where it is one.
    pub(super) fn open_compared(&mut self, other: bool) -> Redraw {
        let (Some(chosen), Some(rivals)) = (self.side(other), &self.rivals) else {
            return Redraw::None;
        };
        let (run, at) = (Run::of(chosen, rivals.lesson.clone()), chosen.now());
        self.leave_comparison();
        let own = self.own_run();
        if (&own.scenario, own.seed) == (&run.scenario, run.seed) {
            let branches = self.timeline.branches();
            let branch = branches.iter().position(|branch| branch.inputs() == run.inputs);
            if let Some(index) = branch.filter(|_| own.inputs != run.inputs) {
                self.go_over(index as u32);
            }
            if self.timeline.inputs() == run.inputs {
                let slug = own.lesson.map(Route::Lesson);
                self.route = slug.unwrap_or(Route::Shop);
                self.errands.push(Errand::Go(self.route.clone()));
                return self.travel(at);
            }
        }
        self.open_run(Ok(run))
    }
}

fn design(name: &str) -> Timeline {
    let scenario = embedded(name).expect("both designs are embedded");
    let seed = scenario.seed;
    Timeline::new(scenario, seed)
}

/// What stands between a buyer and the answer.
fn about(scenario: &Scenario) -> String {
    let Some(door) = scenario.door() else {
        return String::new();
    };
    let calls: Vec<&str> = door.calls.iter().map(|call| &*call.service).collect();
    let topics: Vec<&str> = door.publishes.iter().map(|topic| &**topic).collect();
    let calls = (!calls.is_empty()).then(|| format!("calls {}", calls.join(", ")));
    let writes = (!topics.is_empty()).then(|| format!("writes to {}", topics.join(", ")));
    let does: Vec<String> = calls.into_iter().chain(writes).collect();
    format!("{} {}, then answers.", door.title, does.join(" and "))
}

/// The commands that only one of two futures has, by their first.
fn future(one: &Timeline, other: &Timeline) -> (String, String) {
    let own = |input: &&(Instant, Command)| !other.inputs().contains(input);
    let mut own = one.inputs().iter().filter(own);
    match own.next() {
        Some((at, command)) => {
            let more = own.count() as u64;
            let more = (more > 0).then(|| format!(", {} more", format::counted(more, "command")));
            let about = format!("at {}{}", format::clock(*at), more.unwrap_or_default());
            (command.to_string(), about)
        }
        None => ("Left alone".to_owned(), "no command of its own".to_owned()),
    }
}

/// The first event in which two futures differ: that of the first command that only one has.
fn parting_of(ours: &Timeline, theirs: &Timeline) -> Option<Difference> {
    let (mut left, mut right) = (ours.inputs().iter(), theirs.inputs().iter());
    let at = loop {
        let (one, other) = (left.next(), right.next());
        if one != other {
            break [one, other].into_iter().flatten().map(|(at, _)| *at).min()?;
        }
        one?;
    };
    let (mut ours, mut theirs) = (ours.clone(), theirs.clone());
    let start = Instant::ZERO + at.since(Instant::ZERO).saturating_sub(AROUND);
    ours.seek(start);
    theirs.seek(start);
    parting(&mut ours, &mut theirs, at + AROUND)
}
