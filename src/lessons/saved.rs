//! What a learner has done, as it is stored and carried from one browser to another.

use std::fmt;

use litemap::LiteMap;
use serde_json::Value;

use crate::json::{self, At, Json, Written};

/// The version of the format that this program reads and writes.
const VERSION: u64 = 1;

/// All lessons, by slug. Lessons that this program does not know are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    lessons: LiteMap<String, Standing>,
    /// What the learner wrote, by where: the slug of a lesson, or a question of the interview.
    notes: LiteMap<String, String>,
}

/// One lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The option that was chosen before the run.
    pub predicted: Option<String>,
    /// Ids of the steps that are done.
    pub done: Vec<String>,
    /// The option that was first chosen, by question.
    pub quiz: LiteMap<String, String>,
}

/// A reading that worked, with what could not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    pub saved: Saved,
    pub notes: Vec<String>,
}

/// Nothing could be read. Whoever stores progress leaves what is stored as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedError {
    pub message: String,
}

impl fmt::Display for SavedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SavedError {}

/// Fields of a later version are passed over.
impl Json for Standing {
    fn read(at: &At<'_>) -> Standing {
        let mut fields = at.fields();
        Standing {
            predicted: fields.read_or("predicted", None),
            done: fields.read_or("done", Vec::new()),
            quiz: fields.read_or("quiz", LiteMap::new()),
        }
    }

    fn write(&self) -> Value {
        let mut written = Written::default();
        written.put("predicted", &self.predicted);
        written.put("done", &self.done);
        written.put("quiz", &self.quiz);
        written.into_value()
    }
}

impl Saved {
    pub fn to_json(&self) -> String {
        let mut written = Written::default();
        written.put("version", &VERSION);
        written.put("lessons", &self.lessons);
        written.put("notes", &self.notes);
        json::text(&written.into_value())
    }

    /// Reads what can be read; a damaged lesson is left out and named.
    pub fn from_json(text: &str) -> Result<Opened, SavedError> {
        let refuse = |message: String| Err(SavedError { message });
        let mut document: Value = match crate::json::parse(text) {
            Ok(document) => document,
            Err(error) => return refuse(format!("The stored progress is damaged: {error}.")),
        };
        match document["version"].as_u64() {
            Some(VERSION) => {}
            Some(newer) if newer > VERSION => {
                return refuse(format!(
                    "The stored progress is of version {newer}; this page reads version {VERSION}. \
                     Reload the page to get the newest one."
                ));
            }
            Some(_) | None => {
                return refuse(
                    "The stored progress has no version that this page knows.".to_owned(),
                );
            }
        }
        let Value::Object(lessons) = document["lessons"].take() else {
            return refuse("The stored progress is damaged: it has no list of lessons.".to_owned());
        };
        let mut opened = Opened::default();
        if let Value::Object(notes) = document["notes"].take() {
            for (key, words) in notes {
                opened.saved.note(key, words.as_str().unwrap_or_default().to_owned());
            }
        }
        for (slug, standing) in lessons {
            match json::from_value(&standing) {
                Ok(standing) => drop(opened.saved.lessons.insert(slug, standing)),
                Err(error) => {
                    opened.notes.push(format!("Progress of lesson '{slug}' is damaged: {error}."));
                }
            }
        }
        Ok(opened)
    }

    pub fn lesson(&self, slug: &str) -> Option<&Standing> {
        self.lessons.get(slug)
    }

    /// The lessons that were begun.
    pub fn lessons(&self) -> impl Iterator<Item = (&str, &Standing)> {
        self.lessons.iter().map(|(slug, standing)| (slug.as_str(), standing))
    }

    pub fn noted(&self, key: &str) -> &str {
        self.notes.get(key).map_or("", String::as_str)
    }

    /// Keeps what the learner wrote; nothing forgets it.
    pub fn note(&mut self, key: String, words: String) {
        if words.is_empty() {
            self.notes.remove(&key);
        } else {
            self.notes.insert(key, words);
        }
    }

    /// Takes in what was done elsewhere. What is done or written here stays.
    pub fn take_in(&mut self, other: Saved) {
        for (slug, standing) in other.lessons {
            let own = self.lessons.entry(slug).or_default();
            own.predicted = own.predicted.take().or(standing.predicted);
            let fresh: Vec<String> =
                standing.done.into_iter().filter(|step| !own.done.contains(step)).collect();
            own.done.extend(fresh);
            for (question, option) in standing.quiz {
                own.quiz.entry(question).or_insert(option);
            }
        }
        for (key, words) in other.notes {
            self.notes.entry(key).or_insert(words);
        }
    }

    /// Keeps a prediction. It is locked once a step is done: true if it was taken.
    pub fn predict(&mut self, slug: &str, option: &str) -> bool {
        let standing = self.lessons.entry(slug.to_owned()).or_default();
        let open = standing.done.is_empty();
        if open {
            standing.predicted = Some(option.to_owned());
        }
        open
    }

    /// Keeps a step that was done. What is done stays done.
    pub fn step_done(&mut self, slug: &str, step: &str) {
        let standing = self.lessons.entry(slug.to_owned()).or_default();
        if !standing.done.iter().any(|done| done == step) {
            standing.done.push(step.to_owned());
        }
    }

    /// Keeps the first answer to a question; later ones are for learning, not for the record.
    pub fn answer(&mut self, slug: &str, question: &str, option: &str) {
        let standing = self.lessons.entry(slug.to_owned()).or_default();
        standing.quiz.entry(question.to_owned()).or_insert_with(|| option.to_owned());
    }

    /// Adds what was done elsewhere; nothing that is done here is lost.
    pub fn merge(&mut self, other: Saved) {
        for (slug, theirs) in other.lessons {
            for step in &theirs.done {
                self.step_done(&slug, step);
            }
            let ours = self.lessons.entry(slug).or_default();
            ours.predicted = ours.predicted.take().or(theirs.predicted);
            for (question, option) in theirs.quiz {
                ours.quiz.entry(question).or_insert(option);
            }
        }
    }

    /// Forgets one lesson, because the learner asked to start it anew.
    pub fn forget(&mut self, slug: &str) {
        self.lessons.remove(slug);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Saved {
        let mut saved = Saved::default();
        assert!(saved.predict("the-chain", "sum"));
        saved.step_done("the-chain", "the-sum");
        saved.answer("the-chain", "share", "product");
        saved
    }

    #[test]
    fn what_is_written_is_read_again() {
        let opened = Saved::from_json(&saved().to_json()).expect("it was written here");
        assert_eq!(opened, Opened { saved: saved(), notes: Vec::new() });
    }

    #[test]
    fn a_prediction_is_locked_by_the_first_step_and_a_first_answer_stays() {
        let mut saved = saved();
        assert!(!saved.predict("the-chain", "other"));
        saved.answer("the-chain", "share", "other");
        saved.step_done("the-chain", "the-sum");
        assert_eq!(saved, self::saved());
    }

    #[test]
    fn a_damaged_lesson_is_named_and_the_others_stay() {
        let text = r#"{"version": 1, "lessons": {"a": {"done": 7}, "b": {"done": ["x"]}}}"#;
        let opened = Saved::from_json(text).expect("the rest is fine");
        assert!(opened.saved.lesson("a").is_none());
        assert_eq!(opened.saved.lesson("b").map(|b| b.done.len()), Some(1));
        assert!(opened.notes[0].contains("'a'"), "{:?}", opened.notes);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (text, word) in [
            ("{", "damaged"),
            ("[]", "version"),
            (r#"{"version": 2, "lessons": {}}"#, "version 2"),
            (r#"{"version": 1}"#, "list of lessons"),
        ] {
            let error = Saved::from_json(text).expect_err(text);
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn merging_loses_nothing() {
        let mut here = Saved::default();
        here.step_done("the-chain", "slow-one");
        here.merge(saved());
        let standing = here.lesson("the-chain").expect("it was merged");
        assert_eq!(standing.done, ["slow-one", "the-sum"]);
        assert_eq!(standing.predicted.as_deref(), Some("sum"));
    }
}
