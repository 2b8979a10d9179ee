//! The contrast of the colours in `static/tokens.css`: what is written and what is drawn, on every
//! ground on which it stands.

use std::collections::BTreeMap;

use crate::assert_none;

const TOKENS: &str = include_str!("../../static/tokens.css");

const GROUNDS: [&str; 9] =
    ["stage", "panel", "card", "raised", "log-zone", "tape", "queue-zone", "tray", "fail-zone"];
const WRITTEN: [&str; 8] =
    ["text", "text-2", "text-3", "log-text", "queue-text", "fail-text", "ok-text", "slow-text"];
/// In high contrast every line is seen; otherwise only shapes that carry a meaning must be.
const DRAWN: [&str; 9] =
    ["edge", "log", "cell-new", "queue", "pile", "fail", "ok", "slow", "focus"];
const LINES: [&str; 10] = [
    "line",
    "line-2",
    "log-line",
    "queue-line",
    "fail-line",
    "cell-read",
    "cell-some",
    "group-1",
    "group-2",
    "group-3",
];

type Tokens = BTreeMap<String, String>;

/// The tokens of a theme: those of dark, and its own over them.
fn theme(name: &str) -> Tokens {
    let mut tokens = Tokens::new();
    for block in ["dark", name] {
        let selector = format!("[data-theme=\"{block}\"] {{");
        let (_, rest) = TOKENS.split_once(&selector).expect("the theme has a block");
        let (block, _) = rest.split_once('}').expect("a block ends");
        for declaration in block.split(';') {
            // A comment may stand before a name.
            let Some((_, declaration)) = declaration.rsplit_once("--") else { continue };
            let (name, value) = declaration.split_once(':').expect("a token has a value");
            tokens.insert(name.to_owned(), value.trim().to_owned());
        }
    }
    tokens
}

/// The relative luminance of WCAG 2, of `#rgb` or `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let digits = colour.strip_prefix('#').expect("tokens are plain hex values");
    let width = digits.len() / 3;
    let channel = |index: usize| {
        let digits = &digits[index * width..(index + 1) * width];
        let value = u32::from_str_radix(&digits.repeat(2 / width), 16).expect("hexadecimal");
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Every pair of a colour and a ground that has less contrast than it must.
fn weak(theme_name: &str, colours: &[&str], grounds: &[&str], least: f64) -> Vec<String> {
    let tokens = theme(theme_name);
    let mut found = Vec::new();
    for colour in colours {
        for ground in grounds {
            let has = contrast(&tokens[*colour], &tokens[*ground]);
            if has < least {
                found.push(format!("{theme_name}: {colour} on {ground}: {has:.2} of {least}"));
            }
        }
    }
    found
}

#[test]
fn luminance_is_that_of_the_guidelines() {
    assert!((contrast("#000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#fff") - 4.48).abs() < 0.01);
}

#[test]
fn in_dark_and_light_text_can_be_read_and_shapes_seen() {
    for name in ["dark", "light"] {
        assert_none(weak(name, &["text", "text-2"], &GROUNDS, 4.5));
        assert_none(weak(name, &WRITTEN, &["stage", "panel", "card"], 4.5));
        assert_none(weak(name, &DRAWN, &["stage", "panel", "card"], 3.0));
    }
}

#[test]
fn in_high_contrast_text_has_seven_to_one_and_every_shape_four_and_a_half() {
    for name in ["dark-high", "light-high"] {
        assert_none(weak(name, &WRITTEN, &GROUNDS, 7.0));
        assert_none(weak(name, &DRAWN, &GROUNDS, 4.5));
        assert_none(weak(name, &LINES, &["stage", "raised", "fail-zone"], 4.5));
        assert_none(weak(name, &["invert"], &["text", "group-1", "group-2", "group-3"], 7.0));
    }
}

#[test]
fn a_weak_colour_is_found() {
    assert_eq!(weak("light", &["line"], &["stage"], 3.0).len(), 1);
}
