//! The page as a whole.

use std::rc::Rc;

use yew::{Callback, Html, component, use_effect_with, use_force_update, use_memo};

use crate::simulation::Observation;

use super::compare::compared;
use super::dialogs::{self, CommandPalette, CommandPaletteProps};
use super::home::{self, HomeView};
use super::inspector::{Inspected, inspector};
use super::instruments::instruments;
use super::interview::{self, interview};
use super::lesson::{self, LessonView};
use super::metrics::metrics;
use super::model::{Layer, Model, Msg, Route};
use super::parts::{self, Node, el, fragment, text};
use super::player::Player;
use super::sandbox::{SandboxView, sandbox};
use super::stage::{Stage, StageProps};
use super::time::transport;
use super::toasts::{live_regions, toasts};
use super::topbar::{Crumb, Mode, topbar};
use super::{outside, view};

#[component]
pub fn App() -> Html {
    let player = use_memo((), |()| outside::start());
    let refresh = use_force_update();
    let send = use_memo((), |()| {
        let player = (*player).clone();
        Callback::from(move |msg: Msg| player.send(msg))
    });
    use_effect_with((), {
        let player = (*player).clone();
        move |()| {
            let panels = player.on_panels(Rc::new(move || refresh.force_update()));
            let listeners = outside::listen(&player);
            move || drop((panels, listeners))
        }
    });
    let player = (*player).clone();
    let send = (*send).clone();
    let (route, rivals) = player.read(|model| (model.route.clone(), view::compare(model)));
    if player.read(|model| model.awaited.is_some()) {
        return loading(&player, &send).into();
    }
    let page = match rivals {
        Some(view) => compare(&player, &view, &send),
        None => match route {
            Route::Lessons | Route::Interview => home(&player, &route, &send),
            _ => shop(&player, &send),
        },
    };
    page.into()
}

/// What lies over the page, whichever it is.
fn over(player: &Player, send: &Callback<Msg>) -> Node {
    let (layer, notice, list, voice, help) = player.read(|model| {
        let help = || dialogs::help(model.catalogue.fidelity(), send);
        let voice = &model.announcer;
        let voice = live_regions(voice.spoken().to_owned(), voice.warning().to_owned());
        let help = (model.layer == Some(Layer::Help)).then(help);
        (model.layer, model.notice.clone(), model.toasts.list().to_vec(), voice, help)
    });
    let palette = (layer == Some(Layer::Palette)).then(|| {
        let props = CommandPaletteProps { player: player.clone(), send: send.clone() };
        parts::component::<CommandPalette>(props)
    });
    fragment()
        .child(notice.map(|notice| dialogs::notice(&notice, send)))
        .child(palette)
        .child(help)
        .child((layer == Some(Layer::Share)).then(|| dialogs::share(send)))
        .child(toasts(&list, send))
        .child(voice)
}

/// A lesson was asked for before the lessons are there.
fn loading(player: &Player, send: &Callback<Msg>) -> Node {
    let screen =
        el("main.boot").child(text("h1", "Ackademy")).child(text("p", "Loading the lessons"));
    fragment().child(screen).child(over(player, send))
}

fn home(player: &Player, route: &Route, send: &Callback<Msg>) -> Node {
    let theme = player.read(|model| model.theme);
    let (title, main) = match route {
        Route::Interview => {
            ("Interview check", interview(&player.read(interview::questions), send))
        }
        _ => ("All lessons", home::home(&player.read(HomeView::of), send)),
    };
    let crumb = Crumb { chapter: None, title: title.to_owned(), done: 0, steps: 0 };
    el("div.home")
        .child(text("a.skip", "Skip to the content").attr("href", "#stage"))
        .child(topbar(&crumb, Mode::Lessons, theme, send))
        .child(main)
        .child(over(player, send))
}

fn shop(player: &Player, send: &Callback<Msg>) -> Node {
    let page = player.read(Page::of);
    let side = match &page.side {
        Side::Lesson(view) => lesson::panel(view, send),
        Side::Sandbox(view) => sandbox(view, send),
    };
    let (label, present) = match &page.side {
        Side::Lesson(view) => ("Lesson", Some(&**view)),
        Side::Sandbox(_) => ("Scenario", None),
    };
    let mode = if present.is_some() { Mode::Lessons } else { Mode::Sandbox };
    let stage = parts::component::<Stage>(StageProps {
        player: player.clone(),
        observation: page.observation,
        selection: page.selection,
        compared: None,
    });
    let main = el("main.stage")
        .attr("id", "stage")
        .label("Stage")
        .child(text("h2.sr", "Stage"))
        .child(stage)
        .child(metrics(&page.metrics, page.instruments.is_some(), send));
    let beside = match &page.instruments {
        Some(view) => instruments(view, &page.time, send),
        None => inspector(page.inspected.as_ref(), send),
    };
    el("div.app")
        .class_if(page.inspected.is_some() || page.instruments.is_some(), "inspecting")
        .class_if(page.sheet, "reading")
        .child(text("a.skip", "Skip to the stage").attr("href", "#stage"))
        .child(topbar(&page.crumb, mode, page.theme, send))
        .child(el("aside.lesson").label(label).child(side))
        .child(main)
        .child(beside)
        .child(lesson::sheet(present, page.sheet, send))
        .child(transport(&page.time, page.until, send))
        .child(over(player, send))
}

fn compare(player: &Player, view: &view::CompareView, send: &Callback<Msg>) -> Node {
    let (time, theme, until) = player.read(|model| {
        let until = (model.layer == Some(Layer::RunUntil)).then(|| model.until_choices());
        (view::time(model), model.theme, until)
    });
    let crumb = Crumb { chapter: None, title: view.title.to_owned(), done: 0, steps: 0 };
    let stages = [false, true].map(|other| {
        parts::component::<Stage>(StageProps {
            player: player.clone(),
            observation: view.sides[usize::from(other)].observation.clone(),
            selection: None,
            compared: Some(other),
        })
    });
    el("div.app")
        .class("comparing")
        .child(text("a.skip", "Skip to the stages").attr("href", "#stage"))
        .child(topbar(&crumb, Mode::Compare, theme, send))
        .child(compared(view, stages, send))
        .child(transport(&time, until, send))
        .child(over(player, send))
}

enum Side {
    Lesson(Box<LessonView>),
    Sandbox(Box<SandboxView>),
}

/// Everything that the page with the stage shows, from one look at the model.
struct Page {
    observation: Rc<Observation>,
    selection: Option<super::model::Selection>,
    theme: super::model::Theme,
    crumb: Crumb,
    side: Side,
    inspected: Option<(super::model::Selection, Inspected)>,
    instruments: Option<view::InstrumentsView>,
    metrics: Vec<view::Metric>,
    time: view::TimeView,
    until: Option<Vec<(String, super::model::Until)>>,
    sheet: bool,
}

impl Page {
    fn of(model: &Model) -> Page {
        let observation = model.observe();
        let lesson = LessonView::of(model);
        let crumb = match &lesson {
            Some(lesson) => lesson.crumb(model),
            None => Crumb {
                chapter: None,
                title: model.timeline.scenario().title.clone(),
                done: 0,
                steps: 0,
            },
        };
        let side = match lesson {
            Some(view) => Side::Lesson(Box::new(view)),
            None => Side::Sandbox(Box::new(SandboxView::of(model))),
        };
        let time = view::time(model);
        Page {
            selection: model.selection.clone(),
            theme: model.theme,
            crumb,
            side,
            inspected: Inspected::of(model, &observation),
            metrics: view::metrics(model, &observation),
            instruments: model.instruments.then(|| view::instruments(model, &time)),
            time,
            until: (model.layer == Some(Layer::RunUntil)).then(|| model.until_choices()),
            sheet: model.layer == Some(Layer::Sheet),
            observation: Rc::new(observation),
        }
    }
}
