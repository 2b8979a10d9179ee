//! Tests that read the sources: who may name whom (`layers`), what no file may contain
//! (`tidy`), and whether colours can be told apart (`contrast`). Each rule has a test that it can fail.

mod contrast;
mod layers;
mod source;
mod tidy;

use std::fs;
use std::path::{Path, PathBuf};

/// What builds and tools make; git ignores it, and so do these tests.
const MADE: [&str; 6] = [".git", ".tools", "dist", "node_modules", "target", "test-results"];

/// A text file of the repository.
struct File {
    /// From the root of the repository, with `/`.
    path: String,
    text: String,
}

impl File {
    #[cfg(test)]
    fn planted(path: &str, text: impl Into<String>) -> File {
        File { path: path.to_owned(), text: text.into() }
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// All text files, by path.
fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = vec![root.to_path_buf()];
    let mut found = Vec::new();
    while let Some(dir) = open.pop() {
        for path in children(&dir) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !MADE.contains(&name.as_str()) {
                    open.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                let below = path.strip_prefix(root).expect("the walk began at the root");
                let path = below.to_string_lossy().replace('\\', "/");
                found.push(File { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.iter().any(|f| f.path == "Cargo.toml"), "the walk missed the repository");
    found
}

fn children(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    entries.map(|entry| entry.expect("a readable entry").path()).collect()
}

/// Fails with one line per problem.
fn assert_none(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
