//! How often, and after what delays, something that failed is tried again.

use std::time::Duration;

use crate::json::document;
use crate::simulation::random::Stream;

document! {
    /// Attempts after the first one, and the time before each.
    pub struct Retry: Eq {
        /// Further attempts after the first; 0 gives up at once.
        pub attempts: u32,
        /// The time before each of them.
        pub delay: Delay,
    }
}

impl Default for Retry {
    fn default() -> Retry {
        Retry { attempts: 3, delay: Delay::FixedMs(1_000) }
    }
}

document! {
    /// The time before a further attempt, in milliseconds.
    pub enum Delay: Eq {
        /// None: tried again at once.
        Immediate,
        /// The same each time.
        FixedMs(u64),
        /// Doubles from `base_ms` up to `max_ms`; `jitter_percent` of it is drawn anew each time,
        /// so that callers who failed together do not come back together.
        Exponential {
            /// Before the first further attempt.
            base_ms: u64,
            /// It grows no longer than this.
            max_ms: u64,
            /// How much of it is drawn, in percent; 100 is full jitter.
            jitter_percent: u32 = 0,
        },
        /// One delay for each attempt; the last one repeats.
        LadderMs(Vec<u64>),
    }
}

impl Retry {
    /// One attempt and no other.
    pub fn none() -> Retry {
        Retry { attempts: 0, delay: Delay::Immediate }
    }

    /// Says what is wrong with the numbers, if anything is.
    pub(crate) fn check(&self) -> Result<(), String> {
        match &self.delay {
            Delay::LadderMs(rungs) if rungs.is_empty() => {
                Err("a ladder has at least one delay".into())
            }
            Delay::Exponential { base_ms, max_ms, .. } if base_ms > max_ms => {
                Err(format!("the delay starts at {base_ms} ms, above its most, {max_ms} ms"))
            }
            Delay::Immediate
            | Delay::FixedMs(_)
            | Delay::Exponential { .. }
            | Delay::LadderMs(_) => Ok(()),
        }
    }

    /// The delay after so many failed attempts (from 1), or `None` to give up.
    pub(crate) fn after(&self, failed: u32, draws: &mut Stream) -> Option<Duration> {
        if failed > self.attempts {
            return None;
        }
        let micros = match &self.delay {
            Delay::Immediate => 0,
            Delay::FixedMs(ms) => ms * 1_000,
            Delay::Exponential { base_ms, max_ms, jitter_percent } => {
                let doubled = base_ms.saturating_mul(1 << failed.saturating_sub(1).min(40));
                let longest = doubled.min(*max_ms).saturating_mul(1_000);
                let jitter = longest / 100 * u64::from((*jitter_percent).min(100));
                longest - if jitter > 0 { draws.below(jitter + 1) } else { 0 }
            }
            Delay::LadderMs(rungs) => {
                let rung = (failed as usize - 1).min(rungs.len().saturating_sub(1));
                rungs.get(rung).map_or(0, |ms| ms * 1_000)
            }
        };
        Some(Duration::from_micros(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(delay: Delay) -> Vec<Option<u64>> {
        let retry = Retry { attempts: 4, delay };
        let mut draws = Stream::new(1, "test");
        let after = |failed| Some(retry.after(failed, &mut draws)?.as_millis() as u64);
        (1..=5).map(after).collect()
    }

    #[test]
    fn each_kind_of_delay_has_its_pattern_and_then_gives_up() {
        let exponential = Delay::Exponential { base_ms: 100, max_ms: 500, jitter_percent: 0 };
        let some = |ms: [u64; 4]| ms.into_iter().map(Some).chain([None]).collect::<Vec<_>>();
        assert_eq!(delays(Delay::Immediate), some([0, 0, 0, 0]));
        assert_eq!(delays(Delay::FixedMs(7)), some([7, 7, 7, 7]));
        assert_eq!(delays(exponential), some([100, 200, 400, 500]));
        assert_eq!(delays(Delay::LadderMs(vec![1, 5, 30])), some([1, 5, 30, 30]));
    }

    #[test]
    fn full_jitter_spreads_a_delay_over_all_of_it() {
        let delay = Delay::Exponential { base_ms: 1_000, max_ms: 1_000, jitter_percent: 100 };
        let retry = Retry { attempts: 1, delay };
        let mut draws = Stream::new(1, "test");
        let drawn: Vec<Duration> = (0..200).filter_map(|_| retry.after(1, &mut draws)).collect();
        assert!(drawn.iter().any(|delay| *delay < Duration::from_millis(100)));
        assert!(drawn.iter().any(|delay| *delay > Duration::from_millis(900)));
        assert!(drawn.iter().all(|delay| *delay <= Duration::from_secs(1)));
    }
}
