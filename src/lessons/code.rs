//! Code samples: how the same thing is written for the real systems.
//!
//! `{{name}}` stands for a setting of the lesson's world. A line that matters ends with the
//! comment `// <--` or `# <--`, which the learner sees as a highlight.

use litemap::LiteMap;

const MARKS: [&str; 2] = ["// <--", "# <--"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSample {
    pub language: String,
    pub library: String,
    pub lines: Vec<CodeLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeLine {
    pub parts: Vec<CodePart>,
    /// One of the lines that the lesson is about.
    pub matters: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodePart {
    Text(String),
    /// The value that a setting has in the lesson's world.
    Setting {
        name: String,
        value: String,
    },
}

impl CodeSample {
    /// The sample as one text, for copying.
    pub fn text(&self) -> String {
        let part = |part: &CodePart| match part {
            CodePart::Text(text) => text.clone(),
            CodePart::Setting { value, .. } => value.clone(),
        };
        let line = |line: &CodeLine| line.parts.iter().map(part).collect::<String>() + "\n";
        self.lines.iter().map(line).collect()
    }
}

/// Reads a sample; names the line of a placeholder that has no setting.
pub(super) fn lines(
    text: &str,
    settings: &LiteMap<String, String>,
) -> Result<Vec<CodeLine>, String> {
    let numbered = (1..).zip(text.lines());
    numbered
        .map(|(number, line)| {
            let mark = MARKS.iter().find_map(|mark| line.trim_end().strip_suffix(mark));
            let parts = parts(mark.map_or(line, str::trim_end), settings)
                .map_err(|message| format!("line {number}: {message}"))?;
            Ok(CodeLine { parts, matters: mark.is_some() })
        })
        .collect()
}

fn parts(mut rest: &str, settings: &LiteMap<String, String>) -> Result<Vec<CodePart>, String> {
    let mut parts = Vec::new();
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or("a '{{' is never closed")?;
        let value = settings.get(name).ok_or(format!("there is no setting '{name}'"))?;
        if !before.is_empty() {
            parts.push(CodePart::Text(before.to_owned()));
        }
        parts.push(CodePart::Setting { name: name.to_owned(), value: value.clone() });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(CodePart::Text(rest.to_owned()));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_filled_in_and_marks_become_highlights() {
        let settings = LiteMap::from_iter([("prefetch".to_owned(), "3".to_owned())]);
        let lines = lines("a\nch.prefetch({{prefetch}}); // <--\n", &settings).expect("valid");
        assert!(!lines[0].matters && lines[1].matters);
        let sample = CodeSample { language: String::new(), library: String::new(), lines };
        assert_eq!(sample.text(), "a\nch.prefetch(3);\n");
    }

    #[test]
    fn an_unknown_placeholder_is_named_with_its_line() {
        let error = lines("a\n{{nothing}}", &LiteMap::new()).expect_err("it has no value");
        assert_eq!(error, "line 2: there is no setting 'nothing'");
    }
}
