//! The ledger: a referee beside the system.
//!
//! It keeps what should be true of every order against what is, and names each loss and each
//! duplicate with the moment and the cause. Nothing in the system reads it.

use std::rc::Rc;

use litemap::LiteMap;

use super::observation::LedgerFigures;
use super::scenario::Effect;
use crate::engine::Instant;

const BLOCK: usize = 1_024;
/// Findings kept word for word; all of them are counted.
const FINDINGS_KEPT: usize = 1_000;
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    Loss,
    Duplicate,
    Reordering,
}

/// One thing that went wrong with an order, and why.
#[derive(Clone, Debug)]
pub struct Finding {
    pub at: Instant,
    pub order: u32,
    pub kind: FindingKind,
    /// A clause after the order's name: "was charged twice: redelivered after a crash".
    pub text: Rc<str>,
}

/// The account of one order.
#[derive(Clone, Debug)]
pub struct OrderAccount {
    pub placed_at: Instant,
    pub status: OrderStatus,
    pub accepted: Option<bool>,
    done: [u8; EFFECTS.len()],
    declined: bool,
    dead_letters: u8,
    lost: bool,
}

impl OrderAccount {
    /// How often an effect happened for this order.
    pub fn times(&self, effect: Effect) -> u8 {
        self.done[effect as usize]
    }
}

#[derive(Clone, Debug)]
pub struct Ledger {
    owed: Vec<Effect>,
    accounts: Vec<Rc<Vec<OrderAccount>>>,
    placed: u32,
    by_status: LiteMap<OrderStatus, u64>,
    by_effect: [u64; EFFECTS.len()],
    by_kind: LiteMap<FindingKind, u64>,
    charged_twice: u64,
    paid_but_failed: u64,
    findings: Rc<Vec<Finding>>,
}

impl Ledger {
    /// A referee for a system in which every order is owed these effects.
    pub fn new(owed: Vec<Effect>) -> Ledger {
        Ledger {
            owed,
            accounts: Vec::new(),
            placed: 0,
            by_status: LiteMap::new(),
            by_effect: [0; EFFECTS.len()],
            by_kind: LiteMap::new(),
            charged_twice: 0,
            paid_but_failed: 0,
            findings: Rc::default(),
        }
    }

    /// Opens the account of the next order and returns its number; the first is 1.
    pub fn place(&mut self, now: Instant) -> u32 {
        let account = OrderAccount {
            placed_at: now,
            status: OrderStatus::InProgress,
            accepted: None,
            done: [0; EFFECTS.len()],
            declined: false,
            dead_letters: 0,
            lost: false,
        };
        if self.accounts.last().is_none_or(|block| block.len() == BLOCK) {
            self.accounts.push(Rc::new(Vec::with_capacity(BLOCK)));
        }
        Rc::make_mut(self.accounts.last_mut().expect("a block was just pushed")).push(account);
        self.placed += 1;
        *self.by_status.entry(OrderStatus::InProgress).or_default() += 1;
        self.placed
    }

    pub fn placed(&self) -> u32 {
        self.placed
    }

    pub fn account(&self, order: u32) -> Option<&OrderAccount> {
        let index = order.checked_sub(1)? as usize;
        self.accounts.get(index / BLOCK)?.get(index % BLOCK)
    }

    /// The newest findings last.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub fn count(&self, status: OrderStatus) -> u64 {
        self.by_status.get(&status).copied().unwrap_or(0)
    }

    /// The buyer has an answer. Returns a finding if the order failed although it was paid.
    pub fn answer(
        &mut self,
        now: Instant,
        order: u32,
        outcome: Result<(), &str>,
    ) -> Option<Rc<str>> {
        let account = self.edit(order)?;
        account.accepted = Some(outcome.is_ok());
        let paid = account.times(Effect::Charge) > 0;
        let mut text = None;
        if let Err(reason) = outcome
            && paid
        {
            self.paid_but_failed += 1;
            text = Some(self.find(
                now,
                order,
                FindingKind::Loss,
                format!("failed although the buyer paid: {reason}"),
            ));
            self.edit(order)?.lost = true;
        }
        self.settle(order);
        text
    }

    /// An effect happened. Returns a finding if it had happened before.
    pub fn book(
        &mut self,
        now: Instant,
        order: u32,
        effect: Effect,
        cause: &str,
    ) -> Option<Rc<str>> {
        let account = self.edit(order)?;
        let times = account.done[effect as usize].saturating_add(1);
        account.done[effect as usize] = times;
        let late = effect == Effect::Charge && times == 1 && account.accepted == Some(false);
        account.lost |= late;
        self.by_effect[effect as usize] += 1;
        self.settle(order);
        if late {
            self.paid_but_failed += 1;
            let text = "was charged after the buyer had been told that it failed".to_owned();
            return Some(self.find(now, order, FindingKind::Loss, text));
        }
        if times < 2 {
            return None;
        }
        if effect == Effect::Charge && times == 2 {
            self.charged_twice += 1;
        }
        let text = format!("was {} {times} times: {cause}", effect.done());
        Some(self.find(now, order, FindingKind::Duplicate, text))
    }

    /// The card issuer said no: nothing more is owed.
    pub fn decline(&mut self, order: u32) {
        if let Some(account) = self.edit(order) {
            account.declined = true;
            self.settle(order);
        }
    }

    /// A message about the order went to a dead letter queue, or (`back`) left it.
    pub fn dead_letter(&mut self, order: u32, back: bool) {
        if let Some(account) = self.edit(order) {
            let letters = account.dead_letters;
            account.dead_letters =
                if back { letters.saturating_sub(1) } else { letters.saturating_add(1) };
            self.settle(order);
        }
    }

    /// A message is gone for good.
    pub fn lose(&mut self, now: Instant, order: u32, cause: String) -> Option<Rc<str>> {
        self.edit(order)?.lost = true;
        self.settle(order);
        Some(self.find(now, order, FindingKind::Loss, cause))
    }

    pub fn figures(&self) -> LedgerFigures {
        let kind = |kind| self.by_kind.get(&kind).copied().unwrap_or(0);
        LedgerFigures {
            placed: u64::from(self.placed),
            completed: self.count(OrderStatus::Completed)
                + self.count(OrderStatus::Declined)
                + self.count(OrderStatus::Refused),
            in_progress: self.count(OrderStatus::InProgress),
            lost: self.count(OrderStatus::Lost),
            duplicated: kind(FindingKind::Duplicate),
            reordered: kind(FindingKind::Reordering),
            charged_twice: self.charged_twice,
            dead_lettered: self.count(OrderStatus::DeadLettered),
            declined: self.count(OrderStatus::Declined),
            paid_but_failed: self.paid_but_failed,
            effects: EFFECTS
                .iter()
                .filter(|effect| self.owed.contains(effect))
                .map(|effect| (effect.name().to_owned(), self.by_effect[*effect as usize]))
                .collect(),
        }
    }

    fn edit(&mut self, order: u32) -> Option<&mut OrderAccount> {
        let index = order.checked_sub(1)? as usize;
        Rc::make_mut(self.accounts.get_mut(index / BLOCK)?).get_mut(index % BLOCK)
    }

    fn find(&mut self, at: Instant, order: u32, kind: FindingKind, text: String) -> Rc<str> {
        *self.by_kind.entry(kind).or_default() += 1;
        let text: Rc<str> = text.into();
        let findings = Rc::make_mut(&mut self.findings);
        if findings.len() == FINDINGS_KEPT {
            findings.remove(0);
        }
        findings.push(Finding { at, order, kind, text: text.clone() });
        text
    }

    /// Works out the status of an order anew.
    fn settle(&mut self, order: u32) {
        let Some(account) = self.account(order) else {
            return;
        };
        let complete = self.owed.iter().all(|effect| account.times(*effect) > 0);
        let (before, after) = (account.status, status_of(account, complete));
        if before != after {
            *self.by_status.entry(before).or_default() -= 1;
            *self.by_status.entry(after).or_default() += 1;
            if let Some(account) = self.edit(order) {
                account.status = after;
            }
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
