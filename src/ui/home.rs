//! All lessons: every chapter is a tape or a tray, and you are its bookmark.

use yew::{Html, html};

use crate::lessons::Entry;

use super::format;
use super::model::{Model, Route};
use super::parts::{IconName, icon};

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
            let steps = entry.available.then(|| model.catalogue.lesson(&entry.slug).ok()).flatten();
            let standing = model.saved.lesson(&entry.slug);
            LessonCard {
                done: standing.map_or(0, |standing| standing.done.len()),
                steps: steps.map_or(0, |lesson| lesson.document.steps.len()),
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

pub fn home(view: &HomeView) -> Html {
    let width = view.done * 1_000 / view.count.max(1);
    html! {
        <main class="home-main" id="stage">
            <section class="hero" aria-label="Where you are">
                <div>
                    <h1>{ "Learn messaging by breaking it" }</h1>
                    <p>
                        { "Two real engines in your browser: a log that behaves as Kafka does, a \
                           queue that behaves as RabbitMQ does. Kill a service, watch what waits, \
                           rewind, try the other way." }
                    </p>
                    <p class="hero-progress">
                        <span
                            class="bar"
                            role="progressbar"
                            aria-label="Lessons done"
                            aria-valuemin="0"
                            aria-valuemax={view.count.to_string()}
                            aria-valuenow={view.done.to_string()}
                        >
                            <i style={format!("width:{}.{}%", width / 10, width % 10)}></i>
                        </span>
                        <span><b>{ view.done }</b>{ format!(" of {} lessons done", view.count) }</span>
                    </p>
                </div>
                if let Some(next) = &view.next {
                    { resume(next) }
                }
            </section>
            { for view.chapters.iter().enumerate().map(|(index, one)| chapter(index + 1, one)) }
            <section class="more" aria-label="More">
                <a href={Route::Shop.to_string()}>
                    <b>{ "Sandbox" }</b><span>{ "The whole shop, free to break" }</span>
                </a>
            </section>
        </main>
    }
}

fn resume(next: &LessonCard) -> Html {
    let (eyebrow, verb) = if next.done > 0 {
        let step = next.done + 1;
        (format!("Lesson {}, step {step} of {}", next.entry.number, next.steps), "Resume")
    } else {
        (format!("Lesson {}, {} min", next.entry.number, next.entry.minutes), "Start")
    };
    html! {
        <a class="resume" href={Route::Lesson(next.entry.slug.clone()).to_string()}>
            <span class="resume-text">
                <span class="eyebrow">{ eyebrow }</span>
                <b>{ &next.entry.title }</b>
                <span class="btn primary">{ icon(IconName::Play) }{ verb }</span>
            </span>
            { resume_art() }
        </a>
    }
}

/// Three tapes with orders, and how far a reader is: what a lesson looks like.
fn resume_art() -> Html {
    /// Hues of the orders on each tape.
    const TAPES: [&[u8]; 3] = [&[1, 4, 1, 0, 2, 0, 1], &[5, 2, 3, 2, 3, 0, 3], &[2, 5, 4, 5, 1, 4]];
    let cell = |row: usize, (column, hue): (usize, &u8)| {
        let (x, y) = (5 + 25 * column, 18 + 31 * row);
        let class = if *hue == 3 { "mini-cell on" } else { "mini-cell" };
        html! {
            <>
                <rect {class} x={x.to_string()} y={y.to_string()} width="23" height="18" rx="3" />
                <circle
                    class={format!("tok k{hue}")}
                    cx={format!("{}.5", x + 11)}
                    cy={(y + 9).to_string()}
                    r="4.6"
                />
            </>
        }
    };
    let tape = |(row, cells): (usize, &&[u8])| {
        let (y, width) = (14 + 31 * row, 22 + 25 * cells.len());
        html! {
            <>
                <rect class="tape-strip" x="1" y={y.to_string()} width={width.to_string()} height="26" rx="3" />
                { for cells.iter().enumerate().map(|one| cell(row, one)) }
            </>
        }
    };
    html! {
        <svg class="resume-art" viewBox="-2 -6 250 118" width="250" height="118" aria-hidden="true">
            { for TAPES.iter().enumerate().map(tape) }
            <path class="front g1" d="M180 4V44H155V75H105V104" />
            <path class="flag g1" d="M179.3 -4H236l-4 8 4 8H179.3Z" />
            <text class="flag-name" x="185" y="7.8">{ "reader" }</text>
        </svg>
    }
}

fn chapter(number: usize, chapter: &ChapterView) -> Html {
    let lessons = chapter.lessons.len();
    let minutes: u32 = chapter.lessons.iter().map(|card| card.entry.minutes).sum();
    let done = chapter.lessons.iter().filter(|card| card.is_done()).count();
    let id = format!("chapter-{number}");
    html! {
        <section class={format!("chapter {}", chapter.family)} aria-labelledby={id.clone()}>
            <header>
                <p class="eyebrow">{ format!("Chapter {number}") }</p>
                <h2 {id}>{ &chapter.title }</h2>
                <p class="ch-meta">
                    { format!("{}, {minutes} min", format::counted(lessons as u64, "lesson")) }
                    if done > 0 {
                        <span>{ format!("{done} done") }</span>
                    }
                </p>
            </header>
            <ol class="strip" style={format!("--n:{lessons};--c:{}", lessons.min(4))}>
                { for chapter.lessons.iter().map(lesson) }
            </ol>
        </section>
    }
}

fn lesson(card: &LessonCard) -> Html {
    let entry = &card.entry;
    let words = |state: Html| {
        html! {
            <>
                <span class="lc-n">{ entry.number }</span>
                <b>{ &entry.title }</b>
                <span class="lc-state">{ state }</span>
            </>
        }
    };
    if !entry.available {
        return html! { <li class="lc later"><span class="lc-card">{ words(html! { { "later" } }) }</span></li> };
    }
    let (class, state) = match (card.is_done(), card.done) {
        (true, _) => ("lc done", html! { <>{ icon(IconName::Check) }{ "done" }</> }),
        (false, 0) => ("lc open", html! { { format!("{} min", entry.minutes) } }),
        (false, done) => ("lc part", html! { { format!("{done} of {}", card.steps) } }),
    };
    let width = card.done * 100 / card.steps.max(1);
    html! {
        <li
            class={yew::classes!(class, card.here.then_some("now"))}
            data-lesson={entry.slug.clone()}
            data-done={card.is_done().to_string()}
        >
            if card.here {
                <span class="you">{ "you are here" }</span>
            }
            <a class="lc-card" href={Route::Lesson(entry.slug.clone()).to_string()}>
                { words(state) }
                if card.done > 0 && !card.is_done() {
                    <span class="lc-bar" aria-hidden="true"><i style={format!("width:{width}%")}></i></span>
                }
            </a>
        </li>
    }
}
