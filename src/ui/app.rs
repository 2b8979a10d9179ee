//! The page as a whole.

use std::rc::Rc;

use yew::{Callback, Html, component, html, use_effect_with, use_force_update, use_memo};

use crate::simulation::Observation;

use super::dialogs::{self, CommandPalette};
use super::home::{self, HomeView};
use super::inspector::{Inspected, inspector};
use super::lesson::{self, LessonView};
use super::metrics::metrics;
use super::model::{Layer, Model, Msg, Route};
use super::player::Player;
use super::sandbox::{SandboxView, sandbox};
use super::stage::Stage;
use super::time::transport;
use super::toasts::{live_region, toasts};
use super::topbar::{Crumb, topbar};
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
    let at_home = player.read(|model| model.route == Route::Lessons);
    if at_home { home(&player, &send) } else { shop(&player, &send) }
}

/// What lies over the page, whichever it is.
fn over(player: &Player, send: &Callback<Msg>) -> Html {
    let (layer, notice, list, sentence) = player.read(|model| {
        let sentence = model.announcer.spoken().to_owned();
        (model.layer, model.notice.clone(), model.toasts.list().to_vec(), sentence)
    });
    html! {
        <>
            if let Some(notice) = notice {
                { dialogs::notice(&notice, send) }
            }
            if layer == Some(Layer::Palette) {
                <CommandPalette player={player.clone()} send={send.clone()} />
            }
            if layer == Some(Layer::Help) {
                { dialogs::help(send) }
            }
            { toasts(&list, send) }
            { live_region(sentence) }
        </>
    }
}

fn home(player: &Player, send: &Callback<Msg>) -> Html {
    let (view, theme) = player.read(|model| (HomeView::of(model), model.theme));
    let crumb = Crumb { chapter: None, title: "All lessons".to_owned(), done: 0, steps: 0 };
    html! {
        <div class="home">
            <a class="skip" href="#stage">{ "Skip to the lessons" }</a>
            { topbar(&crumb, true, theme, send) }
            { home::home(&view) }
            { over(player, send) }
        </div>
    }
}

fn shop(player: &Player, send: &Callback<Msg>) -> Html {
    let page = player.read(Page::of);
    let side = match &page.side {
        Side::Lesson(view) => lesson::panel(view, send),
        Side::Sandbox(view) => sandbox(view, send),
    };
    let (label, present) = match &page.side {
        Side::Lesson(view) => ("Lesson", Some(&**view)),
        Side::Sandbox(_) => ("Scenario", None),
    };
    let open = page.inspected.is_some();
    html! {
        <div class={yew::classes!("app", open.then_some("inspecting"), page.sheet.then_some("reading"))}>
            <a class="skip" href="#stage">{ "Skip to the stage" }</a>
            { topbar(&page.crumb, present.is_some(), page.theme, send) }
            <aside class="lesson" aria-label={label}>{ side }</aside>
            <main class="stage" id="stage" aria-label="Stage">
                <h2 class="sr">{ "Stage" }</h2>
                <Stage
                    player={player.clone()}
                    observation={page.observation}
                    selection={page.selection}
                />
                { metrics(&page.metrics) }
            </main>
            { inspector(page.inspected.as_ref(), send) }
            { lesson::sheet(present, page.sheet, send) }
            { transport(&page.time, page.until, send) }
            { over(player, send) }
        </div>
    }
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
        Page {
            selection: model.selection.clone(),
            theme: model.theme,
            crumb,
            side,
            inspected: Inspected::of(model, &observation),
            metrics: view::metrics(model, &observation),
            time: view::time(model),
            until: (model.layer == Some(Layer::RunUntil)).then(|| model.until_choices()),
            sheet: model.layer == Some(Layer::Sheet),
            observation: Rc::new(observation),
        }
    }
}
