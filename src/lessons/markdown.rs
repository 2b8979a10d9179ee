//! Markdown to sections: headings with paragraphs and lists under them, nothing else.
//!
//! The build script compiles this file too: the page gets sections and no parser.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use super::claim::Claim;
use super::text::{Block, Section, Span, Spans};

/// Reads a document; the section that is returned has no heading and holds all others.
pub fn sections(text: &str) -> Result<Section, String> {
    let mut reader = Reader::default();
    for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
        let line = 1 + text[..range.start].matches('\n').count() as u32;
        reader.take(event, line).map_err(|message| format!("line {line}: {message}"))?;
    }
    Ok(reader.close_to(0))
}

/// What is open while the events go by.
#[derive(Debug, Default)]
struct Reader {
    root: Section,
    /// The open headings, by level.
    open: Vec<(u32, Section)>,
    /// Spans of the paragraph, item or heading that is open, and of what is nested in it.
    spans: Vec<Spans>,
    items: Option<Vec<Spans>>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>, line: u32) -> Result<(), String> {
        match event {
            Event::Start(tag) => self.start(tag, line),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.push(Span::Plain(text.into_string())),
            Event::Code(text) => self.push(Span::Code(text.into_string())),
            Event::SoftBreak => self.push(Span::Plain(" ".to_owned())),
            Event::InlineHtml(html) | Event::Html(html) if html.starts_with("<!--") => Ok(()),
            _ => Err("only headings, paragraphs, flat lists and links are read here".to_owned()),
        }
    }

    fn start(&mut self, tag: Tag<'_>, line: u32) -> Result<(), String> {
        match tag {
            Tag::Heading { level, .. } => {
                let level = level as u32;
                self.close_to(level - 1);
                self.open.push((level, Section { line, ..Section::default() }));
                self.spans.push(Vec::new());
            }
            Tag::List(_) if self.items.is_some() => return Err("a list in a list".to_owned()),
            Tag::List(_) => self.items = Some(Vec::new()),
            Tag::Item | Tag::Strong | Tag::Emphasis | Tag::Link { .. } => {
                if let Tag::Link { dest_url, .. } = &tag {
                    check_target(dest_url)?;
                    self.spans.push(vec![Span::Plain(dest_url.to_string())]);
                }
                self.spans.push(Vec::new());
            }
            // A paragraph in an item belongs to the item.
            Tag::Paragraph if self.items.is_none() => self.spans.push(Vec::new()),
            Tag::Paragraph | Tag::HtmlBlock => {}
            _ => return Err("only headings, paragraphs, flat lists and links are read".to_owned()),
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd) -> Result<(), String> {
        match tag {
            TagEnd::Paragraph if self.items.is_none() => {
                let spans = self.pop()?;
                self.block(Block::Paragraph(spans));
            }
            TagEnd::Heading(_) => {
                let heading = super::text::plain(&self.pop()?);
                if let Some((_, section)) = self.open.last_mut() {
                    section.heading = heading;
                }
            }
            TagEnd::Item => {
                let spans = self.pop()?;
                self.items.get_or_insert_default().push(spans);
            }
            TagEnd::List(_) => {
                let items = self.items.take().unwrap_or_default();
                self.block(Block::List(items));
            }
            TagEnd::Strong => {
                let spans = self.pop()?;
                self.push(Span::Strong(spans))?;
            }
            TagEnd::Emphasis => {
                let spans = self.pop()?;
                self.push(Span::Emphasis(spans))?;
            }
            TagEnd::Link => {
                let spans = self.pop()?;
                let to = super::text::plain(&self.pop()?);
                self.push(link(spans, to)?)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, span: Span) -> Result<(), String> {
        let spans = self.spans.last_mut().ok_or("text outside a paragraph")?;
        match (spans.last_mut(), span) {
            (Some(Span::Plain(before)), Span::Plain(text)) => before.push_str(&text),
            (_, span) => spans.push(span),
        }
        Ok(())
    }

    fn pop(&mut self) -> Result<Spans, String> {
        self.spans.pop().ok_or_else(|| "something ends that never began".to_owned())
    }

    fn block(&mut self, block: Block) {
        let section = self.open.last_mut().map_or(&mut self.root, |(_, section)| section);
        section.blocks.push(block);
    }

    /// Closes the headings deeper than `level`; at 0 the document is over.
    fn close_to(&mut self, level: u32) -> Section {
        while let Some((_, section)) = self.open.pop_if(|(open, _)| *open > level) {
            let parent = self.open.last_mut().map_or(&mut self.root, |(_, parent)| parent);
            parent.children.push(section);
        }
        if level == 0 { std::mem::take(&mut self.root) } else { Section::default() }
    }
}

/// A link is a claim about a figure, or leads to a page.
fn link(spans: Spans, to: String) -> Result<Span, String> {
    match Claim::parse(&to)? {
        Some(claim) => Ok(Span::Figure { shown: super::text::plain(&spans), claim: Some(claim) }),
        None => Ok(Span::Link { spans, to }),
    }
}

fn check_target(to: &CowStr<'_>) -> Result<(), String> {
    if to.starts_with("https://") || to.starts_with("#/") || Claim::parse(to)?.is_some() {
        return Ok(());
    }
    Err(format!("'{to}' is neither a claim nor an address of the web or of this page"))
}
