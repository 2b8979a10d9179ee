//! What each property means, as a plain function that says what is wrong. Each has a test in which
//! it finds something.

use std::collections::{BTreeMap, BTreeSet};

pub type Checked = Result<(), String>;

/// Offsets follow each other without a gap.
pub fn consecutive(offsets: &[u64]) -> Checked {
    match offsets.windows(2).find(|pair| pair[1] != pair[0] + 1) {
        Some(pair) => Err(format!("offset {} is followed by {}", pair[0], pair[1])),
        None => Ok(()),
    }
}

/// Under one leader epoch the high watermark does not go back.
pub fn never_back(before: (u32, u64), after: (u32, u64)) -> Checked {
    if before.0 == after.0 && after.1 < before.1 {
        return Err(format!(
            "in epoch {} the high watermark went from {} to {}",
            before.0, before.1, after.1
        ));
    }
    Ok(())
}

/// Nothing is read at a limit or behind it.
pub fn nothing_past(limit: u64, read: &[u64]) -> Checked {
    match read.iter().find(|offset| **offset >= limit) {
        Some(offset) => Err(format!("offset {offset} was read, the limit is {limit}")),
        None => Ok(()),
    }
}

/// Every acknowledged record is where it was acknowledged: `(offset, value)`.
pub fn nothing_lost(acknowledged: &[(u64, u32)], log: &BTreeMap<u64, u32>) -> Checked {
    for (offset, value) in acknowledged {
        match log.get(offset) {
            Some(found) if found == value => {}
            found => {
                return Err(format!("{value} was acknowledged @ {offset}, there is {found:?}"));
            }
        }
    }
    Ok(())
}

/// In one generation a partition has one owner. An assignment is generation, member, partitions.
pub fn one_owner(assignments: &[(u32, String, Vec<String>)]) -> Checked {
    let mut owners: BTreeMap<(u32, &str), &str> = BTreeMap::new();
    for (generation, member, partitions) in assignments {
        for partition in partitions {
            let other = owners.insert((*generation, partition), member);
            if let Some(other) = other.filter(|other| other != member) {
                return Err(format!(
                    "in generation {generation} {partition} belongs to {other} and {member}"
                ));
            }
        }
    }
    Ok(())
}

/// What a reader of committed records may see of the stable part of a partition. A transaction is in
/// `written` with the values that it wrote there.
pub fn whole_or_not_at_all(
    read: &[u32],
    written: &BTreeMap<u32, Vec<u32>>,
    committed: &BTreeSet<u32>,
) -> Checked {
    for (transaction, values) in written {
        let seen = values.iter().filter(|value| read.contains(value)).count();
        if seen > 0 && !committed.contains(transaction) {
            return Err(format!("{seen} records of {transaction} are seen, it is not committed"));
        }
        if seen > 0 && seen < values.len() {
            return Err(format!("{seen} of {} records of {transaction} are seen", values.len()));
        }
    }
    Ok(())
}

/// Every acknowledged value is in the log once, no value more often, and all in order of sending.
pub fn once_in_order(acknowledged: &BTreeSet<u32>, log: &[u32]) -> Checked {
    if let Some(pair) = log.windows(2).find(|pair| pair[1] <= pair[0]) {
        return Err(format!("{} comes behind {}", pair[1], pair[0]));
    }
    match acknowledged.iter().find(|value| !log.contains(value)) {
        Some(value) => Err(format!("{value} was acknowledged and is not in the log")),
        None => Ok(()),
    }
}

#[test]
fn a_gap_is_found() {
    assert!(consecutive(&[4, 5, 6]).is_ok());
    assert!(consecutive(&[4, 6]).is_err());
    assert!(consecutive(&[4, 4]).is_err());
}

#[test]
fn a_high_watermark_that_goes_back_is_found() {
    assert!(never_back((1, 5), (2, 3)).is_ok());
    assert!(never_back((1, 5), (1, 3)).is_err());
}

#[test]
fn a_read_that_goes_too_far_is_found() {
    assert!(nothing_past(3, &[0, 1, 2]).is_ok());
    assert!(nothing_past(3, &[2, 3]).is_err());
}

#[test]
fn a_lost_record_is_found() {
    let log = BTreeMap::from([(0, 7), (1, 8)]);
    assert!(nothing_lost(&[(1, 8)], &log).is_ok());
    assert!(nothing_lost(&[(2, 9)], &log).is_err());
    assert!(nothing_lost(&[(1, 9)], &log).is_err());
}

#[test]
fn a_second_owner_is_found() {
    let owns = |generation, member: &str| (generation, member.to_owned(), vec!["t-0".to_owned()]);
    assert!(one_owner(&[owns(1, "a"), owns(2, "b"), owns(1, "a")]).is_ok());
    assert!(one_owner(&[owns(1, "a"), owns(1, "b")]).is_err());
}

#[test]
fn half_a_transaction_is_found() {
    let written = BTreeMap::from([(1, vec![10, 11])]);
    let (none, all) = (BTreeSet::new(), BTreeSet::from([1]));
    assert!(whole_or_not_at_all(&[], &written, &none).is_ok());
    assert!(whole_or_not_at_all(&[10, 11], &written, &all).is_ok());
    assert!(whole_or_not_at_all(&[10], &written, &all).is_err());
    assert!(whole_or_not_at_all(&[10, 11], &written, &none).is_err());
}

#[test]
fn a_doubled_a_missing_and_a_misplaced_record_are_found() {
    let acknowledged = BTreeSet::from([1, 2]);
    assert!(once_in_order(&acknowledged, &[1, 2, 3]).is_ok());
    assert!(once_in_order(&acknowledged, &[1, 2, 2]).is_err());
    assert!(once_in_order(&acknowledged, &[1]).is_err());
    assert!(once_in_order(&acknowledged, &[2, 1]).is_err());
}
