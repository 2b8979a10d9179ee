//! An exchange: its type and its bindings.

use yew::{Callback, Html, html};

use crate::ui::model::Msg;
use crate::ui::view::ExchangeView;

use super::facts;
use super::queue::bindings;

pub fn panel(view: &ExchangeView, send: &Callback<Msg>) -> Html {
    let durable = if view.durable { "yes" } else { "no" };
    let figures = [("type", view.kind.clone()), ("durable", durable.to_owned())];
    html! {
        <>
            <div class="insp-top">{ facts(&figures) }</div>
            <section class="insp-sec">
                <h3>{ "Bindings" }</h3>
                { bindings(&view.bindings, send) }
                <p class="note-line">
                    { "A message goes to every queue whose binding matches its routing key." }
                </p>
            </section>
        </>
    }
}
