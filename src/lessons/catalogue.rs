//! The catalogue: all chapters and lessons of the curriculum, those to come as titles only.

use std::rc::Rc;

use litemap::LiteMap;

use super::interview::{self, InterviewQuestion};
use super::lesson::{Files, Lesson, LessonError, SOURCE_LANGUAGE};
use crate::json::document;

/// The folder beside the lessons that has the interview check.
const INTERVIEW: &str = "interview";
/// Where the pack has what the help says.
const HELP: &str = "help";
/// Where the pack has the scenarios.
const SCENARIOS: &str = "scenarios";
// The build script writes both.
const CURRICULUM: &str = include_str!(concat!(env!("OUT_DIR"), "/curriculum.json"));
/// The page loads it while the learner looks around already.
#[cfg(not(target_arch = "wasm32"))]
const PACK: Option<&str> = Some(include_str!(concat!(env!("OUT_DIR"), "/lessons.pack")));
#[cfg(target_arch = "wasm32")]
const PACK: Option<&str> = None;

/// Chapters in their order, and the lessons once they are there.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub chapters: Vec<Chapter>,
    folders: Option<Rc<LiteMap<String, Files>>>,
}

document! {
    pub struct Chapter: Eq {
        pub title: String,
        pub lessons: Vec<Entry>,
    }
}

document! {
    pub struct Entry: Eq {
        pub number: u32,
        pub slug: String,
        pub title: String,
        /// How long it takes, about.
        pub minutes: u32,
        /// Whether there is a folder for it. This and the rest is said by the build script.
        pub available: bool = false,
        pub steps: u32 = 0,
        pub languages: Vec<String> = Vec::new(),
    }
}

document! {
    struct Curriculum {
        chapters: Vec<Chapter>,
    }
}

impl Catalogue {
    /// What comes with the program: all of it, or in the page all but the lessons themselves.
    pub fn embedded() -> Catalogue {
        let Curriculum { chapters } =
            crate::json::read(CURRICULUM).expect("a test reads the embedded curriculum");
        let mut catalogue = Catalogue { chapters, folders: None };
        if let Some(pack) = PACK {
            catalogue.unpack(pack).expect("a test unpacks the embedded lessons");
        }
        catalogue
    }

    /// Takes the lessons in, as the build script packs them.
    pub fn unpack(&mut self, pack: &str) -> Result<(), String> {
        let mut folders: LiteMap<String, Files> = LiteMap::new();
        let mut parts = pack.split_terminator('\0');
        while let Some(path) = parts.next() {
            let (Some((folder, file)), Some(text)) = (path.split_once('/'), parts.next()) else {
                return Err("the file of the lessons is damaged".to_owned());
            };
            folders.entry(folder.to_owned()).or_default().insert(file.to_owned(), text.to_owned());
        }
        let scenarios = folders.remove(SCENARIOS).into_iter().flatten();
        let lessons = self.playable().map(Entry::folder);
        let missing =
            lessons.chain([INTERVIEW.to_owned()]).find(|folder| !folders.contains_key(folder));
        if let Some(folder) = missing {
            return Err(format!("the file of the lessons is not complete: {folder} is not in it"));
        }
        crate::scenarios::take_in(scenarios);
        self.folders = Some(Rc::new(folders));
        Ok(())
    }

    /// Whether the lessons are there.
    pub fn is_unpacked(&self) -> bool {
        self.folders.is_some()
    }

    /// All lessons in their order, those to come too.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.chapters.iter().flat_map(|chapter| &chapter.lessons)
    }

    pub fn entry(&self, slug: &str) -> Option<&Entry> {
        self.entries().find(|entry| entry.slug == slug)
    }

    /// The chapter of a lesson.
    pub fn chapter(&self, slug: &str) -> Option<&Chapter> {
        self.chapters.iter().find(|chapter| chapter.lessons.iter().any(|it| it.slug == slug))
    }

    /// The next lesson that can be played.
    pub fn after(&self, slug: &str) -> Option<&Entry> {
        self.entries().skip_while(|entry| entry.slug != slug).skip(1).find(|entry| entry.available)
    }

    /// Reads a lesson in English.
    pub fn lesson(&self, slug: &str) -> Result<Lesson, LessonError> {
        self.lesson_in(slug, SOURCE_LANGUAGE)
    }

    /// Reads a lesson, in English if it is not translated. One that is not there yet is an error
    /// that says so.
    pub fn lesson_in(&self, slug: &str, language: &str) -> Result<Lesson, LessonError> {
        let missing = |message: String| LessonError { file: format!("lessons/{slug}"), message };
        let entry = self.entry(slug).ok_or_else(|| {
            let known: Vec<&str> = self.playable().map(|entry| entry.slug.as_str()).collect();
            missing(format!("there is no such lesson; there are {}", known.join(", ")))
        })?;
        let Some(files) = self.folders.as_ref().and_then(|all| all.get(&entry.folder())) else {
            return Err(missing(format!("lesson {} is not written yet", entry.number)));
        };
        Lesson::from_built(&format!("lessons/{}", entry.folder()), files, language)
    }

    /// The questions of the interview check.
    pub fn interview(&self) -> Result<Vec<InterviewQuestion>, LessonError> {
        let files = self.folders.as_ref().and_then(|all| all.get(INTERVIEW));
        interview::read(files.unwrap_or(&Files::new()))
    }

    /// How faithful the engines are, as titles with lists: `docs/fidelity.txt` and the recorded cases
    /// that they answer otherwise.
    pub fn fidelity(&self) -> &str {
        let files = self.folders.as_ref().and_then(|all| all.get(HELP));
        files.and_then(|files| files.values().next()).map_or("", |text| text)
    }

    pub fn playable(&self) -> impl Iterator<Item = &Entry> {
        self.entries().filter(|entry| entry.available)
    }

    /// The names of the lessons' folders that are there; a test compares them with the curriculum.
    pub fn folders(&self) -> Vec<String> {
        let folders = self.folders.iter().flat_map(|all| all.keys());
        folders.filter(|folder| ![INTERVIEW, HELP].contains(&folder.as_str())).cloned().collect()
    }
}

impl Entry {
    /// `02-publish-and-return`
    pub fn folder(&self) -> String {
        format!("{:02}-{}", self.number, self.slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_says_how_faithful_the_engines_are() {
        let catalogue = Catalogue::embedded();
        let titles: Vec<&str> =
            catalogue.fidelity().lines().filter_map(|line| line.strip_prefix("# ")).collect();
        assert_eq!(titles.len(), 5, "{titles:?}");
    }

    #[test]
    fn a_pack_that_is_damaged_changes_nothing() {
        let mut catalogue = Catalogue::embedded();
        for pack in ["", "01-the-chain/en.json\0", "nothing\0{}\0", "01-the-chain/en.json\0{}\0"] {
            assert!(catalogue.unpack(pack).is_err(), "{pack:?}");
        }
        assert!(catalogue.lesson("the-chain").is_ok());
    }
}
