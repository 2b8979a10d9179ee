//! The ledger: what should be true of the orders, against what is.

use yew::{Callback, Html, html};

use crate::simulation::{Finding, FindingKind, LedgerFigures};

use super::format;
use super::model::{Model, Msg, Selection};
use super::parts::press;

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

pub fn ledger_panel(ledger: &LedgerView, send: &Callback<Msg>) -> Html {
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
    let row = |(name, value, bad): &(&'static str, u64, bool)| {
        let class = (*bad && *value > 0).then_some("bad");
        html! { <div><dt>{ *name }</dt><dd {class}>{ format::count(*value) }</dd></div> }
    };
    html! {
        <section class="ledger" aria-label="Ledger">
            <div class="sec-head"><h2>{ "Ledger" }</h2><span class="dim">{ "every order, by a referee" }</span></div>
            <dl class="facts">{ for rows.iter().map(row) }</dl>
            if !ledger.findings.is_empty() {
                <ul class="findings">
                    { for ledger.findings.iter().map(|one| finding(one, send)) }
                </ul>
            }
        </section>
    }
}

fn finding((order, text, loss): &(u32, String, bool), send: &Callback<Msg>) -> Html {
    let onclick = press(send, Msg::Select(Some(Selection::Order(*order))));
    html! {
        <li class={loss.then_some("bad")}>
            <button class="link mono" {onclick}>{ crate::simulation::Order::id(*order) }</button>
            { " " }{ text }
        </li>
    }
}
