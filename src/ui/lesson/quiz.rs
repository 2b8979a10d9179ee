//! The quiz: three questions, and the reason for every option once one is chosen.

use yew::{Callback, Html, Properties, component, html};

use crate::lessons::{Choice, Question, QuizText};
use crate::ui::model::Msg;
use crate::ui::parts::{Icon, IconName};

use super::prose::Prose;
use super::view::LessonView;

#[derive(Debug, PartialEq, Properties)]
pub struct QuizProps {
    pub view: LessonView,
    pub send: Callback<Msg>,
}

#[component]
pub fn Quiz(props: &QuizProps) -> Html {
    let QuizProps { view, send } = props;
    let prose = Prose {
        names: &view.names,
        send,
    };
    let questions = view.lesson.document.quiz.iter().zip(&view.lesson.text.quiz);
    let answered = view.answers.len();
    let all = view.lesson.document.quiz.len();
    html! {
        <>
            <p class="eyebrow">{ format!("{answered} of {all} answered") }</p>
            <h1>{ "What stays" }</h1>
            { for questions.enumerate().map(|(index, (question, text))| {
                ask(view, index, question, text, &prose)
            }) }
            if answered == all {
                <p class="quiz-result">
                    { format!("{} of {all} right at the first try.", view.right_first) }
                </p>
            }
        </>
    }
}

fn ask(
    view: &LessonView,
    index: usize,
    question: &Question,
    text: &QuizText,
    prose: &Prose<'_>,
) -> Html {
    let chosen = view.answers.get(&question.id);
    html! {
        <fieldset class="predict quiz">
            <legend>{ format!("Question {}", index + 1) }</legend>
            { prose.blocks(&text.question) }
            { for text.options.iter().map(|choice| option(question, choice, chosen, prose)) }
        </fieldset>
    }
}

fn option(
    question: &Question,
    choice: &Choice,
    chosen: Option<&String>,
    prose: &Prose<'_>,
) -> Html {
    let right = choice.id == question.right;
    let is_chosen = chosen == Some(&choice.id);
    let class = match (chosen.is_some(), right, is_chosen) {
        (true, true, _) => "right",
        (true, false, true) => "chosen missed",
        (_, _, _) => "",
    };
    let (id, option) = (question.id.clone(), choice.id.clone());
    let onchange = prose.send.reform(move |_: yew::Event| Msg::Answer {
        question: id.clone(),
        option: option.clone(),
    });
    html! {
        <>
            <label {class}>
                <input
                    type="radio"
                    name={format!("quiz-{}", question.id)}
                    value={choice.id.clone()}
                    checked={is_chosen}
                    {onchange}
                />
                <span>{ prose.label(&choice.label) }</span>
                if chosen.is_some() && right {
                    <em><Icon name={IconName::Check} />{ "right" }</em>
                } else if is_chosen {
                    <em>{ "you" }</em>
                }
            </label>
            if chosen.is_some() {
                <div class="because">{ prose.blocks(&choice.explanation) }</div>
            }
        </>
    }
}
