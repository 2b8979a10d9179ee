//! The catalogue: all chapters and lessons of the curriculum, those to come as titles only.

use super::lesson::{Files, Lesson, LessonError};
use crate::json::document;

// `CURRICULUM`, and `FOLDERS` with the files of each lesson: the build script writes them.
include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

/// Chapters in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    pub chapters: Vec<Chapter>,
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
        /// Whether there is a folder for it, whatever the document says.
        pub available: bool = false,
    }
}

document! {
    struct Curriculum {
        chapters: Vec<Chapter>,
    }
}

impl Catalogue {
    /// The lessons that come with the program.
    pub fn embedded() -> Catalogue {
        let Curriculum { mut chapters } =
            crate::json::read(CURRICULUM).expect("a test reads the embedded curriculum");
        for entry in chapters.iter_mut().flat_map(|chapter| &mut chapter.lessons) {
            entry.available = files(&entry.folder()).is_some();
        }
        Catalogue { chapters }
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

    /// Reads a lesson. One that is not there yet is an error that says so.
    pub fn lesson(&self, slug: &str) -> Result<Lesson, LessonError> {
        let missing = |message: String| LessonError { file: format!("lessons/{slug}"), message };
        let entry = self.entry(slug).ok_or_else(|| {
            let known: Vec<&str> = self.playable().map(|entry| entry.slug.as_str()).collect();
            missing(format!("there is no such lesson; there are {}", known.join(", ")))
        })?;
        let Some(files) = files(&entry.folder()) else {
            return Err(missing(format!("lesson {} is not written yet", entry.number)));
        };
        Lesson::from_built(&format!("lessons/{}", entry.folder()), &files)
    }

    pub fn playable(&self) -> impl Iterator<Item = &Entry> {
        self.entries().filter(|entry| entry.available)
    }

    /// The names of the embedded folders; a test compares them with the curriculum.
    pub fn folders() -> Vec<String> {
        FOLDERS.iter().map(|(folder, _)| (*folder).to_owned()).collect()
    }
}

impl Entry {
    /// `02-publish-and-return`
    pub fn folder(&self) -> String {
        format!("{:02}-{}", self.number, self.slug)
    }
}

/// The embedded files of a folder.
fn files(folder: &str) -> Option<Files> {
    let (_, files) = FOLDERS.iter().find(|(name, _)| *name == folder)?;
    Some(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
}
