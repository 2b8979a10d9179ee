//! All lessons: every chapter is a tape or a tray, and you are its bookmark.

use yew::Callback;

use crate::lessons::Entry;

use super::format;
use super::model::{Model, Msg, Route};
use super::parts::{IconName, Node, el, fragment, icon, path, text};

const TITLE: &str = "Learn messaging by breaking it";
const ABOUT: &str = "Two real engines in your browser: a log that behaves as Kafka does, a queue \
    that behaves as RabbitMQ does. Kill a service, watch what waits, rewind, try the other way.";

#[derive(Clone, Debug, PartialEq)]
pub struct HomeView {
    pub chapters: Vec<ChapterView>,
    pub done: usize,
    pub count: usize,
    /// Where to go on, or where to begin.
    pub next: Option<LessonCard>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ChapterView {
    pub title: String,
    pub family: &'static str,
    pub lessons: Vec<LessonCard>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LessonCard {
    pub entry: Entry,
    /// Steps that are done, and all of them; 0 of 0 while it is not written.
    pub done: usize,
    pub steps: usize,
    pub here: bool,
}

impl LessonCard {
    fn is_done(&self) -> bool {
        self.steps > 0 && self.done >= self.steps
    }
}

impl HomeView {
    pub fn of(model: &Model) -> HomeView {
        let card = |entry: &Entry| {
            let standing = model.saved.lesson(&entry.slug);
            LessonCard {
                done: standing.map_or(0, |standing| standing.done.len()),
                steps: entry.steps as usize,
                entry: entry.clone(),
                here: false,
            }
        };
        let mut chapters: Vec<ChapterView> = model
            .catalogue
            .chapters
            .iter()
            .map(|chapter| ChapterView {
                title: chapter.title.clone(),
                family: family(&chapter.title),
                lessons: chapter.lessons.iter().map(card).collect(),
            })
            .collect();
        let playable = || chapters.iter().flat_map(|chapter| &chapter.lessons);
        let open = |card: &&LessonCard| card.entry.available && !card.is_done();
        let begun = playable().filter(open).find(|card| card.done > 0);
        let next = begun.or_else(|| playable().find(open)).cloned();
        let (done, count) = (playable().filter(|card| card.is_done()).count(), playable().count());
        for card in chapters.iter_mut().flat_map(|chapter| &mut chapter.lessons) {
            card.here = next.as_ref().is_some_and(|next| next.entry.slug == card.entry.slug);
        }
        HomeView { chapters, done, count, next }
    }
}

/// The chapters about one of the two systems wear its colour.
fn family(title: &str) -> &'static str {
    match title {
        "The log" => "log",
        "The queue" => "queue",
        _ => "plain",
    }
}

pub fn home(view: &HomeView, send: &Callback<Msg>) -> Node {
    let chapters = view.chapters.iter().enumerate().map(|(index, one)| chapter(index + 1, one));
    let sandbox = el("a")
        .attr("href", Route::Shop.to_string())
        .child(text("b", "Sandbox"))
        .child(text("span", "The whole shop, free to break"));
    let interview = el("a")
        .attr("href", Route::Interview.to_string())
        .child(text("b", "Interview check"))
        .child(text("span", "Questions that people are asked, answered and shown"));
    let game = el("a")
        .attr("href", Route::Game.to_string())
        .child(text("b", "Game day"))
        .child(text("span", "Six faults, a budget, a score"));
    let hero = el("section.hero")
        .label("Where you are")
        .child(el("div").child(text("h1", TITLE)).child(text("p", ABOUT)).child(progress(view)))
        .child(view.next.as_ref().map(resume));
    el("main.home-main").attr("id", "stage").child(hero).children(chapters).child(
        el("section.more")
            .label("More")
            .child(sandbox)
            .child(game)
            .child(interview)
            .child(progress_file(send)),
    )
}

/// Progress, answers and notes, to take along to another browser.
fn progress_file(send: &Callback<Msg>) -> Node {
    let button = |words: &'static str, msg: Msg| text("button.link", words).press(send, msg);
    el("div")
        .child(text("b", "Your progress"))
        .child(text("span", "Steps, answers and notes stay in this browser. "))
        .child(button("Save as file", Msg::SaveProgress))
        .child(button("Open file…", Msg::PickFile))
}

fn progress(view: &HomeView) -> Node {
    let width = view.done * 1_000 / view.count.max(1);
    let bar = el("span.bar")
        .role("progressbar")
        .label("Lessons done")
        .attr("aria-valuemin", "0")
        .attr("aria-valuemax", view.count.to_string())
        .attr("aria-valuenow", view.done.to_string())
        .child(el("i").style(format!("width:{}.{}%", width / 10, width % 10)));
    let words = el("span")
        .child(text("b", view.done.to_string()))
        .child(format!(" of {} lessons done", view.count));
    el("p.hero-progress").child(bar).child(words)
}

fn resume(next: &LessonCard) -> Node {
    let (eyebrow, verb) = if next.done > 0 {
        let step = next.done + 1;
        (format!("Lesson {}, step {step} of {}", next.entry.number, next.steps), "Resume")
    } else {
        (format!("Lesson {}, {} min", next.entry.number, next.entry.minutes), "Start")
    };
    let words = el("span.resume-text")
        .child(text("span.eyebrow", eyebrow))
        .child(text("b", &next.entry.title))
        .child(el("span.btn").class("primary").child(icon(IconName::Play)).child(verb));
    el("a.resume")
        .attr("href", Route::Lesson(next.entry.slug.clone()).to_string())
        .child(words)
        .child(resume_art())
}

/// Three tapes with orders, and how far a reader is: what a lesson looks like.
fn resume_art() -> Node {
    /// Hues of the orders on each tape.
    const TAPES: [&[u8]; 3] = [&[1, 4, 1, 0, 2, 0, 1], &[5, 2, 3, 2, 3, 0, 3], &[2, 5, 4, 5, 1, 4]];
    let cell = |row: usize, (column, hue): (usize, &u8)| {
        let (x, y) = (5 + 25 * column, 18 + 31 * row);
        let order = el("circle.tok")
            .class(format!("k{hue}"))
            .attr("cx", format!("{}.5", x + 11))
            .attr("cy", (y + 9).to_string())
            .attr("r", "4.6");
        let cell = rect("rect.mini-cell", x, y, 23, "18").class_if(*hue == 3, "on");
        fragment().child(cell).child(order)
    };
    let tape = |(row, cells): (usize, &&[u8])| {
        let strip = rect("rect.tape-strip", 1, 14 + 31 * row, 22 + 25 * cells.len(), "26");
        fragment().child(strip).children(cells.iter().enumerate().map(|one| cell(row, one)))
    };
    let name = text("text.flag-name", "reader").attr("x", "185").attr("y", "7.8");
    el("svg.resume-art")
        .attr("viewBox", "-2 -6 250 118")
        .attr("width", "250")
        .attr("height", "118")
        .attr("aria-hidden", true)
        .children(TAPES.iter().enumerate().map(tape))
        .child(path("path.front", "M180 4V44H155V75H105V104").class("g1"))
        .child(path("path.flag", "M179.3 -4H236l-4 8 4 8H179.3Z").class("g1"))
        .child(name)
}

fn rect(name: &'static str, x: usize, y: usize, width: usize, height: &'static str) -> Node {
    el(name)
        .attr("x", x.to_string())
        .attr("y", y.to_string())
        .attr("width", width.to_string())
        .attr("height", height)
        .attr("rx", "3")
}

fn chapter(number: usize, chapter: &ChapterView) -> Node {
    let lessons = chapter.lessons.len();
    let minutes: u32 = chapter.lessons.iter().map(|card| card.entry.minutes).sum();
    let done = chapter.lessons.iter().filter(|card| card.is_done()).count();
    let id = format!("chapter-{number}");
    let length = format!("{}, {minutes} min", format::counted(lessons as u64, "lesson"));
    let head = el("header")
        .child(text("p.eyebrow", format!("Chapter {number}")))
        .child(text("h2", &chapter.title).attr("id", &id))
        .child(
            text("p.ch-meta", length)
                .child((done > 0).then(|| text("span", format!("{done} done")))),
        );
    let lessons = el("ol.strip")
        .style(format!("--n:{lessons};--c:{}", lessons.min(4)))
        .children(chapter.lessons.iter().map(lesson));
    el("section.chapter")
        .class(chapter.family)
        .attr("aria-labelledby", id)
        .child(head)
        .child(lessons)
}

fn lesson(card: &LessonCard) -> Node {
    let entry = &card.entry;
    let fill = |name: Node, state: Node| {
        name.child(text("span.lc-n", entry.number.to_string()))
            .child(text("b", &entry.title))
            .child(state)
    };
    let state = el("span.lc-state");
    if !entry.available {
        return el("li.lc").class("later").child(fill(el("span.lc-card"), state.child("later")));
    }
    let (class, state) = match (card.is_done(), card.done) {
        (true, _) => ("done", state.child(icon(IconName::Check)).child("done")),
        (false, 0) => ("open", state.child(format!("{} min", entry.minutes))),
        (false, done) => ("part", state.child(format!("{done} of {}", card.steps))),
    };
    let width = card.done * 100 / card.steps.max(1);
    let bar = (card.done > 0 && !card.is_done()).then(|| {
        let full = el("i").style(format!("width:{width}%"));
        el("span.lc-bar").attr("aria-hidden", true).child(full)
    });
    let link = el("a.lc-card").attr("href", Route::Lesson(entry.slug.clone()).to_string());
    el("li.lc")
        .class(class)
        .class_if(card.here, "now")
        .attr("data-lesson", &entry.slug)
        .attr("data-done", card.is_done())
        .child(card.here.then(|| text("span.you", "you are here")))
        .child(fill(link, state).child(bar))
}
