//! The form in which the build script leaves a parsed text for the page: without lines and claims,
//! which only the checks of a lesson read.
//!
//! Plain words are a text, other spans have a name: `["Kill ", {"code": "email"}, "."]`.

use serde_json::Value;

use super::text::{Block, Section, Span};
use crate::json::{At, Json, Written, named};

/// The names of spans; nothing belongs to none of them.
const SPANS: &[(&str, bool)] =
    &[("code", false), ("strong", false), ("emphasis", false), ("figure", false), ("link", false)];
const BLOCKS: &[(&str, bool)] = &[("paragraph", false), ("list", false)];

impl Json for Section {
    fn read(at: &At<'_>) -> Section {
        let mut fields = at.fields();
        let section = Section {
            heading: fields.read("heading"),
            line: 0,
            blocks: fields.read_or("blocks", Vec::new()),
            children: fields.read_or("children", Vec::new()),
        };
        fields.finish();
        section
    }

    fn write(&self) -> Value {
        let mut written = Written::default();
        written.put("heading", &self.heading);
        written.put("blocks", &self.blocks);
        written.put("children", &self.children);
        written.into_value()
    }
}

impl Json for Block {
    fn read(at: &At<'_>) -> Block {
        let variant = at.variant(BLOCKS);
        match variant.number {
            0 => Block::Paragraph(Json::read(&variant.content)),
            _ => Block::List(Json::read(&variant.content)),
        }
    }

    fn write(&self) -> Value {
        match self {
            Block::Paragraph(spans) => named("paragraph", spans.write()),
            Block::List(items) => named("list", items.write()),
        }
    }
}

impl Json for Span {
    fn read(at: &At<'_>) -> Span {
        if let Some(words) = at.text() {
            return Span::Plain(words.to_owned());
        }
        let variant = at.variant(SPANS);
        match variant.number {
            0 => Span::Code(Json::read(&variant.content)),
            1 => Span::Strong(Json::read(&variant.content)),
            2 => Span::Emphasis(Json::read(&variant.content)),
            3 => Span::Figure { shown: Json::read(&variant.content), claim: None },
            _ => {
                let (spans, to) = Json::read(&variant.content);
                Span::Link { spans, to }
            }
        }
    }

    fn write(&self) -> Value {
        match self {
            Span::Plain(words) => words.write(),
            Span::Code(words) => named("code", words.write()),
            Span::Strong(spans) => named("strong", spans.write()),
            Span::Emphasis(spans) => named("emphasis", spans.write()),
            Span::Figure { shown, .. } => named("figure", shown.write()),
            Span::Link { spans, to } => named("link", (spans.clone(), to.clone()).write()),
        }
    }
}
