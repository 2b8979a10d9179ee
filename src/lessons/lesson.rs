//! A lesson, read and checked: document, text, code and world together.

use std::fmt;
use std::rc::Rc;

use litemap::LiteMap;
use serde_json::Value;

use super::code::{self, CodeSample};
use super::document::Document;
use super::markdown;
use super::outline;
use super::text::{Section, Text};
use super::world::{WorldSpec, setting};
use crate::simulation::{Scenario, Timeline};

/// The files of a lesson's folder, by their path in it.
pub type Files = LiteMap<String, String>;

/// The language in which lessons are written. Others are translations of it.
pub const SOURCE_LANGUAGE: &str = "en";
/// The languages that the page can offer.
pub const LANGUAGES: [&str; 2] = [SOURCE_LANGUAGE, "de"];
/// How a text is kept: as it was written, and as the build script leaves it.
const WRITTEN: &str = "md";
const BUILT: &str = "json";

#[derive(Clone, Debug)]
pub struct Lesson {
    pub document: Document,
    /// The language of the text.
    pub language: String,
    pub text: Text,
    pub code: Vec<CodeSample>,
    pub scenario: Rc<Scenario>,
    /// The scenario as the lesson wrote it, for settings by path.
    pub(super) world: Value,
}

/// Why a folder is not a lesson: which file, and what is wrong in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonError {
    pub file: String,
    pub message: String,
}

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.message)
    }
}

impl std::error::Error for LessonError {}

impl Lesson {
    /// Reads a lesson as its author wrote it; `folder` is the files' place for messages.
    pub fn from_files(folder: &str, files: &Files) -> Result<Lesson, LessonError> {
        Lesson::translated(folder, files, SOURCE_LANGUAGE)
    }

    /// The same in another language.
    pub fn translated(folder: &str, files: &Files, language: &str) -> Result<Lesson, LessonError> {
        Lesson::read(folder, files, (language, WRITTEN), markdown::sections)
    }

    /// The languages in which an author wrote a lesson.
    pub fn languages(files: &Files) -> Vec<&'static str> {
        let there = |language: &&str| files.contains_key(&format!("{language}.{WRITTEN}"));
        LANGUAGES.into_iter().filter(there).collect()
    }

    /// Reads a lesson as the build script left it, its text already parsed.
    pub(super) fn from_built(
        folder: &str,
        files: &Files,
        language: &str,
    ) -> Result<Lesson, LessonError> {
        let sections = |text: &str| crate::json::read(text).map_err(|error| error.to_string());
        let there = files.contains_key(&format!("{language}.{BUILT}"));
        let language = if there { language } else { SOURCE_LANGUAGE };
        Lesson::read(folder, files, (language, BUILT), sections)
    }

    fn read(
        folder: &str,
        files: &Files,
        (language, form): (&str, &str),
        sections: impl Fn(&str) -> Result<Section, String>,
    ) -> Result<Lesson, LessonError> {
        let error =
            |file: &str, message: String| LessonError { file: format!("{folder}/{file}"), message };
        let read = |file: &str| {
            files.get(file).ok_or_else(|| error(file, "the file is missing".to_owned()))
        };
        let words = &format!("{language}.{form}");
        let document = Document::from_json(read("lesson.json")?)
            .map_err(|message| error("lesson.json", message))?;
        let world = document.world.document().map_err(|message| error("lesson.json", message))?;
        let scenario =
            WorldSpec::scenario(&world).map_err(|message| error("lesson.json", message))?;
        let text = sections(read(words)?)
            .and_then(|root| outline::read(&root, &document))
            .map_err(|message| error(words, message))?;
        let settings =
            settings(&document, &world).map_err(|message| error("lesson.json", message))?;
        let mut samples = Vec::new();
        for sample in &document.code {
            let file = format!("code/{}", sample.file);
            let lines = code::lines(read(&file)?, &settings);
            samples.push(CodeSample {
                language: sample.language.clone(),
                library: sample.library.clone(),
                lines: lines.map_err(|message| error(&file, message))?,
            });
        }
        let scenario = Rc::new(scenario);
        let language = language.to_owned();
        let lesson = Lesson { document, language, text, code: samples, scenario, world };
        lesson
            .no_stray_file(files, form)
            .map_err(|file| error(&file, "nothing in the lesson uses this file".to_owned()))?;
        Ok(lesson)
    }

    pub fn slug(&self) -> &str {
        &self.document.slug
    }

    /// The lesson's world at its start, with the seed that its scenario proposes.
    pub fn timeline(&self) -> Timeline {
        Timeline::new(self.scenario.clone(), self.scenario.seed)
    }

    fn no_stray_file(&self, files: &Files, form: &str) -> Result<(), String> {
        let code = self.document.code.iter().map(|sample| format!("code/{}", sample.file));
        let mut known: Vec<String> = code.collect();
        known.push("lesson.json".to_owned());
        known.extend(LANGUAGES.map(|language| format!("{language}.{form}")));
        files.keys().find(|file| !known.contains(file)).map_or(Ok(()), |file| Err(file.clone()))
    }
}

/// The values that code samples show.
fn settings(document: &Document, world: &Value) -> Result<LiteMap<String, String>, String> {
    let value = |(name, path): (&String, &String)| {
        let text = match setting(world, path) {
            Some(Value::String(text)) => text.clone(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => crate::json::text(value),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => {
                return Err(format!("field settings.{name}: the world has no value at {path}"));
            }
        };
        Ok((name.clone(), text))
    };
    let mut values = LiteMap::new();
    for (name, value) in document.settings.iter().map(value).collect::<Result<Vec<_>, _>>()? {
        values.insert(name, value);
    }
    Ok(values)
}
