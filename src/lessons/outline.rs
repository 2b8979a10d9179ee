//! The outline of `en.md`: which headings a lesson's text has, and what stands under each.
//!
//! ```text
//! # Title
//! ## Story
//! ## Objectives           a list of 2 to 4
//! ## Out of scope         a list
//! ## Predict              the question
//! ### option-id           the option; then why it is right or wrong
//! ### What happened
//! ## Steps
//! ### step-id             one sentence; then details
//! #### Progress           what the bar counts, in a few words
//! #### Choice choice-id   what a press does, in a few words
//! #### Mistake mistake-id what this wrong way did
//! #### Hint 1, 2, 3
//! #### Afterwards
//! ## Takeaways            a list of 3 to 5
//! ## Quiz
//! ### question-id         the question
//! #### option-id          the option; then why it is right or wrong
//! ## Experiments          a list
//! ```

use super::document::{Document, Step};
use super::text::{Block, Choice, PredictText, QuizText, Section, Spans, StepText, Text, plain};

/// Reads the text that belongs to a document. Errors name the heading.
pub(super) fn read(root: &Section, document: &Document) -> Result<Text, String> {
    let mut titles = Children::new("", root)?;
    let title = titles.first()?;
    titles.finish()?;
    let mut parts = Children::new(&title.heading, title)?;
    let story = parts.take("Story")?;
    let objectives = parts.take("Objectives")?;
    let out_of_scope = parts.take("Out of scope")?;
    let predict = parts.take("Predict")?;
    let steps = parts.take("Steps")?;
    let takeaways = parts.take("Takeaways")?;
    let quiz = parts.take("Quiz")?;
    let experiments = parts.take("Experiments")?;
    parts.finish()?;
    Ok(Text {
        title: title.heading.clone(),
        story: full("Story", &story.blocks)?,
        objectives: list("Objectives", objectives)?,
        out_of_scope: list("Out of scope", out_of_scope)?,
        predict: read_predict(predict, document)?,
        steps: read_steps(steps, document)?,
        takeaways: list("Takeaways", takeaways)?,
        quiz: read_quiz(quiz, document)?,
        experiments: list("Experiments", experiments)?,
    })
}

fn read_predict(section: &Section, document: &Document) -> Result<PredictText, String> {
    let mut children = Children::new("Predict", section)?;
    let options = choices("Predict", &mut children, &document.predict.options)?;
    let happened = children.take("What happened")?;
    children.finish()?;
    Ok(PredictText {
        question: full("Predict", &section.blocks)?,
        options,
        happened: full("Predict > What happened", &happened.blocks)?,
    })
}

fn read_steps(section: &Section, document: &Document) -> Result<Vec<StepText>, String> {
    let mut children = Children::new("Steps", section)?;
    let steps = document
        .steps
        .iter()
        .map(|step| read_step(step, children.take(&step.id)?))
        .collect::<Result<Vec<StepText>, String>>()?;
    children.finish()?;
    Ok(steps)
}

fn read_step(step: &Step, section: &Section) -> Result<StepText, String> {
    let at = format!("Steps > {}", step.id);
    let mut children = Children::new(&at, section)?;
    let (instruction, detail) = sentence_and_rest(&at, &section.blocks)?;
    let label = children.take("Progress")?;
    let (label, _) = sentence_and_rest(&format!("{at} > Progress"), &label.blocks)?;
    let mut part = |name: &str| full(&format!("{at} > {name}"), &children.take(name)?.blocks);
    let mut choices = Vec::new();
    for choice in &step.choices {
        let name = format!("Choice {}", choice.id);
        choices.push(sentence_and_rest(&format!("{at} > {name}"), &part(&name)?)?.0);
    }
    let mut mistakes = Vec::new();
    for mistake in &step.mistakes {
        mistakes.push(part(&format!("Mistake {}", mistake.id))?);
    }
    let hints = [part("Hint 1")?, part("Hint 2")?, part("Hint 3")?];
    let after = part("Afterwards")?;
    children.finish()?;
    let (id, label) = (step.id.clone(), plain(&label));
    Ok(StepText { id, instruction, detail, label, choices, mistakes, hints, after })
}

fn read_quiz(section: &Section, document: &Document) -> Result<Vec<QuizText>, String> {
    let mut children = Children::new("Quiz", section)?;
    let mut quiz = Vec::new();
    for question in &document.quiz {
        let at = format!("Quiz > {}", question.id);
        let section = children.take(&question.id)?;
        let mut inner = Children::new(&at, section)?;
        let options = choices(&at, &mut inner, &question.options)?;
        inner.finish()?;
        let text = full(&at, &section.blocks)?;
        quiz.push(QuizText { id: question.id.clone(), question: text, options });
    }
    children.finish()?;
    Ok(quiz)
}

fn choices(at: &str, children: &mut Children<'_>, ids: &[String]) -> Result<Vec<Choice>, String> {
    let choice = |id: &String| {
        let at = format!("{at} > {id}");
        let (label, explanation) = sentence_and_rest(&at, &children.take(id)?.blocks)?;
        let explanation = full(&format!("{at}, its explanation"), &explanation)?;
        Ok(Choice { id: id.clone(), label, explanation })
    };
    ids.iter().map(choice).collect()
}

fn sentence_and_rest(at: &str, blocks: &[Block]) -> Result<(Spans, Vec<Block>), String> {
    match blocks.split_first() {
        Some((Block::Paragraph(sentence), rest)) => Ok((sentence.clone(), rest.to_vec())),
        Some((Block::List(_), _)) | None => {
            Err(format!("heading '{at}': begins with a sentence of its own"))
        }
    }
}

fn full(at: &str, blocks: &[Block]) -> Result<Vec<Block>, String> {
    if blocks.is_empty() {
        return Err(format!("heading '{at}': nothing stands under it"));
    }
    Ok(blocks.to_vec())
}

pub(super) fn list(at: &str, section: &Section) -> Result<Vec<Spans>, String> {
    Children::new(at, section)?.finish()?;
    match section.blocks.as_slice() {
        [Block::List(items)] => Ok(items.clone()),
        _ => Err(format!("heading '{at}': one list stands under it, nothing else")),
    }
}

/// The sections under a heading, each to be taken once and in any order.
pub(super) struct Children<'a> {
    at: String,
    left: Vec<&'a Section>,
}

impl<'a> Children<'a> {
    pub(super) fn new(at: &str, section: &'a Section) -> Result<Children<'a>, String> {
        let left: Vec<&Section> = section.children.iter().collect();
        for (index, child) in left.iter().enumerate() {
            if left[..index].iter().any(|other| other.heading == child.heading) {
                return Err(format!(
                    "heading '{}' (line {}) is there twice",
                    child.heading, child.line
                ));
            }
        }
        Ok(Children { at: at.to_owned(), left })
    }

    pub(super) fn first(&mut self) -> Result<&'a Section, String> {
        if self.left.is_empty() {
            return Err("the text has no title".to_owned());
        }
        Ok(self.left.remove(0))
    }

    pub(super) fn take(&mut self, heading: &str) -> Result<&'a Section, String> {
        let place = self.left.iter().position(|section| section.heading == heading);
        let place = place.ok_or(format!("heading '{}': '{heading}' is missing", self.at))?;
        Ok(self.left.remove(place))
    }

    pub(super) fn finish(self) -> Result<(), String> {
        match self.left.first() {
            None => Ok(()),
            Some(section) => {
                let Section { heading, line, .. } = section;
                Err(format!("heading '{heading}' (line {line}) does not belong here"))
            }
        }
    }
}
