//! Prose of lessons: typed text to nodes. A name of a service, a queue or a topic can be looked up.

use std::rc::Rc;

use litemap::LiteMap;
use yew::Callback;

use crate::lessons::{Block, Span};
use crate::ui::model::{Model, Msg, Selection};
use crate::ui::parts::{Node, el, fragment, text};

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
    pub fn blocks(&self, blocks: &[Block]) -> Node {
        fragment().children(blocks.iter().map(|block| self.block(block)))
    }

    fn block(&self, block: &Block) -> Node {
        match block {
            Block::Paragraph(spans) => el("p").child(self.spans(spans)),
            Block::List(items) => self.list(items),
        }
    }

    /// The paragraphs in a row, for headings.
    pub fn lines(&self, blocks: &[Block]) -> Node {
        let line = |block: &Block| match block {
            Block::Paragraph(spans) => self.label(spans),
            Block::List(items) => self.list(items),
        };
        fragment().children(blocks.iter().map(line))
    }

    pub fn list(&self, items: &[Vec<Span>]) -> Node {
        let item = |spans: &Vec<Span>| el("li").child(self.spans(spans));
        el("ul.plain-list").children(items.iter().map(item))
    }

    pub fn spans(&self, spans: &[Span]) -> Node {
        self.write(fragment(), spans, true)
    }

    /// As [`Prose::spans`], for places that are controls themselves: a label, a summary.
    pub fn label(&self, spans: &[Span]) -> Node {
        self.write(fragment(), spans, false)
    }

    fn write(&self, into: Node, spans: &[Span], links: bool) -> Node {
        spans.iter().fold(into, |into, span| self.span(into, span, links))
    }

    fn span(&self, into: Node, span: &Span, links: bool) -> Node {
        let node = match span {
            Span::Plain(words) => return into.child(words),
            Span::Code(words) => match self.names.0.get(words) {
                Some(selection) if links => {
                    text("button.ref", words).press(self.send, Msg::Select(Some(selection.clone())))
                }
                Some(_) | None => text("b.mono", words),
            },
            Span::Strong(spans) => self.write(el("strong"), spans, links),
            Span::Emphasis(spans) => self.write(el("em"), spans, links),
            Span::Figure { shown, .. } => text("span.figure", shown),
            Span::Link { spans, to } => {
                let link = el("a.ref").attr("href", to).attr("rel", "noopener");
                let elsewhere = (!to.starts_with('#')).then_some("_blank");
                self.write(link.attr("target", elsewhere), spans, links)
            }
        };
        into.child(node)
    }
}
