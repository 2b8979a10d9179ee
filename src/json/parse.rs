//! Text into values. The reader of serde_json would be 5 KB more of the page: it is made to read
//! any type, and has a table of the powers of ten.

use std::fmt;

use serde_json::{Map, Number, Value};

/// How deep lists and objects may lie in each other; what is deeper is no document of ours.
const DEEPEST: u32 = 127;

/// Where a text stops being JSON, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Both count from 1.
    pub line: usize,
    pub column: usize,
    message: &'static str,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {}, column {}", self.message, self.line, self.column)
    }
}

/// Reads a text that is one document.
pub fn parse(text: &str) -> Result<Value, SyntaxError> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let value = parser.value().and_then(|value| match parser.next() {
        None => Ok(value),
        Some(_) => Err("something follows the document"),
    });
    value.map_err(|message| {
        let before = text.as_bytes().get(..parser.at).unwrap_or(text.as_bytes());
        let lines = before.split(|byte| *byte == b'\n');
        let column = lines.clone().next_back().map_or(0, <[u8]>::len) + 1;
        SyntaxError { line: lines.count(), column, message }
    })
}

type Parsed<T> = Result<T, &'static str>;

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    fn here(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no space; it stays to be read.
    fn next(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.here() {
            self.at += 1;
        }
        self.here()
    }

    fn value(&mut self) -> Parsed<Value> {
        match self.next() {
            Some(b'{') => {
                let mut fields = Map::new();
                self.parts(b'}', &mut |parser| {
                    let Some(b'"') = parser.next() else { return Err("a name was expected") };
                    let name = parser.string()?;
                    let Some(b':') = parser.next() else { return Err("':' was expected") };
                    parser.at += 1;
                    fields.insert(name, parser.value()?);
                    Ok(())
                })?;
                Ok(Value::Object(fields))
            }
            Some(b'[') => {
                let mut items = Vec::new();
                self.parts(b']', &mut |parser| {
                    items.push(parser.value()?);
                    Ok(())
                })?;
                Ok(Value::Array(items))
            }
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    /// What stands between two brackets, with commas in between.
    fn parts(&mut self, close: u8, part: &mut dyn FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it goes too deep");
        }
        self.at += 1;
        let mut more = self.next() != Some(close);
        while more {
            part(self)?;
            more = self.next() == Some(b',');
            self.at += usize::from(more);
        }
        if self.next() != Some(close) {
            return Err("',' or the end of the list was expected");
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    fn word(&mut self) -> Parsed<Value> {
        let words =
            [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        for (word, value) in words {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err("a value was expected")
    }

    fn string(&mut self) -> Parsed<String> {
        let mut read = String::new();
        loop {
            // Behind the quotation mark, or behind what was escaped.
            self.at += 1;
            let start = self.at;
            while !matches!(self.here(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            read.push_str(&self.text[start..self.at]);
            match self.here() {
                Some(b'"') => break,
                Some(b'\\') => read.push(self.escaped()?),
                _ => return Err("the end of a text was expected"),
            }
        }
        self.at += 1;
        Ok(read)
    }

    /// Leaves off at its last byte.
    fn escaped(&mut self) -> Parsed<char> {
        self.at += 1;
        Ok(match self.here() {
            Some(sign @ (b'"' | b'\\' | b'/')) => char::from(sign),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut code = self.four_digits()?;
                // Characters beyond 16 bits are written as two halves.
                if (0xd800..0xdc00).contains(&code) && self.text[self.at + 1..].starts_with("\\u") {
                    self.at += 2;
                    let low = self.four_digits()?.wrapping_sub(0xdc00);
                    code =
                        if low < 0x400 { 0x1_0000 + ((code - 0xd800) << 10) + low } else { code };
                }
                char::from_u32(code).ok_or("half a character is escaped")?
            }
            _ => return Err("there is no such escape"),
        })
    }

    fn four_digits(&mut self) -> Parsed<u32> {
        let digits = self.text.get(self.at + 1..self.at + 5).unwrap_or_default();
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("four digits were expected");
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| "four digits were expected")
    }

    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        let is_negative = self.here() == Some(b'-');
        self.at += usize::from(is_negative);
        let zero = self.here() == Some(b'0');
        let mut decimal = Decimal::default();
        let whole = self.digits(&mut decimal)?;
        if zero && whole > 1 {
            return Err("a number begins with 0");
        }
        let mut is_whole = true;
        if self.here() == Some(b'.') {
            is_whole = false;
            self.at += 1;
            decimal.exponent -= i32::try_from(self.digits(&mut decimal)?).unwrap_or(i32::MAX);
        }
        if let Some(b'e' | b'E') = self.here() {
            is_whole = false;
            self.at += 1;
            let sign = if self.here() == Some(b'-') { -1 } else { 1 };
            self.at += usize::from(matches!(self.here(), Some(b'+' | b'-')));
            let mut exponent = Decimal::default();
            self.digits(&mut exponent)?;
            let exponent = i32::try_from(exponent.digits).unwrap_or(i32::MAX / 2).min(i32::MAX / 2);
            decimal.exponent = decimal.exponent.saturating_add(sign * exponent);
        }
        let text = &self.text[start..self.at];
        let whole = is_whole.then(|| {
            let positive = text.parse::<u64>().ok().map(Number::from);
            positive.or_else(|| text.parse::<i64>().ok().filter(|it| *it != 0).map(Number::from))
        });
        let number = whole.flatten().or_else(|| decimal.number(is_negative));
        number.map(Value::Number).ok_or("a number is out of range")
    }

    /// Reads digits behind those that were read before; how many there were.
    fn digits(&mut self, decimal: &mut Decimal) -> Parsed<usize> {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.here() {
            decimal.push(digit - b'0');
            self.at += 1;
        }
        if self.at == start { Err("a digit was expected") } else { Ok(self.at - start) }
    }
}

/// `digits` times ten to the power of `exponent`.
#[derive(Default)]
struct Decimal {
    digits: u64,
    exponent: i32,
}

impl Decimal {
    /// Digits beyond what 64 bits hold count by their place alone.
    fn push(&mut self, digit: u8) {
        let more = self.digits.checked_mul(10).and_then(|it| it.checked_add(u64::from(digit)));
        match more {
            Some(more) => self.digits = more,
            None => self.exponent = self.exponent.saturating_add(1),
        }
    }

    /// One division by a power that is exact up to 10^22 rounds once. Both operations give the same
    /// bits everywhere.
    fn number(&self, is_negative: bool) -> Option<Number> {
        let digits = self.digits as f64;
        let power = (0..self.exponent.unsigned_abs().min(400)).fold(1.0, |power, _| power * 10.0);
        let number = match self.exponent {
            _ if self.digits == 0 => 0.0,
            ..0 => digits / power,
            _ => digits * power,
        };
        Number::from_f64(if is_negative { -number } else { number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_serde_json_reads_them() {
        for text in [
            "null",
            "true",
            " false ",
            "0",
            "-0",
            "7",
            "-7",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "0.5",
            "12.34",
            "-1.5e3",
            "2E-2",
            "1e22",
            "0e999",
            "3.141592653589793",
            r#""""#,
            r#""a\"b\\c\/\b\f\n\r\t""#,
            r#""\u00e9\ud83d\ude00é😀""#,
            "[]",
            "[1, [2], []]",
            "{}",
            "{\"a\": {\"b\": [null]}, \"a\": 2}\n",
        ] {
            assert_eq!(parse(text).ok(), serde_json::from_str(text).ok(), "{text}");
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused_as_serde_json_refuses_it() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for text in [
            "",
            " ",
            "nul",
            "truefalse",
            "+1",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "1e999",
            "0x1",
            "\"",
            "\"\n\"",
            r#""\x""#,
            r#""\u12""#,
            r#""\ud800""#,
            r#""\ud800\u0041""#,
            r#""\udc00""#,
            "[",
            "[1",
            "[1,]",
            "[,]",
            "[1 2]",
            "{",
            "{1: 2}",
            "{\"a\"}",
            "{\"a\" 1}",
            "{\"a\": 1,}",
            "{\"a\": 1]",
            "1 2",
            "'a'",
            &deep,
        ] {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_error_says_where() {
        let said = parse("{\"a\": 1,\n \"b\": x}").expect_err("x is nothing").to_string();
        assert_eq!(said, "a value was expected at line 2, column 7");
        let cut = parse("[\"é").expect_err("it ends").to_string();
        assert_eq!(cut, "the end of a text was expected at line 1, column 5");
    }
}
