//! The timeline: a run that can be played, stepped, rewound and forked.
//!
//! A run is its scenario, its seed and the commands with their instants; everything else follows.
//! Checkpoints are copies of the world that make seeking quick: a cache, never saved. They are as
//! far apart as the work between them, so that no seek repeats much more of it than another.

use crate::engine::sort_few;
use std::rc::Rc;

use litemap::LiteMap;

use super::breakpoint::{Breakpoint, Watch};
use super::command::{Command, CommandError};
use super::network::LinkFault;
use super::scenario::Scenario;
use super::world::World;
use crate::engine::Instant;

/// More checkpoints than this are thinned out.
const CHECKPOINTS: usize = 64;
/// What all checkpoints together may hold, in bytes.
const MEMORY: usize = 64 << 20;
/// How many things happen between two checkpoints, at the start of a run.
const FIRST_SPACING: u64 = 16_000;

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

/// A copy of the world, and how many inputs it has seen.
#[derive(Clone, Debug)]
struct Checkpoint {
    applied: u32,
    world: World,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Timeline {
    scenario: Rc<Scenario>,
    seed: u64,
    inputs: Vec<(Instant, Command)>,
    /// How many of the inputs the present world has seen.
    applied: u32,
    /// Commands that were taken back, the last one last.
    undone: Vec<(Instant, Command)>,
    checkpoints: LiteMap<Instant, Checkpoint>,
    spacing: u64,
    world: World,
    /// The furthest state that this run has been in.
    reach: Option<World>,
    branches: Vec<Branch>,
    forks: u32,
}

impl Timeline {
    pub fn new(scenario: Rc<Scenario>, seed: u64) -> Timeline {
        let world = World::new(scenario.clone(), seed);
        let start = Checkpoint { applied: 0, world: world.clone() };
        let checkpoints = LiteMap::from_iter([(Instant::ZERO, start)]);
        Timeline {
            scenario,
            seed,
            inputs: Vec::new(),
            applied: 0,
            undone: Vec::new(),
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
        sort_few(&mut inputs, |(at, _)| *at);
        Timeline { inputs, ..Timeline::new(scenario, seed) }
    }

    /// A run that will only be played forward keeps no checkpoints.
    pub fn without_checkpoints(self) -> Timeline {
        Timeline { spacing: u64::MAX, ..self }
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

    /// Marks for the time bar: the commands of this run, the scenario's timed faults and the
    /// changes of its arrivals.
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
        markers.extend(self.scenario.arrivals.changes.iter().map(|change| Marker {
            at: Instant::from_millis(change.at_ms),
            label: Command::ArrivalRate { per_minute: change.per_minute }.to_string(),
            kind: MarkerKind::Neutral,
        }));
        sort_few(&mut markers, |marker| marker.at);
        markers
    }

    /// Plays forward to `until`, commands of this run included.
    pub fn run_until(&mut self, until: Instant) {
        self.run_some(until, u64::MAX);
    }

    /// As [`run_until`](Timeline::run_until), but only about `count` happenings far. True when it
    /// is there.
    pub fn run_some(&mut self, until: Instant, count: u64) -> bool {
        let last = self.world.happened().saturating_add(count);
        while let Some((at, command)) = self.inputs.get(self.applied as usize).cloned() {
            if at > until {
                break;
            }
            if !self.run_world(at, last) {
                return false;
            }
            self.applied += 1;
            // A command that a scenario change made meaningless stays without effect.
            let _refused = self.world.command(&command);
        }
        self.run_world(until, last)
    }

    /// Runs to the next instant at which anything happens, at most to `limit`.
    pub fn step(&mut self, limit: Instant) {
        let input = self.inputs.get(self.applied as usize).map(|(at, _)| *at);
        let due = self.world.next_due().into_iter().chain(input).min().unwrap_or(limit);
        self.run_until(due.min(limit));
    }

    /// Plays until the breakpoint is reached, at most to `limit`. True if it was reached.
    pub fn run_to(&mut self, breakpoint: &Breakpoint, limit: Instant) -> bool {
        let mut watch = Watch::begin(breakpoint, &self.world);
        self.run_watched(&mut watch, limit)
    }

    /// Goes on with a watch that began earlier.
    pub fn run_watched(&mut self, watch: &mut Watch, limit: Instant) -> bool {
        loop {
            if watch.is_reached(&self.world) {
                return true;
            }
            if self.now() >= limit {
                return false;
            }
            self.step(limit);
        }
    }

    /// Goes to `to`, forwards or backwards.
    pub fn seek(&mut self, to: Instant) {
        self.approach(to);
        self.run_until(to);
    }

    /// Goes to the last moment before `to` that needs no playing: a checkpoint or the present.
    pub fn approach(&mut self, to: Instant) {
        if to < self.now() {
            self.keep_reach();
            self.restore(to);
        } else if self.last_checkpoint(to).is_some_and(|(at, _)| *at > self.now()) {
            self.restore(to);
        }
    }

    /// Gives a command now. In the past this forks the run: the old future becomes a branch.
    pub fn command(&mut self, command: Command) -> Result<(), CommandError> {
        self.world.check(&command)?;
        if self.has_future() {
            self.fork();
        }
        self.undone.clear();
        self.world.command(&command)?;
        self.inputs.push((self.now(), command));
        self.applied += 1;
        // What follows at once has happened before the next command, as in any replay.
        self.world.run_until(self.now());
        Ok(())
    }

    /// The command that [`undo`](Timeline::undo) would take back.
    pub fn can_undo(&self) -> Option<&(Instant, Command)> {
        self.inputs.last()
    }

    /// The command that [`redo`](Timeline::redo) would give again.
    pub fn can_redo(&self) -> Option<&(Instant, Command)> {
        self.undone.last()
    }

    /// Takes back the command that was given last and replays the run without it to the present.
    pub fn undo(&mut self) -> Option<(Instant, Command)> {
        let undone = self.inputs.pop()?;
        self.undone.push(undone.clone());
        self.replay_after(self.inputs.len() as u32, undone.0);
        Some(undone)
    }

    /// Gives the command again that was taken back last, at its old instant.
    pub fn redo(&mut self) -> Option<(Instant, Command)> {
        let again = self.undone.pop()?;
        self.inputs.push(again.clone());
        self.replay_after(self.inputs.len() as u32 - 1, again.0);
        Some(again)
    }

    /// Makes the present anew after the inputs changed at an instant, the first `kept` excepted.
    fn replay_after(&mut self, kept: u32, changed: Instant) {
        let now = self.now();
        self.checkpoints.retain(|at, one| *at <= changed && one.applied <= kept);
        self.reach = None;
        if changed <= now {
            self.restore(changed);
            self.run_until(now);
        }
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
        self.undone.clear();
        self.checkpoints.retain(|at, one| *at <= now && one.applied <= applied);
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
        self.undone.clear();
        self.restore(now);
        self.run_until(now);
    }

    fn last_checkpoint(&self, by: Instant) -> Option<(&Instant, &Checkpoint)> {
        self.checkpoints.iter().rev().find(|(taken, _)| **taken <= by)
    }

    /// Takes the world of the last checkpoint by `at`.
    fn restore(&mut self, at: Instant) {
        let (_, checkpoint) = self.last_checkpoint(at).expect("the start is a checkpoint");
        let Checkpoint { applied, world } = checkpoint.clone();
        (self.applied, self.world) = (applied, world);
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

    /// Runs the world, leaving checkpoints on the way. False when `last` has happened before.
    fn run_world(&mut self, until: Instant, last: u64) -> bool {
        loop {
            let kept = self.checkpoints.values().next_back().map_or(0, |one| one.world.happened());
            let next = kept.saturating_add(self.spacing);
            let left = next.min(last).saturating_sub(self.world.happened());
            if self.world.run_some(until, left.max(1)) {
                return true;
            }
            if self.world.happened() >= next {
                self.keep_checkpoint();
            }
            if self.world.happened() >= last {
                return false;
            }
        }
    }

    fn keep_checkpoint(&mut self) {
        let checkpoint = Checkpoint { applied: self.applied, world: self.world.clone() };
        self.checkpoints.insert(self.now(), checkpoint);
        for (_, one) in self.checkpoints.iter_mut() {
            one.world.trace.forget_as(&self.world.trace);
        }
        while self.checkpoints.len() > CHECKPOINTS || self.weight() > MEMORY {
            self.thin_out();
        }
    }

    /// About how many bytes the checkpoints hold.
    pub fn weight(&self) -> usize {
        let trace = |one: &World| one.trace.weight_beside(&self.world.trace);
        self.checkpoints.values().map(|one| one.world.weight() + trace(&one.world)).sum()
    }

    /// Keeps every second checkpoint and doubles the spacing.
    fn thin_out(&mut self) {
        self.spacing = self.spacing.saturating_mul(2);
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
        | Command::RegisterSchema { .. }
        | Command::SetCompatibility { .. }
        | Command::Bind { .. }
        | Command::Unbind { .. }
        | Command::SetPolicy { .. }
        | Command::ClearPolicy { .. }
        | Command::Decide { .. }
        | Command::Reads { .. } => MarkerKind::Neutral,
    }
}
