//! Prose of lessons: typed text to nodes. A name of a service, a queue or a topic can be looked up.

use std::rc::Rc;

use litemap::LiteMap;
use yew::{Callback, Html, html};

use crate::lessons::{Block, Span};
use crate::ui::model::{Model, Msg, Selection};
use crate::ui::parts::press;

/// What the names in a text stand for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names(Rc<LiteMap<String, Selection>>);

impl Names {
    pub fn of(model: &Model) -> Names {
        let world = model.world();
        let mut names = LiteMap::new();
        for queue in world.rabbitmq().queues() {
            names.insert(queue.name().to_string(), Selection::Queue(queue.name().clone()));
        }
        for topic in world.kafka().topics() {
            names.insert(topic.name().to_string(), Selection::Partition(topic.name().clone(), 0));
        }
        for service in world.services() {
            let id = &service.spec.id;
            names.insert(id.to_string(), Selection::Service(id.clone()));
        }
        Names(Rc::new(names))
    }
}

/// Writes text for one reader.
#[derive(Clone, Debug)]
pub struct Prose<'a> {
    pub names: &'a Names,
    pub send: &'a Callback<Msg>,
}

impl Prose<'_> {
    pub fn blocks(&self, blocks: &[Block]) -> Html {
        blocks.iter().map(|block| self.block(block)).collect()
    }

    fn block(&self, block: &Block) -> Html {
        match block {
            Block::Paragraph(spans) => html! { <p>{ self.spans(spans) }</p> },
            Block::List(items) => self.list(items),
        }
    }

    pub fn list(&self, items: &[Vec<Span>]) -> Html {
        let item = |spans: &Vec<Span>| html! { <li>{ self.spans(spans) }</li> };
        html! { <ul class="plain-list">{ for items.iter().map(item) }</ul> }
    }

    pub fn spans(&self, spans: &[Span]) -> Html {
        spans.iter().map(|span| self.span(span, true)).collect()
    }

    /// As [`Prose::spans`], for places that are controls themselves: a label, a summary.
    pub fn label(&self, spans: &[Span]) -> Html {
        spans.iter().map(|span| self.span(span, false)).collect()
    }

    fn span(&self, span: &Span, links: bool) -> Html {
        let inner =
            |spans: &[Span]| -> Html { spans.iter().map(|span| self.span(span, links)).collect() };
        match span {
            Span::Plain(text) => html! { { text } },
            Span::Code(text) => match self.names.0.get(text) {
                Some(selection) if links => {
                    let onclick = press(self.send, Msg::Select(Some(selection.clone())));
                    html! { <button class="ref" {onclick}>{ text }</button> }
                }
                Some(_) | None => html! { <b class="mono">{ text }</b> },
            },
            Span::Strong(spans) => html! { <strong>{ inner(spans) }</strong> },
            Span::Emphasis(spans) => html! { <em>{ inner(spans) }</em> },
            Span::Figure { shown, .. } => html! { <span class="figure">{ shown }</span> },
            Span::Link { spans, to } => html! {
                <a class="ref" href={to.clone()} rel="noopener" target="_blank">{ inner(spans) }</a>
            },
        }
    }
}
