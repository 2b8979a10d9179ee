//! The ledger: what should be true of the orders, against what is.

use yew::Callback;

use crate::simulation::{Finding, FindingKind, LedgerFigures};

use super::format;
use super::model::{Model, Msg, Selection};
use super::parts::{Node, el, text};

/// Findings that are shown word for word.
const FINDINGS: usize = 6;

#[derive(Clone, Debug, PartialEq)]
pub struct LedgerView {
    pub figures: LedgerFigures,
    /// The newest first: order, sentence, whether it is a loss.
    pub findings: Vec<(u32, String, bool)>,
}

impl LedgerView {
    pub fn of(model: &Model) -> LedgerView {
        let ledger = model.world().ledger();
        let words = |finding: &Finding| {
            (finding.order, finding.text.to_string(), finding.kind == FindingKind::Loss)
        };
        LedgerView {
            figures: ledger.figures(),
            findings: ledger.findings().rev().take(FINDINGS).map(words).collect(),
        }
    }
}

pub fn ledger_panel(ledger: &LedgerView, send: &Callback<Msg>) -> Node {
    let figures = &ledger.figures;
    let rows = [
        ("placed", figures.placed, false),
        ("completed", figures.completed, false),
        ("in progress", figures.in_progress, false),
        ("declined", figures.declined, false),
        ("dead-lettered", figures.dead_lettered, true),
        ("lost", figures.lost, true),
        ("done twice", figures.duplicated, true),
        ("charged twice", figures.charged_twice, true),
        ("paid but failed", figures.paid_but_failed, true),
        ("out of order", figures.reordered, true),
    ];
    let row = |(name, value, bad): (&'static str, u64, bool)| {
        let value_node = text("dd", format::count(value)).class_if(bad && value > 0, "bad");
        el("div").child(text("dt", name)).child(value_node)
    };
    let head = el("div.sec-head")
        .child(text("h2", "Ledger"))
        .child(text("span.dim", "every order, by a referee"));
    let findings = (!ledger.findings.is_empty())
        .then(|| el("ul.findings").children(ledger.findings.iter().map(|one| finding(one, send))));
    el("section.ledger")
        .label("Ledger")
        .child(head)
        .child(el("dl.facts").children(rows.map(row)))
        .child(findings)
}

fn finding((order, words, loss): &(u32, String, bool), send: &Callback<Msg>) -> Node {
    let name = text("button.link", crate::simulation::Order::id(*order)).class("mono");
    el("li")
        .class_if(*loss, "bad")
        .child(name.press(send, Msg::Select(Some(Selection::Order(*order)))))
        .child(" ")
        .child(words)
}
