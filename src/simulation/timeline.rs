//! The timeline: a run that can be played, stepped, rewound and forked.
//!
//! A run is its scenario, its seed and the commands with their instants; everything else follows.
//! Checkpoints are copies of the world that make rewinding quick: a cache, never saved.

use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;

use super::command::{Command, CommandError};
use super::network::LinkFault;
use super::scenario::Scenario;
use super::world::World;
use crate::engine::Instant;

/// More checkpoints than this are thinned out.
const CHECKPOINTS: usize = 48;
const FIRST_SPACING: Duration = Duration::from_secs(5);

/// A mark on the time bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    pub at: Instant,
    pub label: String,
    pub kind: MarkerKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkerKind {
    /// Something was broken.
    Bad,
    /// Something was mended.
    Good,
    Neutral,
}

/// A future that was left when a command was given in the past.
#[derive(Clone, Debug)]
pub struct Branch {
    pub name: String,
    pub forked_at: Instant,
    inputs: Vec<(Instant, Command)>,
    reach: World,
}

impl Branch {
    /// The furthest state of that future.
    pub fn end(&self) -> &World {
        &self.reach
    }

    pub fn inputs(&self) -> &[(Instant, Command)] {
        &self.inputs
    }
}

/// One run.
#[derive(Clone, Debug)]
pub struct Timeline {
    scenario: Rc<Scenario>,
    seed: u64,
    inputs: Vec<(Instant, Command)>,
    /// How many of the inputs the present world has seen.
    applied: u32,
    checkpoints: LiteMap<Instant, (u32, World)>,
    spacing: Duration,
    world: World,
    /// The furthest state that this run has been in.
    reach: Option<World>,
    branches: Vec<Branch>,
    forks: u32,
}

impl Timeline {
    pub fn new(scenario: Rc<Scenario>, seed: u64) -> Timeline {
        let world = World::new(scenario.clone(), seed);
        let checkpoints = LiteMap::from_iter([(Instant::ZERO, (0, world.clone()))]);
        Timeline {
            scenario,
            seed,
            inputs: Vec::new(),
            applied: 0,
            checkpoints,
            spacing: FIRST_SPACING,
            world,
            reach: None,
            branches: Vec::new(),
            forks: 0,
        }
    }

    /// A run with commands that were given before, at its start.
    pub fn with_inputs(
        scenario: Rc<Scenario>,
        seed: u64,
        mut inputs: Vec<(Instant, Command)>,
    ) -> Timeline {
        inputs.sort_by_key(|(at, _)| *at);
        Timeline { inputs, ..Timeline::new(scenario, seed) }
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    pub fn scenario(&self) -> &Rc<Scenario> {
        &self.scenario
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    pub fn now(&self) -> Instant {
        self.world.now()
    }

    /// The commands of this run, those after the present too.
    pub fn inputs(&self) -> &[(Instant, Command)] {
        &self.inputs
    }

    /// The furthest state that this run has been in; its series fill the time bar.
    pub fn furthest(&self) -> &World {
        match &self.reach {
            Some(reach) if reach.now() > self.world.now() => reach,
            Some(_) | None => &self.world,
        }
    }

    /// The instants from which seeking starts, the earliest first.
    pub fn checkpoints(&self) -> impl Iterator<Item = Instant> {
        self.checkpoints.keys().copied()
    }

    /// Futures that were left, oldest first.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// Marks for the time bar: the commands of this run and the scenario's timed faults.
    pub fn markers(&self) -> Vec<Marker> {
        let timed = self
            .scenario
            .faults
            .iter()
            .map(|fault| (Instant::from_millis(fault.at_ms), &fault.command));
        let given = self.inputs.iter().map(|(at, command)| (*at, command));
        let mut markers: Vec<Marker> = timed
            .chain(given)
            .map(|(at, command)| Marker { at, label: command.to_string(), kind: kind_of(command) })
            .collect();
        markers.sort_by_key(|marker| marker.at);
        markers
    }

    /// Plays forward to `until`, commands of this run included.
    pub fn run_until(&mut self, until: Instant) {
        while let Some((at, command)) = self.inputs.get(self.applied as usize).cloned() {
            if at > until {
                break;
            }
            self.run_world(at);
            self.applied += 1;
            // A command that a scenario change made meaningless stays without effect.
            let _refused = self.world.command(&command);
        }
        self.run_world(until);
    }

    /// Runs to the next instant at which anything happens, at most to `limit`.
    pub fn step(&mut self, limit: Instant) {
        let input = self.inputs.get(self.applied as usize).map(|(at, _)| *at);
        let due = self.world.next_due().into_iter().chain(input).min().unwrap_or(limit);
        self.run_until(due.min(limit));
    }

    /// Goes to `to`, forwards or backwards.
    pub fn seek(&mut self, to: Instant) {
        if to < self.now() {
            self.keep_reach();
            self.restore(to);
        }
        self.run_until(to);
    }

    /// Gives a command now. In the past this forks the run: the old future becomes a branch.
    pub fn command(&mut self, command: Command) -> Result<(), CommandError> {
        self.world.check(&command)?;
        if self.has_future() {
            self.fork();
        }
        self.world.command(&command)?;
        self.inputs.push((self.now(), command));
        self.applied += 1;
        Ok(())
    }

    /// Leaves the future of this run as a branch and starts another one at the present.
    pub fn fork(&mut self) {
        let (now, applied) = (self.now(), self.applied);
        self.keep_reach();
        let end = self.reach.take().unwrap_or_else(|| self.world.clone());
        self.forks += 1;
        self.branches.push(Branch {
            name: format!("Run {}", self.forks),
            forked_at: now,
            inputs: self.inputs.clone(),
            reach: end,
        });
        self.inputs.truncate(applied as usize);
        self.checkpoints.retain(|at, (seen, _)| *at <= now && *seen <= applied);
    }

    /// Goes over to a branch; the present future takes its place among the branches.
    pub fn switch_to(&mut self, index: u32) {
        if index as usize >= self.branches.len() {
            return;
        }
        let branch = self.branches.remove(index as usize);
        let now = self.now();
        self.keep_reach();
        let end = self.reach.take().unwrap_or_else(|| self.world.clone());
        let left = Branch {
            name: format!("Run {}", self.forks + 1),
            forked_at: branch.forked_at,
            inputs: std::mem::replace(&mut self.inputs, branch.inputs),
            reach: end,
        };
        self.forks += 1;
        self.branches.push(left);
        self.checkpoints.retain(|at, _| *at <= branch.forked_at);
        self.reach = Some(branch.reach);
        self.restore(now);
        self.run_until(now);
    }

    /// Takes the world of the last checkpoint by `at`.
    fn restore(&mut self, at: Instant) {
        let checkpoint = self.checkpoints.iter().rev().find(|(taken, _)| **taken <= at);
        let (_, (applied, world)) = checkpoint.expect("the start is a checkpoint");
        (self.applied, self.world) = (*applied, world.clone());
    }

    /// True when there is something after the present that a new command would replace.
    pub fn has_future(&self) -> bool {
        self.applied < self.inputs.len() as u32
            || self.reach.as_ref().is_some_and(|reach| reach.now() > self.now())
    }

    fn keep_reach(&mut self) {
        if self.reach.as_ref().is_none_or(|reach| reach.now() < self.world.now()) {
            self.reach = Some(self.world.clone());
        }
    }

    /// Runs the world, leaving checkpoints on the way.
    fn run_world(&mut self, until: Instant) {
        while self.now() < until {
            let last = self.checkpoints.keys().next_back().copied().unwrap_or(Instant::ZERO);
            let next = last + self.spacing;
            if next > self.now() && next <= until {
                self.world.run_until(next);
                self.checkpoints.insert(next, (self.applied, self.world.clone()));
                self.thin_out();
            } else if next <= self.now() && self.now() > last {
                self.checkpoints.insert(self.now(), (self.applied, self.world.clone()));
                self.thin_out();
            } else {
                self.world.run_until(until);
            }
        }
        self.world.run_until(until);
    }

    /// Keeps every second checkpoint and doubles the spacing when there are too many.
    fn thin_out(&mut self) {
        if self.checkpoints.len() <= CHECKPOINTS {
            return;
        }
        self.spacing *= 2;
        let mut keep = false;
        self.checkpoints.retain(|_, _| {
            keep = !keep;
            keep
        });
    }
}

fn kind_of(command: &Command) -> MarkerKind {
    match command {
        Command::Kill { .. } | Command::Poison { .. } | Command::CrashAt { .. } => MarkerKind::Bad,
        Command::Restart { .. } | Command::Replay { .. } => MarkerKind::Good,
        Command::Slow { percent, .. } if *percent > 100 => MarkerKind::Bad,
        Command::FailRate { per_mille, .. } if *per_mille > 0 => MarkerKind::Bad,
        Command::Slow { .. } | Command::FailRate { .. } => MarkerKind::Good,
        Command::SetWork { .. }
        | Command::Instances { .. }
        | Command::Prefetch { .. }
        | Command::Ack { .. }
        | Command::Call { .. }
        | Command::ArrivalRate { .. }
        | Command::SetCall { .. }
        | Command::SetAdmission { .. }
        | Command::SetAutoscale { .. }
        | Command::SetBuyers { .. }
        | Command::PublisherConfirms { .. }
        | Command::Ramp { .. }
        | Command::Burst { .. } => MarkerKind::Neutral,
        Command::LinkFault { fault, .. } if *fault == LinkFault::default() => MarkerKind::Good,
        Command::Pause { .. }
        | Command::Cut { .. }
        | Command::LinkFault { .. }
        | Command::LoseReply { .. }
        | Command::KillBroker { .. }
        | Command::KillNode { .. }
        | Command::DiskFull { .. }
        | Command::PoisonNth { .. }
        | Command::Malformed { .. }
        | Command::ExpireRecords { .. }
        | Command::ElectUnclean { .. } => MarkerKind::Bad,
        Command::Resume { .. }
        | Command::Heal { .. }
        | Command::RestartBroker { .. }
        | Command::RestartNode { .. }
        | Command::DiskFree { .. } => MarkerKind::Good,
        Command::AlterTopic { .. }
        | Command::AddPartitions { .. }
        | Command::ResetOffsets { .. }
        | Command::Set { .. }
        | Command::Rebuild { .. }
        | Command::Reads { .. } => MarkerKind::Neutral,
    }
}
