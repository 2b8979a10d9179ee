//! The text of a lesson, typed: every word that a learner reads, and where it belongs.

use super::claim::Claim;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub title: String,
    pub story: Vec<Block>,
    /// What a learner can do or tell afterwards.
    pub objectives: Vec<Spans>,
    /// What the lesson leaves to others.
    pub out_of_scope: Vec<Spans>,
    pub predict: PredictText,
    /// In the order of the document's steps.
    pub steps: Vec<StepText>,
    pub takeaways: Vec<Spans>,
    pub quiz: Vec<QuizText>,
    pub experiments: Vec<Spans>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PredictText {
    pub question: Vec<Block>,
    pub options: Vec<Choice>,
    /// What happened, to stand beside the learner's answer.
    pub happened: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepText {
    pub id: String,
    /// One sentence: what to do.
    pub instruction: Spans,
    /// What else helps to do it; may be empty.
    pub detail: Vec<Block>,
    /// What the bar counts: "mails waiting".
    pub label: String,
    /// The words of the document's choices, in their order.
    pub choices: Vec<Spans>,
    /// What each of the document's mistakes did, in their order.
    pub mistakes: Vec<Vec<Block>>,
    /// From a nudge to the answer.
    pub hints: [Vec<Block>; 3],
    /// What was to be seen; it stays readable after the step.
    pub after: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuizText {
    pub id: String,
    pub question: Vec<Block>,
    pub options: Vec<Choice>,
}

/// An option of a question, with the reason why it is right or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub label: Spans,
    pub explanation: Vec<Block>,
}

/// A heading, what stands under it, and the deeper headings under that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    pub heading: String,
    /// Where it stands in the author's file, for messages.
    pub line: u32,
    pub blocks: Vec<Block>,
    pub children: Vec<Section>,
}

pub type Spans = Vec<Span>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Paragraph(Spans),
    List(Vec<Spans>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    Plain(String),
    /// Names and settings as the systems print them; a service's id can be looked up on the stage.
    Code(String),
    Strong(Spans),
    Emphasis(Spans),
    /// A figure that the engine must reproduce.
    Figure {
        shown: String,
        /// None in the page, which shows figures and checks none.
        claim: Option<Claim>,
    },
    Link {
        spans: Spans,
        to: String,
    },
}

impl Text {
    /// Every line of text with the step it belongs to, for checks.
    pub fn lines(&self) -> Vec<(Option<&str>, &Spans)> {
        let mut lines: Vec<(Option<&str>, &Spans)> = Vec::new();
        lines.extend(anywhere(lines_of(&self.story)));
        lines.extend(anywhere(self.objectives.iter().chain(&self.out_of_scope).collect()));
        lines.extend(anywhere(lines_of(&self.predict.question)));
        lines.extend(anywhere(choice_lines(&self.predict.options)));
        lines.extend(anywhere(lines_of(&self.predict.happened)));
        for step in &self.steps {
            let parts =
                [&step.detail, &step.after].into_iter().chain(&step.hints).chain(&step.mistakes);
            let spans = parts.flat_map(|blocks| lines_of(blocks));
            let all = std::iter::once(&step.instruction).chain(&step.choices).chain(spans);
            lines.extend(all.map(|spans| (Some(step.id.as_str()), spans)));
        }
        lines.extend(anywhere(self.takeaways.iter().collect()));
        for question in &self.quiz {
            lines.extend(anywhere(lines_of(&question.question)));
            lines.extend(anywhere(choice_lines(&question.options)));
        }
        lines.extend(anywhere(self.experiments.iter().collect()));
        lines
    }
}

impl Text {
    /// How many words a learner reads who asks for no hint and is told of no mistake, with one
    /// explanation for each question.
    pub fn words(&self) -> u64 {
        let count = |spans: &Spans| plain(spans).split_whitespace().count() as u64;
        let of_blocks = |blocks: &[Block]| lines_of(blocks).into_iter().map(count).sum::<u64>();
        let of_choices = |choices: &[Choice]| {
            let labels: u64 = choices.iter().map(|choice| count(&choice.label)).sum();
            labels + choices.first().map_or(0, |choice| of_blocks(&choice.explanation))
        };
        let step = |step: &StepText| {
            let parts = [&step.instruction].into_iter().chain(&step.choices).map(count);
            parts.sum::<u64>() + of_blocks(&step.detail) + of_blocks(&step.after)
        };
        let question = |quiz: &QuizText| of_blocks(&quiz.question) + of_choices(&quiz.options);
        of_blocks(&self.story)
            + self.objectives.iter().chain(&self.out_of_scope).map(count).sum::<u64>()
            + of_blocks(&self.predict.question)
            + of_choices(&self.predict.options)
            + of_blocks(&self.predict.happened)
            + self.steps.iter().map(step).sum::<u64>()
            + self.takeaways.iter().chain(&self.experiments).map(count).sum::<u64>()
            + self.quiz.iter().map(question).sum::<u64>()
    }
}

/// The words alone.
pub fn plain(spans: &[Span]) -> String {
    let word = |span: &Span| match span {
        Span::Plain(text) | Span::Code(text) => text.clone(),
        Span::Strong(spans) | Span::Emphasis(spans) | Span::Link { spans, .. } => plain(spans),
        Span::Figure { shown, .. } => shown.clone(),
    };
    spans.iter().map(word).collect()
}

fn anywhere(lines: Vec<&Spans>) -> impl Iterator<Item = (Option<&str>, &Spans)> {
    lines.into_iter().map(|spans| (None, spans))
}

fn lines_of(blocks: &[Block]) -> Vec<&Spans> {
    let lines = blocks.iter().flat_map(|block| match block {
        Block::Paragraph(spans) => std::slice::from_ref(spans),
        Block::List(items) => items.as_slice(),
    });
    lines.collect()
}

fn choice_lines(choices: &[Choice]) -> Vec<&Spans> {
    let lines = choices.iter().flat_map(|Choice { label, explanation, .. }| {
        std::iter::once(label).chain(lines_of(explanation))
    });
    lines.collect()
}
