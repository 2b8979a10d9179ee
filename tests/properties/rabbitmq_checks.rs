//! What each property of queues means, as a plain function that says what is wrong. Each has a test
//! in which it finds something.

use std::collections::{BTreeMap, BTreeSet};

use crate::kafka_checks::Checked;

/// Where a message is, as far as one queue knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Ready,
    Unacked,
    Acked,
    /// Rejected or expired; whether it is dead-lettered or dropped is about to be told.
    Leaving,
    /// Dropped, purged or dead-lettered.
    Gone,
}

/// What happened to a message in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Enqueued,
    Delivered {
        auto_ack: bool,
    },
    Acked,
    Rejected,
    Requeued,
    Expired,
    Dropped,
    /// Dropped or dead-lettered because the queue was full and took nothing.
    Refused,
    DeadLettered,
}

/// Where the message is next. It is in one place at a time, and what was acknowledged is never seen
/// again.
pub fn moved(place: Option<Place>, seen: Seen) -> Result<Place, String> {
    use Place as P;
    match (place, seen) {
        (None | Some(P::Gone | P::Leaving), Seen::Enqueued) => Ok(P::Ready),
        (None | Some(P::Gone | P::Leaving), Seen::Refused) => Ok(P::Gone),
        (Some(P::Ready), Seen::Delivered { auto_ack: true }) => Ok(P::Acked),
        (Some(P::Ready), Seen::Delivered { auto_ack: false }) => Ok(P::Unacked),
        (Some(P::Unacked), Seen::Acked) => Ok(P::Acked),
        (Some(P::Unacked), Seen::Rejected) | (Some(P::Ready), Seen::Expired) => Ok(P::Leaving),
        (Some(P::Unacked), Seen::Requeued) => Ok(P::Ready),
        (Some(P::Ready | P::Unacked | P::Leaving), Seen::Dropped | Seen::DeadLettered) => {
            Ok(P::Gone)
        }
        (place, seen) => Err(format!("{seen:?} of a message that is {place:?}")),
    }
}

/// The queue holds what the account says, and nothing else.
pub fn same(what: &str, held: &BTreeSet<u32>, account: &BTreeSet<u32>) -> Checked {
    match held.symmetric_difference(account).next() {
        Some(number) => Err(format!("{what}: {number} is in {held:?} or in {account:?} only")),
        None => Ok(()),
    }
}

/// A consumer holds no more than its window; zero is none.
pub fn within_window(window: u16, held: usize) -> Checked {
    if window > 0 && held > usize::from(window) {
        return Err(format!("{held} unacknowledged in a window of {window}"));
    }
    Ok(())
}

/// Delivery tags of a channel rise by one.
pub fn next_tag(last: u64, tag: u64) -> Checked {
    if tag == last + 1 { Ok(()) } else { Err(format!("delivery tag {tag} comes after {last}")) }
}

/// Of equal priority what came first goes first: `(priority, number)`, in order of delivery.
pub fn first_in_first_out(delivered: &[(u8, u32)]) -> Checked {
    for (place, (priority, number)) in delivered.iter().enumerate() {
        let before = &delivered[..place];
        if let Some(late) = before.iter().find(|other| other.0 == *priority && other.1 > *number) {
            return Err(format!("{} was delivered before {number}", late.1));
        }
    }
    Ok(())
}

/// What is ready lies in order of arrival.
pub fn in_order(ready: &[u32]) -> Checked {
    match ready.windows(2).find(|pair| pair[1] <= pair[0]) {
        Some(pair) => Err(format!("{} lies before {}", pair[0], pair[1])),
        None => Ok(()),
    }
}

/// Whatever was confirmed and not acknowledged since is still there.
pub fn survives(
    confirmed: &BTreeSet<u32>,
    acked: &BTreeSet<u32>,
    there: &BTreeSet<u32>,
) -> Checked {
    match confirmed.iter().find(|number| !acked.contains(number) && !there.contains(number)) {
        Some(number) => Err(format!("{number} was confirmed and is lost")),
        None => Ok(()),
    }
}

/// Each publish that was decided on is answered, once and so, and no other is.
pub fn told_as_decided(decided: &BTreeMap<u64, bool>, told: &BTreeMap<u64, bool>) -> Checked {
    if decided == told {
        return Ok(());
    }
    Err(format!("decided on {decided:?} and told {told:?}"))
}

/// A message that nobody rejects dies in each queue once at most.
pub fn ends(deaths: usize, queues: usize) -> Checked {
    if deaths > queues {
        return Err(format!("a message died {deaths} times in {queues} queues"));
    }
    Ok(())
}

#[test]
fn a_message_in_two_places_is_found() {
    let auto_ack = false;
    assert_eq!(moved(None, Seen::Enqueued), Ok(Place::Ready));
    assert_eq!(moved(Some(Place::Ready), Seen::Delivered { auto_ack }), Ok(Place::Unacked));
    assert!(moved(Some(Place::Unacked), Seen::Delivered { auto_ack }).is_err());
    assert!(moved(Some(Place::Ready), Seen::Enqueued).is_err());
    assert!(moved(Some(Place::Gone), Seen::Dropped).is_err());
    assert!(moved(Some(Place::Ready), Seen::Refused).is_err());
}

#[test]
fn an_acknowledged_message_that_comes_back_is_found() {
    for seen in [Seen::Enqueued, Seen::Delivered { auto_ack: false }, Seen::Requeued] {
        assert!(moved(Some(Place::Acked), seen).is_err());
    }
}

#[test]
fn a_message_that_the_account_does_not_have_is_found() {
    let (one, two) = (BTreeSet::from([1]), BTreeSet::from([1, 2]));
    assert!(same("ready", &one, &one).is_ok());
    assert!(same("ready", &one, &two).is_err());
    assert!(same("ready", &two, &one).is_err());
}

#[test]
fn a_window_that_overflows_is_found() {
    assert!(within_window(2, 2).is_ok() && within_window(0, 9).is_ok());
    assert!(within_window(2, 3).is_err());
}

#[test]
fn a_tag_that_is_left_out_or_doubled_is_found() {
    assert!(next_tag(0, 1).is_ok());
    assert!(next_tag(1, 3).is_err());
    assert!(next_tag(3, 3).is_err());
}

#[test]
fn a_message_that_overtakes_another_is_found() {
    assert!(first_in_first_out(&[(3, 7), (0, 1), (0, 2), (3, 8)]).is_ok());
    assert!(first_in_first_out(&[(0, 2), (0, 1)]).is_err());
    assert!(in_order(&[1, 5, 6]).is_ok());
    assert!(in_order(&[1, 6, 5]).is_err());
}

#[test]
fn a_lost_confirmed_message_is_found() {
    let (one, none) = (BTreeSet::from([1]), BTreeSet::new());
    assert!(survives(&one, &one, &none).is_ok() && survives(&one, &none, &one).is_ok());
    assert!(survives(&one, &none, &none).is_err());
}

#[test]
fn an_answer_that_is_left_out_or_wrong_is_found() {
    let (acked, nacked) = (BTreeMap::from([(1, true)]), BTreeMap::from([(1, false)]));
    assert!(told_as_decided(&acked, &acked).is_ok());
    assert!(told_as_decided(&acked, &nacked).is_err());
    assert!(told_as_decided(&acked, &BTreeMap::new()).is_err());
    assert!(told_as_decided(&BTreeMap::new(), &acked).is_err());
}

#[test]
fn a_circle_that_does_not_end_is_found() {
    assert!(ends(3, 3).is_ok());
    assert!(ends(4, 3).is_err());
}
