//! An exchange: its type and its bindings.

use yew::{Callback, Html, html};

use crate::ui::model::Msg;
use crate::ui::view::ExchangeView;

use super::queue::bindings;
use super::{facts, note, section};

pub fn panel(view: &ExchangeView, send: &Callback<Msg>) -> Html {
    let durable = if view.durable { "yes" } else { "no" };
    let figures = [("type", view.kind.clone()), ("durable", durable.to_owned())];
    html! {
        <>
            <div class="insp-top">{ facts(&figures) }</div>
            { section("Bindings", html! {
                <>
                    { bindings(&view.bindings, send) }
                    { note("A message goes to every queue whose binding matches its routing key.") }
                </>
            }) }
        </>
    }
}
