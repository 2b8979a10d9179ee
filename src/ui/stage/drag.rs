//! Dragging the bookmark of a group along its tape, by mouse, pen or finger.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent};
use yew::{Callback, hook, use_callback};

use crate::ui::model::Msg;
use crate::ui::player::Player;
use crate::ui::scene::{self, Grip, Layout, Point};

use super::view::{Canvas, Same, place_of};

/// A hand that trembles does not drag.
const TREMBLE: f32 = 4.0;

/// The bookmark under the hand.
#[derive(Debug, Default)]
pub struct Dragged {
    grip: Option<(Grip, Point)>,
    /// It has left its place: what the hand then does is no click.
    pub moved: bool,
}

#[hook]
pub fn use_drag(
    dragged: &Rc<RefCell<Dragged>>,
    surface: &Canvas,
    layout: &Rc<Layout>,
    player: &Player,
) -> Callback<Event> {
    let (dragged, surface) = (dragged.clone(), surface.clone());
    use_callback((Same(layout.clone()), player.clone()), move |event: Event, deps| {
        let (Same(layout), player) = deps;
        let mut dragged = dragged.borrow_mut();
        let kind = event.type_();
        if kind == "touchstart" {
            // The finger holds a bookmark, so it does not scroll the stage.
            if dragged.grip.is_some() {
                event.prevent_default();
            }
            return;
        }
        let pointer: PointerEvent = event.unchecked_into();
        let Some(place) = place_of(&pointer, layout) else {
            return;
        };
        if kind == "pointerdown" {
            let main = pointer.button() == 0;
            let grip = surface.borrow().as_ref().and_then(|surface| surface.grip(place));
            let grip = grip.filter(|_| main);
            *dragged = Dragged { grip: grip.map(|grip| (grip, place)), moved: false };
            let target = pointer.target().and_then(|target| target.dyn_into::<Element>().ok());
            if let (Some(target), Some(_)) = (target, grip) {
                // Without it the hand loses the bookmark at the edge of the stage.
                let _captured = target.set_pointer_capture(pointer.pointer_id());
            }
            return;
        }
        let Some((grip, from)) = dragged.grip else {
            return;
        };
        match kind.as_str() {
            "pointermove" if dragged.moved || from.distance(place) > TREMBLE => {
                dragged.moved = true;
                let held = player.read(|model| {
                    scene::held(model.world(), layout, model.speed.times(), grip, place)
                });
                player.send(Msg::Hold(held));
            }
            "pointermove" => {}
            _ => {
                dragged.grip = None;
                let put = kind == "pointerup" && dragged.moved;
                player.send(if put { Msg::LetGo } else { Msg::Hold(None) });
            }
        }
    })
}
