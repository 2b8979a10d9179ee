//! Measures one thing after the other and shows each as it comes. The figures are also JSON, in
//! the attribute `data-figures` of the element `figures` when all of them are there.

use std::collections::VecDeque;

use ackademy::ui::browser;
use gloo_timers::callback::Timeout;
use web_sys::{Document, Element};

use crate::frames;
use crate::report::Figure;
use crate::workloads::{Measure, Workload, measures};

/// Rounds that let the browser compile the hot code.
const WARM_UP: u32 = 3;

/// Measures all, or only what has the words after the `#` of the address in its name.
pub fn start() {
    let hash = browser::window().location().hash().unwrap_or_default();
    let words = hash.trim_start_matches('#');
    let all = measures().into_iter().chain(frames::measures());
    next(all.filter(|one| one.name.contains(words)).collect(), Vec::new());
}

/// Between two measures the browser gets a moment to draw.
fn next(mut open: VecDeque<Measure>, mut done: Vec<Figure>) {
    let step = move || {
        let Some(measure) = open.pop_front() else {
            return finish(&done);
        };
        let figure = take(measure, &done);
        show(&figure);
        done.push(figure);
        next(open, done);
    };
    Timeout::new(20, step).forget();
}

fn take(measure: Measure, before: &[Figure]) -> Figure {
    let Measure { name, unit, aims, rounds, start } = measure;
    let mut workload = start();
    for _ in 0..WARM_UP {
        round(&mut *workload);
    }
    let mut rounds: Vec<f64> = (0..rounds).map(|_| round(&mut *workload)).collect();
    rounds.sort_by(f64::total_cmp);
    Figure::new(name, unit, &rounds, &aims, before).noted(workload.note())
}

/// Nanoseconds that one thing took.
fn round(workload: &mut dyn Workload) -> f64 {
    workload.prepare();
    let start = browser::now();
    let things = workload.run();
    (browser::now() - start) * 1e6 / things as f64
}

fn show(figure: &Figure) {
    let document = browser::document();
    let row = made(&document, "tr", "");
    let name = made(&document, "th", &figure.name);
    name.set_attribute("scope", "row").expect("a plain name");
    row.append_child(&name).expect("a new element");
    for text in [figure.speed(), figure.time(), figure.middle(), figure.most(), figure.aims()] {
        row.append_child(&made(&document, "td", &text)).expect("a new element");
    }
    element(&document, "figures").append_child(&row).expect("a new element");
}

fn finish(figures: &[Figure]) {
    let document = browser::document();
    let json = serde_json::to_string(figures).expect("figures are plain values");
    element(&document, "figures").set_attribute("data-figures", &json).expect("a plain name");
    element(&document, "state").set_text_content(Some("All is measured."));
}

fn made(document: &Document, tag: &str, text: &str) -> Element {
    let element = document.create_element(tag).expect("a plain tag");
    element.set_text_content(Some(text));
    element
}

fn element(document: &Document, id: &str) -> Element {
    document.get_element_by_id(id).expect("index.html has it")
}
