//! Just enough of Rust's grammar to ask what a file names: tokens without comments and
//! literals, paths with `use` trees unfolded, and where functions begin and end.

/// A word, a number or a punctuation mark. `::` is one token; a string or char is `""`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub line: usize,
    pub text: String,
}

impl Token {
    fn is_word(&self) -> bool {
        self.text.starts_with(is_word_start)
    }

    /// A number with a fraction, an exponent or a float's suffix.
    pub fn is_float(&self) -> bool {
        let text = self.text.as_str();
        let decimal = text.starts_with(|c: char| c.is_ascii_digit()) && !text.starts_with("0x");
        decimal
            && (text.contains('.')
                || text.ends_with("f32")
                || text.ends_with("f64")
                || text.trim_end_matches("usize").trim_end_matches("isize").contains('e'))
    }
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The tokens of a Rust file; comments are gone, and literals are empty.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0, line: 1, out: Vec::new() };
    while lexer.at < lexer.chars.len() {
        lexer.step();
    }
    lexer.out
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    out: Vec<Token>,
}

impl Lexer {
    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => self.skip_while(|c| c != '\n'),
            ('/', '*') => self.block_comment(),
            ('"', _) => self.string(),
            ('\'', _) => self.char_or_lifetime(),
            (':', ':') => self.push(2),
            (c, _) if c.is_whitespace() => self.advance(1),
            (c, _) if c.is_ascii_digit() => self.number(),
            (c, _) if is_word_start(c) => self.word(),
            _ => self.push(1),
        }
    }

    /// The character so far ahead, or NUL behind the end.
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn advance(&mut self, count: usize) {
        for _ in 0..count {
            self.line += usize::from(self.peek(0) == '\n');
            self.at += 1;
        }
    }

    fn skip_while(&mut self, keep: impl Fn(char) -> bool) {
        while self.at < self.chars.len() && keep(self.peek(0)) {
            self.advance(1);
        }
    }

    fn push(&mut self, length: usize) {
        let text = self.chars[self.at..self.at + length].iter().collect();
        self.out.push(Token { line: self.line, text });
        self.advance(length);
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ if self.at >= self.chars.len() => return,
                _ => {
                    self.advance(1);
                    continue;
                }
            }
            self.advance(2);
            if depth == 0 {
                return;
            }
        }
    }

    fn literal(&mut self) {
        self.out.push(Token { line: self.line, text: "\"\"".to_owned() });
    }

    fn string(&mut self) {
        self.literal();
        self.advance(1);
        while self.at < self.chars.len() && self.peek(0) != '"' {
            self.advance(if self.peek(0) == '\\' { 2 } else { 1 });
        }
        self.advance(1);
    }

    /// From the first `#` or the quote of `r#"…"#`.
    fn raw_string(&mut self) {
        self.literal();
        let start = self.at;
        self.skip_while(|c| c == '#');
        let hashes = self.at - start;
        self.advance(1);
        while self.at < self.chars.len() {
            if self.peek(0) == '"' && (1..=hashes).all(|n| self.peek(n) == '#') {
                return self.advance(1 + hashes);
            }
            self.advance(1);
        }
    }

    fn char_or_lifetime(&mut self) {
        if self.peek(1) == '\\' {
            self.literal();
            self.advance(3);
            self.skip_while(|c| c != '\'');
            self.advance(1);
        } else if self.peek(2) == '\'' {
            self.literal();
            self.advance(3);
        } else {
            self.advance(1);
            self.skip_while(is_word);
        }
    }

    fn word(&mut self) {
        let length = self.chars[self.at..].iter().take_while(|&&c| is_word(c)).count();
        let word: String = self.chars[self.at..self.at + length].iter().collect();
        let next = self.peek(length);
        let raw = matches!(word.as_str(), "r" | "br" | "cr")
            && (next == '"' || next == '#' && matches!(self.peek(length + 1), '#' | '"'));
        let prefix = matches!(word.as_str(), "b" | "c") && matches!(next, '"' | '\'');
        if raw {
            self.advance(length);
            self.raw_string();
        } else if prefix {
            self.advance(length);
        } else {
            self.push(length);
        }
    }

    fn number(&mut self) {
        let digits =
            |from: usize| self.chars[self.at + from..].iter().take_while(|&&c| is_word(c)).count();
        let mut length = digits(0);
        let of_a_tuple = self.out.last().is_some_and(|token| token.text == ".");
        let behind = self.peek(length + 1);
        if self.peek(length) == '.' && !of_a_tuple && behind != '.' && !is_word_start(behind) {
            length += 1 + digits(length + 1);
        }
        self.push(length);
    }
}

/// A name as the source spells it, with `crate`, `self` and `super` resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    pub segments: Vec<String>,
}

/// All that a file names: paths in expressions and types, single words, and each leaf of a
/// `use`. `module` is where the file stands, `["crate", "engine", "kafka"]`.
pub fn names(tokens: &[Token], module: &[String]) -> Vec<Named> {
    let mut reader =
        Reader { tokens, at: 0, module: module.to_vec(), open: Vec::new(), out: Vec::new() };
    let mut depth = 0;
    while let Some(token) = tokens.get(reader.at) {
        match token.text.as_str() {
            "mod" if reader.text(2) == "{" => {
                reader.module.push(reader.text(1).to_owned());
                reader.open.push(depth);
                depth += 1;
                reader.at += 3;
            }
            "{" => {
                depth += 1;
                reader.at += 1;
            }
            "}" => {
                depth -= 1;
                if reader.open.last() == Some(&depth) {
                    reader.open.pop();
                    reader.module.pop();
                }
                reader.at += 1;
            }
            "use" if reader.text(1) != "<" => {
                reader.at += 1;
                reader.use_tree(&[]);
            }
            _ if token.is_word() => reader.path(),
            _ => reader.at += 1,
        }
    }
    reader.out
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    module: Vec<String>,
    /// The brace depths at which the modules in the file were opened.
    open: Vec<i32>,
    out: Vec<Named>,
}

impl Reader<'_> {
    fn text(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text.as_str())
    }

    fn path(&mut self) {
        let line = self.tokens[self.at].line;
        let mut segments = vec![self.text(0).to_owned()];
        self.at += 1;
        while self.text(0) == "::" && self.tokens.get(self.at + 1).is_some_and(Token::is_word) {
            segments.push(self.text(1).to_owned());
            self.at += 2;
        }
        self.emit(line, segments);
    }

    /// One branch of a `use`, up to the `,`, `}` or `;` behind it.
    fn use_tree(&mut self, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        let mut line = 0;
        while let Some(token) = self.tokens.get(self.at) {
            line = token.line;
            match token.text.as_str() {
                "{" => {
                    while self.text(0) != "}" && self.at < self.tokens.len() {
                        self.at += 1;
                        self.use_tree(&segments);
                    }
                    self.at += 1;
                    return;
                }
                "as" => self.at += 2,
                "," | "}" | ";" => break,
                "::" => self.at += 1,
                word => {
                    segments.push(word.to_owned());
                    self.at += 1;
                }
            }
        }
        if segments.len() > prefix.len() {
            self.emit(line, segments);
        }
    }

    fn emit(&mut self, line: usize, segments: Vec<String>) {
        let mut rest = segments.as_slice();
        let mut resolved = match rest[0].as_str() {
            "crate" | "ackademy" => vec!["crate".to_owned()],
            "self" | "super" if rest.len() > 1 => self.module.clone(),
            _ => return self.out.push(Named { line, segments }),
        };
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" | "ackademy" | "self" => {}
                "super" => drop(resolved.pop()),
                _ => break,
            }
            rest = others;
        }
        resolved.extend_from_slice(rest);
        self.out.push(Named { line, segments: resolved });
    }
}

/// The module path of a file below `src/`.
pub fn module_of(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module = vec!["crate".to_owned()];
    module.extend(inside.split('/').map(str::to_owned));
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

/// A function's name and its first and last line.
pub fn functions(tokens: &[Token]) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Some(name) = tokens.get(at + 1).filter(|next| token.text == "fn" && next.is_word())
        else {
            continue;
        };
        if let Some(last) = end_of_body(&tokens[at..]) {
            found.push((name.text.clone(), token.line, last));
        }
    }
    found
}

/// The line of the brace that closes the first block; none if a `;` comes before one.
fn end_of_body(tokens: &[Token]) -> Option<usize> {
    let mut round = 0;
    let mut curly = 0;
    for token in tokens {
        match token.text.as_str() {
            "(" | "[" => round += 1,
            ")" | "]" => round -= 1,
            ";" if curly == 0 && round == 0 => return None,
            "{" => curly += 1,
            "}" => {
                curly -= 1;
                if curly == 0 {
                    return Some(token.line);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        tokens(text).iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_literals_name_nothing() {
        let text = "a /* HashMap /* f64 */ HashSet */ b // yew\n\"f32 \\\" f64\" r#\"x \" rand\"# 'f' b\"f32\" c";
        assert_eq!(words(text), "a b \"\" \"\" \"\" \"\" c");
    }

    #[test]
    fn lifetimes_and_chars_are_told_apart() {
        assert_eq!(words("&'a str, '\\'', 'b', '\\u{1F}'"), "& str , \"\" , \"\" , \"\"");
    }

    #[test]
    fn floats_are_told_from_tuples_ranges_and_methods() {
        let floats = |text: &str| tokens(text).into_iter().filter(Token::is_float).count();
        for float in ["1.5", "1.", "2e9", "1f64", "1_0.0_1"] {
            assert_eq!(floats(float), 1, "{float}");
        }
        for other in ["x.0.1", "0..1", "1.max(2)", "0xfe", "1usize", "0xe1_f32", "12"] {
            assert_eq!(floats(other), 0, "{other}");
        }
    }

    #[test]
    fn use_trees_are_unfolded_and_super_is_resolved() {
        let module = module_of("src/engine/kafka/log.rs");
        let text = "use std::{fmt, time::{Duration as D, Instant}};\nmod t { use super::super::x; fn f() { super::y::z() } }\nuse super::super::rabbitmq::*;";
        let named: Vec<_> =
            names(&tokens(text), &module).iter().map(|name| name.segments.join("::")).collect();
        for wanted in [
            "std::fmt",
            "std::time::Duration",
            "std::time::Instant",
            "crate::engine::kafka::x",
            "crate::engine::kafka::log::y::z",
            "crate::engine::rabbitmq::*",
        ] {
            assert!(named.iter().any(|name| name == wanted), "{wanted} is not among {named:?}");
        }
    }

    #[test]
    fn functions_end_where_their_block_ends() {
        let text =
            "fn a() {\n if b { c }\n}\ntrait T { fn d(&self) -> [u8; 2]; }\nfn e(x: [u8; 3]) {\n}";
        let expected = [("a".to_owned(), 1, 3), ("e".to_owned(), 5, 6)];
        assert_eq!(functions(&tokens(text)), expected);
    }
}
