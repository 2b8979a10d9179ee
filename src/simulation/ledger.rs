//! The ledger: a referee beside the system.
//!
//! It keeps what should be true of every order against what is: which effects are owed and how
//! often each happened, what was charged, what is late. It names each loss, duplicate, reordering
//! and late effect with the moment and the cause. Nothing in the system reads it. All sums are kept
//! up as orders change, so a figure costs the same with a hundred thousand orders.

use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;

use super::finding::{Finding, FindingKind, Findings};
use super::observation::{LedgerFigures, MoneyFigures};
use super::scenario::{Deadline, Effect};
use crate::engine::Instant;

const BLOCK: usize = 1_024;
const EFFECTS: [Effect; 6] =
    [Effect::Charge, Effect::Reserve, Effect::Mail, Effect::Invoice, Effect::Label, Effect::Count];

/// How an order stands. Each order has exactly one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderStatus {
    InProgress,
    /// Everything owed to the buyer is done.
    Completed,
    /// The card was declined; nothing is owed.
    Declined,
    /// The buyer was told no, and nothing was charged.
    Refused,
    /// A message about it lies in a dead letter queue.
    DeadLettered,
    /// Something owed to the buyer will never happen.
    Lost,
}

impl OrderStatus {
    /// As figures and files name it.
    pub fn name(self) -> &'static str {
        match self {
            OrderStatus::InProgress => "in_progress",
            OrderStatus::Completed => "completed",
            OrderStatus::Declined => "declined",
            OrderStatus::Refused => "refused",
            OrderStatus::DeadLettered => "dead_lettered",
            OrderStatus::Lost => "lost",
        }
    }
}

/// The account of one order.
#[derive(Clone, Debug)]
pub struct OrderAccount {
    pub placed_at: Instant,
    pub status: OrderStatus,
    pub accepted: Option<bool>,
    pub amount_cents: u32,
    done: [u8; EFFECTS.len()],
    /// Effects that missed their deadline, one bit each.
    late: u8,
    declined: bool,
    dead_letters: u8,
    lost: bool,
    /// What readers of several messages about an order have handled of it: the reader, and when
    /// the message was sent.
    handled: Vec<(u16, u64)>,
}

impl OrderAccount {
    /// How often an effect happened for this order.
    pub fn times(&self, effect: Effect) -> u8 {
        self.done[effect as usize]
    }

    /// False once the order was declined or refused: then no effect is owed.
    fn is_owed(&self) -> bool {
        !matches!(self.status, OrderStatus::Declined | OrderStatus::Refused)
    }

    /// The only effect whose part in the sums a change moves, if there is but one: an order that
    /// stays owed has the others as they were.
    fn moved_by(&self, change: &Change) -> Option<Effect> {
        match change {
            Change::Done(effect) | Change::Late(effect) => {
                Some(*effect).filter(|_| self.status != OrderStatus::Refused)
            }
            _ => None,
        }
    }

    fn is_late(&self, effect: Effect) -> bool {
        self.late & (1 << effect as u8) != 0
    }
}

/// What becomes of one order.
enum Change {
    Priced(u32),
    Answered(bool),
    Done(Effect),
    Late(Effect),
    Declined,
    DeadLetter { back: bool },
    Lost,
}

/// The sums over all orders.
#[derive(Clone, Debug, Default)]
struct Sums {
    /// How often an effect happened.
    done: [u64; EFFECTS.len()],
    /// Orders that are owed the effect.
    expected: [u64; EFFECTS.len()],
    /// Of these, the orders without it.
    missing: [u64; EFFECTS.len()],
    /// How often it happened beyond what was owed.
    extra: [u64; EFFECTS.len()],
    late: [u64; EFFECTS.len()],
    money: MoneyFigures,
}

impl Sums {
    /// Adds an account to the sums, or takes it out of them again: all of it, or what it says about
    /// one effect.
    fn count(&mut self, account: &OrderAccount, owed: &[Effect], only: Option<Effect>, out: bool) {
        let add = |sum: &mut u64, part: u64| {
            *sum = if out { *sum - part } else { *sum + part };
        };
        let expected = u64::from(account.is_owed());
        for effect in owed.iter().filter(|effect| only.is_none_or(|only| only == **effect)) {
            let (index, times) = (*effect as usize, u64::from(account.times(*effect)));
            let (extra, missing) =
                (times.saturating_sub(expected), expected * u64::from(times == 0));
            add(&mut self.done[index], times);
            add(&mut self.expected[index], expected);
            add(&mut self.missing[index], missing);
            add(&mut self.extra[index], extra);
            add(&mut self.late[index], u64::from(account.is_late(*effect)));
            if *effect == Effect::Charge {
                let (cents, money) = (u64::from(account.amount_cents), &mut self.money);
                let never = missing * u64::from(account.status == OrderStatus::Lost);
                let failed = times.min(1) * u64::from(account.accepted == Some(false));
                add(&mut money.owed_cents, cents * expected);
                add(&mut money.charged_cents, cents * times);
                add(&mut money.charged_twice_cents, cents * extra);
                add(&mut money.not_charged_cents, cents * missing);
                add(&mut money.never_charged_cents, cents * never);
                add(&mut money.paid_but_failed_cents, cents * failed);
            }
        }
    }
}

/// A deadline, and how far the orders have been held against it.
#[derive(Clone, Copy, Debug)]
struct Watch {
    effect: Effect,
    within: Duration,
    /// The first order whose time is not yet up.
    next: u32,
}

#[derive(Clone, Debug)]
pub struct Ledger {
    owed: Vec<Effect>,
    watches: Vec<Watch>,
    accounts: Vec<Rc<Vec<OrderAccount>>>,
    placed: u32,
    by_status: LiteMap<OrderStatus, u64>,
    by_kind: LiteMap<FindingKind, u64>,
    sums: Sums,
    charged_twice: u64,
    paid_but_failed: u64,
    findings: Findings,
}

impl Ledger {
    /// A referee for a system in which every order is owed these effects.
    pub fn new(owed: Vec<Effect>) -> Ledger {
        Ledger {
            owed,
            watches: Vec::new(),
            accounts: Vec::new(),
            placed: 0,
            by_status: LiteMap::new(),
            by_kind: LiteMap::new(),
            sums: Sums::default(),
            charged_twice: 0,
            paid_but_failed: 0,
            findings: Findings::default(),
        }
    }

    /// Holds the system to these deadlines too.
    pub fn with_deadlines(mut self, deadlines: &[Deadline]) -> Ledger {
        let watch = |deadline: &Deadline| Watch {
            effect: deadline.effect,
            within: Duration::from_millis(deadline.within_ms),
            next: 1,
        };
        self.watches = deadlines.iter().map(watch).collect();
        self
    }

    /// Opens the account of the next order and returns its number; the first is 1.
    pub fn place(&mut self, now: Instant) -> u32 {
        let account = OrderAccount {
            placed_at: now,
            status: OrderStatus::InProgress,
            accepted: None,
            amount_cents: 0,
            done: [0; EFFECTS.len()],
            late: 0,
            declined: false,
            dead_letters: 0,
            lost: false,
            handled: Vec::new(),
        };
        self.sums.count(&account, &self.owed, None, false);
        if self.accounts.last().is_none_or(|block| block.len() == BLOCK) {
            self.accounts.push(Rc::new(Vec::with_capacity(BLOCK)));
        }
        Rc::make_mut(self.accounts.last_mut().expect("a block was just pushed")).push(account);
        self.placed += 1;
        *self.by_status.entry(OrderStatus::InProgress).or_default() += 1;
        self.placed
    }

    /// What an order costs.
    pub fn price(&mut self, order: u32, cents: u32) {
        self.change(order, Change::Priced(cents));
    }

    pub fn placed(&self) -> u32 {
        self.placed
    }

    /// The effects that every order is owed.
    pub fn owed(&self) -> &[Effect] {
        &self.owed
    }

    pub fn account(&self, order: u32) -> Option<&OrderAccount> {
        let index = order.checked_sub(1)? as usize;
        self.accounts.get(index / BLOCK)?.get(index % BLOCK)
    }

    /// The newest findings last.
    pub fn findings(&self) -> impl DoubleEndedIterator<Item = &Finding> {
        self.findings.iter()
    }

    pub fn count(&self, status: OrderStatus) -> u64 {
        self.by_status.get(&status).copied().unwrap_or(0)
    }

    /// Orders to which nothing is owed any more.
    pub fn completed(&self) -> u64 {
        self.count(OrderStatus::Completed)
            + self.count(OrderStatus::Declined)
            + self.count(OrderStatus::Refused)
    }

    /// How many findings of a kind there were.
    pub fn found(&self, kind: FindingKind) -> u64 {
        self.by_kind.get(&kind).copied().unwrap_or(0)
    }

    /// The buyer has an answer. Returns a finding if the order failed although it was paid.
    pub fn answer(
        &mut self,
        now: Instant,
        order: u32,
        outcome: Result<(), &str>,
    ) -> Option<Rc<str>> {
        self.change(order, Change::Answered(outcome.is_ok()));
        let reason = outcome.err()?;
        if self.account(order)?.times(Effect::Charge) == 0 {
            return None;
        }
        self.paid_but_failed += 1;
        self.change(order, Change::Lost);
        let text = format!("failed although the buyer paid: {reason}");
        Some(self.find(now, order, FindingKind::Loss, text))
    }

    /// An effect happened. Returns a finding if it should not have, or not so late.
    pub fn book(
        &mut self,
        now: Instant,
        order: u32,
        effect: Effect,
        cause: &str,
    ) -> Option<Rc<str>> {
        self.change(order, Change::Done(effect));
        let account = self.account(order)?;
        let (times, waited) = (account.times(effect), now.since(account.placed_at));
        let (failed, late) = (account.accepted == Some(false), account.is_late(effect));
        if effect == Effect::Charge && times == 1 && failed {
            self.paid_but_failed += 1;
            self.change(order, Change::Lost);
            let text = "was charged after the buyer had been told that it failed".to_owned();
            return Some(self.find(now, order, FindingKind::Loss, text));
        }
        if times > 1 {
            self.charged_twice += u64::from(effect == Effect::Charge && times == 2);
            let text = format!("was {} {times} times: {cause}", effect.done());
            return Some(self.find(now, order, FindingKind::Duplicate, text));
        }
        let within = self.within(effect).filter(|within| waited > *within && !late)?;
        self.change(order, Change::Late(effect));
        let (done, waited) = (effect.done(), waited.as_millis());
        let text = format!("was {done} after {waited} ms, not within {} ms", within.as_millis());
        Some(self.find(now, order, FindingKind::Late, text))
    }

    /// The card issuer said no: nothing more is owed.
    pub fn decline(&mut self, order: u32) {
        self.change(order, Change::Declined);
    }

    /// A message about the order went to a dead letter queue, or (`back`) left it.
    pub fn dead_letter(&mut self, order: u32, back: bool) {
        self.change(order, Change::DeadLetter { back });
    }

    /// A message is gone for good.
    pub fn lose(&mut self, now: Instant, order: u32, cause: String) -> Option<Rc<str>> {
        self.account(order)?;
        self.change(order, Change::Lost);
        Some(self.find(now, order, FindingKind::Loss, cause))
    }

    /// A reader handled a message about the order. Returns a finding if it has handled a message
    /// before that was sent later; what it handles once more is no reordering.
    pub fn handle(
        &mut self,
        now: Instant,
        order: u32,
        (reader, name): (u16, &str),
        sent: u64,
    ) -> Option<Rc<str>> {
        let account = self.edit(order)?;
        let newest = account.handled.iter().filter(|one| one.0 == reader).map(|one| one.1).max();
        if account.handled.contains(&(reader, sent)) {
            return None;
        }
        account.handled.push((reader, sent));
        newest.filter(|newest| *newest > sent)?;
        let text = format!("was handled out of order by {name}: it had handled a later message");
        Some(self.find(now, order, FindingKind::Reordering, text))
    }

    /// The effects whose time is up since the last look, and which are owed and not done. Each
    /// counts as late from now on.
    pub fn overdue(&mut self, now: Instant) -> Vec<(u32, Effect)> {
        let mut overdue = Vec::new();
        for index in 0..self.watches.len() {
            let Watch { effect, within, mut next } = self.watches[index];
            while let Some(account) = self.account(next)
                && now.since(account.placed_at) > within
            {
                let open = account.times(effect) == 0 && !account.lost && account.is_owed();
                if open {
                    overdue.push((next, effect));
                    self.change(next, Change::Late(effect));
                }
                next += 1;
            }
            self.watches[index].next = next;
        }
        overdue
    }

    /// An effect is overdue, and why.
    pub fn find_late(&mut self, now: Instant, order: u32, effect: Effect, why: &str) -> Rc<str> {
        let within = self.within(effect).unwrap_or_default().as_millis();
        let text = format!("is not {} within {within} ms: {why}", effect.done());
        self.find(now, order, FindingKind::Late, text)
    }

    fn within(&self, effect: Effect) -> Option<Duration> {
        self.watches.iter().find(|watch| watch.effect == effect).map(|watch| watch.within)
    }

    /// Names the message of the newest finding.
    pub fn name_message(&mut self, message: Rc<str>) {
        if let Some(finding) = self.findings.last_mut() {
            finding.message = Some(message);
        }
    }

    pub fn figures(&self) -> LedgerFigures {
        let by_effect = |sums: &[u64; EFFECTS.len()]| {
            EFFECTS
                .iter()
                .filter(|effect| self.owed.contains(effect))
                .map(|effect| (effect.name().to_owned(), sums[*effect as usize]))
                .collect()
        };
        LedgerFigures {
            placed: u64::from(self.placed),
            completed: self.completed(),
            in_progress: self.count(OrderStatus::InProgress),
            lost: self.count(OrderStatus::Lost),
            duplicated: self.found(FindingKind::Duplicate),
            reordered: self.found(FindingKind::Reordering),
            late: self.found(FindingKind::Late),
            charged_twice: self.charged_twice,
            dead_lettered: self.count(OrderStatus::DeadLettered),
            declined: self.count(OrderStatus::Declined),
            refused: self.count(OrderStatus::Refused),
            paid_but_failed: self.paid_but_failed,
            effects: by_effect(&self.sums.done),
            expected: by_effect(&self.sums.expected),
            missing: by_effect(&self.sums.missing),
            extra: by_effect(&self.sums.extra),
            overdue: by_effect(&self.sums.late),
            money: self.sums.money.clone(),
        }
    }

    fn edit(&mut self, order: u32) -> Option<&mut OrderAccount> {
        let index = order.checked_sub(1)? as usize;
        Rc::make_mut(self.accounts.get_mut(index / BLOCK)?).get_mut(index % BLOCK)
    }

    fn find(&mut self, at: Instant, order: u32, kind: FindingKind, text: String) -> Rc<str> {
        *self.by_kind.entry(kind).or_default() += 1;
        let text: Rc<str> = text.into();
        self.findings.push(Finding { at, order, kind, text: text.clone(), message: None });
        text
    }

    /// Changes an account, works out the status of the order anew and keeps the sums up.
    fn change(&mut self, order: u32, change: Change) {
        let Some(index) = order.checked_sub(1).map(|index| index as usize) else {
            return;
        };
        let Some(block) = self.accounts.get_mut(index / BLOCK) else {
            return;
        };
        let Some(account) = Rc::make_mut(block).get_mut(index % BLOCK) else {
            return;
        };
        let moved = account.moved_by(&change);
        self.sums.count(account, &self.owed, moved, true);
        account.apply(change);
        let complete = self.owed.iter().all(|effect| account.times(*effect) > 0);
        let (before, after) = (account.status, status_of(account, complete));
        account.status = after;
        self.sums.count(account, &self.owed, moved, false);
        if before != after {
            *self.by_status.entry(before).or_default() -= 1;
            *self.by_status.entry(after).or_default() += 1;
        }
    }
}

impl OrderAccount {
    fn apply(&mut self, change: Change) {
        match change {
            Change::Priced(cents) => self.amount_cents = cents,
            Change::Answered(accepted) => self.accepted = Some(accepted),
            Change::Done(effect) => {
                let times = &mut self.done[effect as usize];
                *times = times.saturating_add(1);
            }
            Change::Late(effect) => self.late |= 1 << effect as u8,
            Change::Declined => self.declined = true,
            Change::DeadLetter { back: true } => {
                self.dead_letters = self.dead_letters.saturating_sub(1);
            }
            Change::DeadLetter { back: false } => {
                self.dead_letters = self.dead_letters.saturating_add(1);
            }
            Change::Lost => self.lost = true,
        }
    }
}

fn status_of(account: &OrderAccount, complete: bool) -> OrderStatus {
    if account.lost {
        OrderStatus::Lost
    } else if account.dead_letters > 0 {
        OrderStatus::DeadLettered
    } else if account.declined {
        OrderStatus::Declined
    } else if complete {
        OrderStatus::Completed
    } else if account.accepted == Some(false) {
        OrderStatus::Refused
    } else {
        OrderStatus::InProgress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        Ledger::new(vec![Effect::Charge, Effect::Mail])
    }

    fn balanced(ledger: &Ledger) -> bool {
        let figures = ledger.figures();
        figures.placed
            == figures.completed + figures.in_progress + figures.lost + figures.dead_lettered
    }

    #[test]
    fn an_order_is_complete_when_all_that_is_owed_is_done() {
        let mut ledger = ledger();
        let order = ledger.place(Instant::ZERO);
        ledger.book(Instant::ZERO, order, Effect::Charge, "");
        assert_eq!(ledger.figures().in_progress, 1);
        ledger.book(Instant::ZERO, order, Effect::Mail, "");
        assert_eq!(ledger.figures().completed, 1);
        assert!(balanced(&ledger));
    }

    #[test]
    fn a_second_charge_is_a_finding_with_its_cause() {
        let mut ledger = ledger();
        let order = ledger.place(Instant::ZERO);
        assert_eq!(ledger.book(Instant::ZERO, order, Effect::Charge, "redelivered"), None);
        let finding = ledger.book(Instant::ZERO, order, Effect::Charge, "redelivered");
        assert_eq!(finding.as_deref(), Some("was charged 2 times: redelivered"));
        assert_eq!(ledger.figures().charged_twice, 1);
    }

    #[test]
    fn an_order_that_failed_after_the_charge_is_lost() {
        let mut ledger = ledger();
        let order = ledger.place(Instant::ZERO);
        ledger.book(Instant::ZERO, order, Effect::Charge, "");
        ledger.answer(Instant::ZERO, order, Err("email is down"));
        assert_eq!((ledger.figures().lost, ledger.figures().paid_but_failed), (1, 1));
        assert!(balanced(&ledger));
    }

    #[test]
    fn a_charge_after_a_failure_is_found() {
        let mut ledger = ledger();
        let order = ledger.place(Instant::ZERO);
        ledger.answer(Instant::ZERO, order, Err("504"));
        assert_eq!(ledger.figures().completed, 1, "refused, and nothing was charged");
        assert!(ledger.book(Instant::ZERO, order, Effect::Charge, "").is_some());
        assert_eq!((ledger.figures().lost, ledger.figures().paid_but_failed), (1, 1));
        assert!(balanced(&ledger));
    }

    #[test]
    fn a_dead_letter_that_comes_back_is_in_progress_again() {
        let mut ledger = ledger();
        let order = ledger.place(Instant::ZERO);
        ledger.dead_letter(order, false);
        assert_eq!(ledger.figures().dead_lettered, 1);
        ledger.dead_letter(order, true);
        assert_eq!((ledger.figures().dead_lettered, ledger.figures().in_progress), (0, 1));
    }
}
