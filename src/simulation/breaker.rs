//! Circuit breakers: a caller stops calling a service that fails, and carefully begins again.

use crate::engine::Instant;

use super::scenario::BreakerSpec;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreakerState {
    /// Calls go through.
    #[default]
    Closed,
    /// A few calls go through, to see.
    HalfOpen,
    /// Every call fails at once.
    Open,
}

impl BreakerState {
    pub fn name(self) -> &'static str {
        match self {
            BreakerState::Closed => "closed",
            BreakerState::HalfOpen => "half-open",
            BreakerState::Open => "open",
        }
    }
}

/// The breaker of one caller before one service.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    state: BreakerState,
    since: Instant,
    /// Closed: failures in a row. Half-open: successes.
    counted: u32,
    /// Calls let through while half-open.
    let_through: u32,
}

impl Breaker {
    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// Whether a call may be made now. An open breaker is half-open once its time is over.
    pub fn admits(&mut self, spec: &BreakerSpec, now: Instant) -> bool {
        if self.state == BreakerState::Open
            && now.since(self.since).as_millis() >= u128::from(spec.open_ms)
        {
            self.turn(BreakerState::HalfOpen, now);
        }
        match self.state {
            BreakerState::Closed => true,
            BreakerState::Open => false,
            BreakerState::HalfOpen => {
                self.let_through += 1;
                self.let_through <= spec.half_open_calls
            }
        }
    }

    /// A call that was made at `made_at` is over. One from before the present state says nothing.
    pub fn learn(&mut self, spec: &BreakerSpec, made_at: Instant, now: Instant, succeeded: bool) {
        if made_at < self.since || self.state == BreakerState::Open {
            return;
        }
        let failed = !succeeded;
        self.counted += 1;
        match self.state {
            BreakerState::Closed if succeeded => self.counted = 0,
            BreakerState::Closed if self.counted >= spec.failures => {
                self.turn(BreakerState::Open, now);
            }
            BreakerState::HalfOpen if failed => self.turn(BreakerState::Open, now),
            BreakerState::HalfOpen if self.counted >= spec.half_open_calls => {
                self.turn(BreakerState::Closed, now);
            }
            BreakerState::Closed | BreakerState::HalfOpen | BreakerState::Open => {}
        }
    }

    fn turn(&mut self, state: BreakerState, now: Instant) {
        *self = Breaker { state, since: now, ..Breaker::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: BreakerSpec = BreakerSpec { failures: 3, open_ms: 1_000, half_open_calls: 2 };

    fn ms(ms: u64) -> Instant {
        Instant::from_millis(ms)
    }

    /// A breaker that has just opened at 10 ms.
    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        for at in [8, 9, 10] {
            assert!(breaker.admits(&SPEC, ms(at)));
            breaker.learn(&SPEC, ms(at), ms(at), false);
        }
        assert_eq!(breaker.state(), BreakerState::Open);
        breaker
    }

    #[test]
    fn only_failures_in_a_row_open_it() {
        let mut breaker = Breaker::default();
        for succeeded in [false, false, true, false, false] {
            breaker.learn(&SPEC, ms(1), ms(1), succeeded);
        }
        assert_eq!(breaker.state(), BreakerState::Closed);
        breaker.learn(&SPEC, ms(1), ms(2), false);
        assert_eq!(breaker.state(), BreakerState::Open);
    }

    #[test]
    fn it_lets_a_few_calls_through_after_its_time_and_closes_when_all_succeed() {
        let mut breaker = opened();
        assert!(!breaker.admits(&SPEC, ms(1_009)));
        let admitted = [0, 0, 0].map(|_| breaker.admits(&SPEC, ms(1_010)));
        assert_eq!(admitted, [true, true, false]);
        breaker.learn(&SPEC, ms(1_010), ms(1_020), true);
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        breaker.learn(&SPEC, ms(1_010), ms(1_020), true);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn one_failure_while_half_open_opens_it_again() {
        let mut breaker = opened();
        assert!(breaker.admits(&SPEC, ms(1_010)));
        breaker.learn(&SPEC, ms(1_010), ms(1_050), false);
        assert!(!breaker.admits(&SPEC, ms(2_049)));
        assert!(breaker.admits(&SPEC, ms(2_050)));
    }

    #[test]
    fn the_end_of_an_older_call_changes_nothing() {
        let mut breaker = opened();
        assert!(breaker.admits(&SPEC, ms(1_010)));
        breaker.learn(&SPEC, ms(5), ms(1_015), false);
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
    }
}
