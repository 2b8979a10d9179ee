//! Figures as the page writes them: `1,240`, `00:17:18.4`, `1 min 28 s`, `45 ms`, `3.3`.

use std::fmt;

use crate::engine::Instant;

/// A length or a share to a hundredth: `12`, `12.5`, `0.25`. To write a float, the standard library
/// looks for the shortest digits that lead back to it; that weighs 3 KB, and nobody sees it.
#[derive(Clone, Copy, Debug)]
pub struct Decimal(i64);

pub fn decimal(number: impl Into<f64>) -> Decimal {
    Decimal((number.into() * 100.0).round() as i64)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs();
        write!(f, "{sign}{}", hundredths / 100)?;
        match hundredths % 100 {
            0 => Ok(()),
            rest if rest % 10 == 0 => write!(f, ".{}", rest / 10),
            rest => write!(f, ".{rest:02}"),
        }
    }
}

/// Groups of three digits: `1,240`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// With a capital at the start. The page's own words are ASCII, and Unicode's tables are large.
pub fn capitalized(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Without a capital at the start.
pub fn lowered(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

/// A moment of the run: `00:17:18`.
pub fn clock(at: Instant) -> String {
    let seconds = at.as_millis() / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// The tenth of a second that follows [`clock`].
pub fn tenth(at: Instant) -> u64 {
    at.as_millis() / 100 % 10
}

/// A moment with its tenth: `00:17:18.4`.
pub fn clock_tenths(at: Instant) -> String {
    format!("{}.{}", clock(at), tenth(at))
}

/// A moment on an axis: `05:00`, and `1:05:00` from the first hour on.
pub fn tick(at: Instant) -> String {
    minutes(at.as_millis())
}

/// How long something lasts, as on a stopwatch: `07:18`, `1:05:00`.
pub fn minutes(millis: u64) -> String {
    let seconds = millis / 1_000;
    match seconds / 3_600 {
        0 => format!("{:02}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// How long something lasts, in words: `45 ms`, `2.5 s`, `1 min 28 s`, `2 h 5 min`.
pub fn duration(millis: u64) -> String {
    let seconds = millis / 1_000;
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..10_000 if !millis.is_multiple_of(1_000) => {
            format!("{seconds}.{} s", millis % 1_000 / 100)
        }
        1_000..60_000 => format!("{seconds} s"),
        60_000..3_600_000 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600_000.. => two(seconds / 3_600, "h", seconds / 60 % 60, "min"),
    }
}

/// Milliseconds with their unit, never in seconds: `1,000 ms`.
pub fn millis(millis: u64) -> String {
    format!("{} ms", count(millis))
}

/// A percentile of latencies; a dash while nothing was measured, as every answer takes time.
pub fn percentile(millis: u64) -> String {
    if millis == 0 { "–".to_owned() } else { self::millis(millis) }
}

/// A rate per minute as one per second, without its unit: `3.3`.
pub fn per_second(per_minute: u64) -> String {
    let tenths = (per_minute + 3) / 6;
    match tenths {
        0..1_000 => format!("{}.{}", tenths / 10, tenths % 10),
        1_000.. => count(tenths / 10),
    }
}

/// A rate per minute: `170/min`.
pub fn per_minute(rate: u64) -> String {
    format!("{}/min", count(rate))
}

/// A share of a thousand: `30 %`, `0.5 %`. A narrow space parts the sign from the number.
pub fn per_mille(share: u64) -> String {
    match share % 10 {
        0 => format!("{}\u{202f}%", share / 10),
        tenths => format!("{}.{tenths}\u{202f}%", share / 10),
    }
}

/// A factor given in percent: `×10`, `×1.5`.
pub fn factor(percent: u64) -> String {
    match (percent / 100, percent % 100) {
        (whole, 0) => format!("×{}", count(whole)),
        (whole, rest) if rest % 10 == 0 => format!("×{whole}.{}", rest / 10),
        (whole, rest) => format!("×{whole}.{rest:02}"),
    }
}

/// A number where there is room for five letters: `9,999`, `83769`, `837k`, `8.3M`.
pub fn short(number: u64) -> String {
    match number {
        0..10_000 => count(number),
        10_000..100_000 => number.to_string(),
        100_000..1_000_000 => format!("{}k", number / 1_000),
        _ => format!("{}.{}M", number / 1_000_000, number / 100_000 % 10),
    }
}

/// Numbers in a row: `1, 2, 3`.
pub fn list(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

/// A number with its noun: `1 record`, `3 records`.
pub fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

fn two(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    match small {
        0 => format!("{large} {large_unit}"),
        _ => format!("{large} {large_unit} {small} {small_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_groups_of_three() {
        let written = [0, 7, 999, 1_240, 1_000_000].map(count);
        assert_eq!(written, ["0", "7", "999", "1,240", "1,000,000"]);
    }

    #[test]
    fn decimals_have_hundredths_where_there_are_any() {
        let written = [12.0, 0.5, -0.254, 3.051, 99.999].map(|number| decimal(number).to_string());
        assert_eq!(written, ["12", "0.5", "-0.25", "3.05", "100"]);
    }

    #[test]
    fn moments_and_durations_read_as_the_design_writes_them() {
        let at = Instant::from_millis(1_038_450);
        assert_eq!(clock_tenths(at), "00:17:18.4");
        assert_eq!(tick(Instant::from_secs(300)), "05:00");
        let written = [45, 2_500, 3_000, 88_000, 60_000, 7_500_000].map(duration);
        assert_eq!(written, ["45 ms", "2.5 s", "3 s", "1 min 28 s", "1 min", "2 h 5 min"]);
    }

    #[test]
    fn rates_and_shares_keep_the_digits_that_matter() {
        assert_eq!([200, 0, 8_000].map(per_second), ["3.3", "0.0", "133"]);
        assert_eq!([300, 5].map(per_mille), ["30\u{202f}%", "0.5\u{202f}%"]);
        assert_eq!([1_000, 150].map(factor), ["×10", "×1.5"]);
    }

    #[test]
    fn a_large_number_is_short_where_there_is_little_room() {
        let shown = [9_999, 83_769, 837_690, 8_376_900].map(short);
        assert_eq!(shown, ["9,999", "83769", "837k", "8.3M"]);
    }
}
