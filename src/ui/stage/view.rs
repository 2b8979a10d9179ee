//! The component: it measures its box, picks the drawing, and passes clicks and keys on.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, HtmlCanvasElement, HtmlElement, ResizeObserver};
use yew::{
    Callback, Html, KeyboardEvent, MouseEvent, NodeRef, Properties, TargetCast, component, hook,
    use_callback, use_effect_with, use_memo, use_mut_ref, use_node_ref, use_state_eq,
};

use crate::simulation::{Command, Observation, Scenario, World};
use crate::ui::browser;
use crate::ui::format::decimal;
use crate::ui::model::{Model, Msg, Selection};
use crate::ui::parts::{Node, el, fragment};
use crate::ui::player::Player;
use crate::ui::scene::{
    Form, Layout, Options, Point, Route, Tray, at_rest, in_line, records_per_cell, why_closed, whys,
};

use super::brokers::{machines, switches};
use super::card::Card;
use super::drag::{Dragged, use_drag};
use super::fit::Fit;
use super::items::{self, Direction, Item};
use super::labels::{self, Words};
use super::surface::Surface;
use super::table::table;

/// What is selected stays so far from the edges of the stage: the rest of a card, a ring.
const AROUND: f64 = 40.0;
/// A stage that is less high than this is never drawn as a whole.
const LEAST_WALL: i32 = 240;

#[derive(Debug, Properties)]
pub struct StageProps {
    pub player: Player,
    pub observation: Rc<Observation>,
    pub selection: Option<Selection>,
    /// One of two runs that are compared: the first or the other. It is drawn low, and only to be
    /// looked at.
    pub compared: Option<bool>,
}

impl StageProps {
    /// Looks at the world that is drawn.
    fn world<T>(&self, look: impl FnOnce(&Model, &World) -> T) -> T {
        let other = self.compared == Some(true);
        self.player.read(|model| {
            let world = model.side(other).unwrap_or(&model.timeline).world();
            look(model, world)
        })
    }
}

impl PartialEq for StageProps {
    fn eq(&self, other: &StageProps) -> bool {
        // Each look at the model makes an observation of its own.
        Rc::ptr_eq(&self.observation, &other.observation) && self.selection == other.selection
    }
}

/// Compared by identity: comparing documents and layouts at every render would cost too much.
#[derive(Clone, Debug)]
pub(super) struct Same<T>(pub(super) Rc<T>);

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Same<T>) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[component]
pub fn Stage(props: &StageProps) -> Html {
    let scenario = props.world(|_, world| world.standing().clone());
    let frame = use_node_ref();
    let canvas = use_node_ref();
    let measured = use_fit(&frame, &scenario, props);
    let fit = measured.unwrap_or(Fit::PLAIN);
    let drawing = use_memo((Same(scenario.clone()), fit), |(scenario, fit)| {
        let layout = fit.layout(&scenario.0);
        let reach = items::items(&layout, &scenario.0);
        (Rc::new(layout), Rc::new(reach))
    });
    let (layout, reach) = (*drawing).clone();
    let surface = use_surface(&canvas, &layout, fit, &scenario, props);
    use_in_sight(&frame, &props.selection, &reach);
    let dragged = use_mut_ref(Dragged::default);
    let ondrag = use_drag(&dragged, &surface, &layout, &props.player);
    let onclick = use_click(&dragged, &surface, &layout, &reach, &props.player);
    let onkeydown = use_arrows(&reach);
    let give = use_callback(props.player.clone(), |command: Command, player| {
        player.send(Msg::Command(command));
    });
    let [width, height, zoom] = [layout.width, layout.height, fit.zoom * 100.0].map(decimal);
    let size = format!("width:{width}px;height:{height}px;zoom:{zoom}%");
    let form = layout.form.name();
    let scene = el("div.stage-scene")
        .class(form)
        .style(size)
        .attr("data-form", form)
        .flag("inert", props.compared.is_some())
        .class_if(measured.is_none(), "unseen")
        .ondrag(&ondrag)
        .onclick(onclick)
        .onkeydown(onkeydown)
        .child(el("canvas.stage-canvas").node_ref(&canvas).attr("aria-hidden", true))
        .child(parts(props, &scenario, &layout, &give));
    el("div.stage-fit")
        .node_ref(&frame)
        .region(format!("Stage{}: {}", which(props.compared), scenario.title))
        .child(table(&scenario, &props.observation))
        .child(scene)
        .into()
}

fn which(compared: Option<bool>) -> &'static str {
    match compared {
        None => "",
        Some(false) => " A",
        Some(true) => " B",
    }
}

/// Cards and words in the order of flow, which is the order of the Tab key.
fn parts(
    props: &StageProps,
    scenario: &Scenario,
    layout: &Layout,
    give: &Callback<Command>,
) -> Node {
    let (scales, at_rest, closed, buyers, whys, machines, refusal) = props.world(|model, world| {
        let speed = model.speed.times();
        let scale = |tape| records_per_cell(world, tape, speed);
        let scales: Vec<u64> = layout.tapes.iter().map(scale).collect();
        let door = layout.wires.iter().find_map(|wire| match wire.route {
            Route::Buy { service } => Some(service),
            _ => None,
        });
        let options = Options::of(model);
        let queue = |tray: &Tray| world.rabbitmq().queue(tray.queues.first()?);
        let closed = |tray| queue(tray).and_then(why_closed);
        let closed: Vec<Option<&str>> = layout.trays.iter().map(closed).collect();
        let in_line = door.map_or(0, |door| in_line(world, door));
        let whys = whys(world, layout, &options);
        let at_rest = at_rest(world, layout, &options);
        let refusal = options.held.filter(|held| held.refused.is_some());
        (scales, at_rest, closed, in_line, whys, machines(world, layout), refusal)
    });
    let words = Words {
        layout,
        observation: &props.observation,
        selection: props.selection.as_ref(),
        scales: &scales,
        at_rest: &at_rest,
        closed: &closed,
        in_line: buyers,
    };
    let card = |service: &usize| card(props, scenario, layout, *service, give);
    let order = flow(layout);
    let topics = (0..layout.tapes.len()).map(|topic| labels::topic(&words, topic));
    let exchanges = layout.exchanges.iter().map(|spot| labels::exchange(&words, spot));
    let rows = layout.topology.work.iter().enumerate().map(|(tray, node)| {
        fragment().child(labels::tray(&words, tray)).children(node.workers.iter().map(card))
    });
    let rungs = (0..layout.rungs.len()).map(|rung| labels::rung(&words, rung));
    let dead = layout.dead.iter().map(|tray| labels::dead(&words, tray));
    fragment()
        .child(labels::zones(&words))
        .child(switches(&machines, layout, give))
        .child(labels::buyers(&words))
        .children(order.iter().map(card))
        .children(topics)
        .children(exchanges)
        .children(rows)
        .children(rungs)
        .children(dead)
        .child(labels::legend(layout))
        .child(labels::whys(&whys))
        .child(refusal.map(|held| labels::refusal(&held, layout)))
}

/// Services that do not work on a queue, as orders reach them: from the left, then down.
fn flow(layout: &Layout) -> Vec<usize> {
    let cards = layout.cards.iter().map(|card| card.service);
    cards.filter(|service| !layout.topology.works(*service)).collect()
}

fn card(
    props: &StageProps,
    scenario: &Scenario,
    layout: &Layout,
    service: usize,
    give: &Callback<Command>,
) -> Option<Node> {
    let card = layout.card(service)?;
    let spec = &scenario.services[service];
    let selected = matches!(&props.selection, Some(Selection::Service(id)) if *id == spec.id);
    let is_door = scenario.door().is_some_and(|door| door.id == spec.id);
    let card = Card {
        spec,
        rect: card.rect,
        size: card.size,
        observation: &props.observation,
        is_door,
        selected,
        group: layout.topology.group_of(service),
    };
    super::card::card(&card, give)
}

/// Follows the size of the stage's box, once it is known.
#[hook]
fn use_fit(frame: &NodeRef, scenario: &Rc<Scenario>, props: &StageProps) -> Option<Fit> {
    let fit = use_state_eq(|| None);
    let (strip, player) = (props.compared.is_some(), props.player.clone());
    let deps = (frame.clone(), Same(scenario.clone()));
    {
        let fit = fit.clone();
        use_effect_with(deps, move |(frame, scenario)| {
            let observer = frame.cast::<Element>().and_then(|element| {
                let (scenario, player) = (scenario.0.clone(), player.clone());
                let box_of = element.clone();
                let mut last = None;
                let measure = Closure::<dyn FnMut()>::new(move || {
                    let (width, height) = (box_of.client_width() as f32, box_of.client_height());
                    let now = match last {
                        _ if strip => Fit::strip(&scenario, width, height as f32),
                        _ if wall(&player, width, height) => {
                            Fit::wall(&scenario, width, height as f32)
                        }
                        Some((same, fit)) if same == width => {
                            Fit::keep(fit, &scenario, width, height as f32)
                        }
                        _ => Fit::of(&scenario, width, height as f32),
                    };
                    last = Some((width, now));
                    fit.set(Some(now));
                });
                let observer = ResizeObserver::new(measure.as_ref().unchecked_ref()).ok()?;
                observer.observe(&element);
                Some((observer, measure))
            });
            move || {
                if let Some((observer, _measure)) = observer {
                    observer.disconnect();
                }
            }
        });
    }
    *fit
}

/// A stage for a wall; on a phone, held up or sideways, it stays a drawing for a phone.
fn wall(player: &Player, width: f32, height: i32) -> bool {
    let has_room = width >= Form::Medium.width() && height >= LEAST_WALL;
    has_room && player.read(|model| model.presenting)
}

/// Scrolls the stage to what was selected: on a phone the inspector takes half of its room.
#[hook]
fn use_in_sight(frame: &NodeRef, selection: &Option<Selection>, reach: &Rc<Vec<Item>>) {
    let selected = |item: &&Item| selection.as_ref() == Some(&item.selection);
    let id = reach.iter().find(selected).map(|item| item.id.clone());
    use_effect_with((frame.clone(), id), |(frame, id)| {
        let part = id.as_ref().and_then(|id| browser::document().get_element_by_id(id));
        if let Some((frame, part)) = frame.cast::<Element>().zip(part) {
            let (room, part) = (frame.get_bounding_client_rect(), part.get_bounding_client_rect());
            let below = (part.bottom() + AROUND - room.bottom()).max(0.0);
            let above = (room.top() + AROUND - part.top()).max(0.0);
            frame.set_scroll_top(frame.scroll_top() + (below - above) as i32);
        }
    });
}

pub(super) type Canvas = Rc<RefCell<Option<Surface>>>;

/// Keeps the canvas drawing.
#[hook]
fn use_surface(
    canvas: &NodeRef,
    layout: &Rc<Layout>,
    fit: Fit,
    scenario: &Rc<Scenario>,
    props: &StageProps,
) -> Canvas {
    let surface = use_mut_ref(|| None);
    let kept = surface.clone();
    let deps =
        (canvas.clone(), Same(layout.clone()), fit, Same(scenario.clone()), props.player.clone());
    let other = props.compared == Some(true);
    use_effect_with(deps, move |(canvas, layout, fit, _, player)| {
        let element = canvas.cast::<HtmlCanvasElement>();
        let made = element
            .and_then(|canvas| Surface::new(&canvas, layout.0.clone(), fit.zoom, player, other));
        *kept.borrow_mut() = made;
        move || drop(kept.borrow_mut().take())
    });
    surface
}

/// A click selects what is under it; a key on a focused part selects that part.
#[hook]
fn use_click(
    dragged: &Rc<RefCell<Dragged>>,
    surface: &Canvas,
    layout: &Rc<Layout>,
    reach: &Rc<Vec<Item>>,
    player: &Player,
) -> Callback<MouseEvent> {
    let (dragged, surface) = (dragged.clone(), surface.clone());
    let deps = (Same(layout.clone()), Same(reach.clone()), player.clone());
    use_callback(deps, move |event: MouseEvent, (Same(layout), Same(reach), player)| {
        let target: Option<Element> = event.target_dyn_into();
        let inside =
            |selector: &str| target.as_ref().and_then(|it| it.closest(selector).ok()).flatten();
        if inside(".power").is_some() {
            return;
        }
        let by_key = event.detail() == 0;
        if !by_key && dragged.borrow().moved {
            return;
        }
        let named = inside("[id^=stage-]").map(|element| element.id());
        let selection = if by_key {
            named
                .and_then(|id| reach.iter().find(|item| item.id == id).cloned())
                .map(|item| item.selection)
        } else {
            let place = place_of(&event, layout);
            place.and_then(|place| surface.borrow().as_ref()?.hit(player, place))
        };
        player.send(Msg::Select(selection));
    })
}

/// Where on the stage a click was, whatever the zoom.
pub(super) fn place_of(event: &MouseEvent, layout: &Layout) -> Option<Point> {
    // Yew listens at the root of the page, so the event's own current target is the whole page.
    let target: Element = event.target_dyn_into()?;
    let scene = target.closest(".stage-scene").ok()??;
    let rect = scene.get_bounding_client_rect();
    if rect.width() <= 0.0 {
        return None;
    }
    let scale = f64::from(layout.width) / rect.width();
    let x = (f64::from(event.client_x()) - rect.left()) * scale;
    let y = (f64::from(event.client_y()) - rect.top()) * scale;
    Some(Point { x: x as f32, y: y as f32 })
}

/// Arrows move the focus between neighbours; Enter and space select a focused row.
#[hook]
fn use_arrows(reach: &Rc<Vec<Item>>) -> Callback<KeyboardEvent> {
    use_callback(Same(reach.clone()), |event: KeyboardEvent, Same(reach)| {
        let focused = browser::document().active_element();
        let Some(id) = focused.as_ref().map(Element::id) else {
            return;
        };
        if let Some(direction) = Direction::of_key(&event.key()) {
            let Some(next) = items::neighbour(reach, &id, direction) else {
                return;
            };
            let element = browser::document().get_element_by_id(&next.id);
            if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                event.prevent_default();
                event.stop_propagation();
                // A focus that the browser refuses stays where it was.
                let _moved = element.focus();
            }
        } else if matches!(event.key().as_str(), "Enter" | " ")
            && let Some(element) = focused.and_then(|it| it.dyn_into::<HtmlElement>().ok())
            && element.get_attribute("role").as_deref() == Some("button")
        {
            event.prevent_default();
            element.click();
        }
    })
}
