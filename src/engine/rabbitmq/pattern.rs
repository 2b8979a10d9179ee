//! The regular expressions of policies, as far as names of queues and exchanges need them.
//!
//! RabbitMQ matches a policy's pattern anywhere in a name, with Erlang's `re`, byte by byte
//! (<https://www.rabbitmq.com/docs/parameters#policies>). Known here are literals; `.`, `^` and `$`;
//! `\` before a sign that is neither letter nor digit; classes of signs and ranges such as `[a-z_]`
//! and `[^.]`, with `\` as outside; groups; `|`; and the repeats `*`, `+` and `?`. Anything else that
//! has a meaning in `re` is refused: `\d` and its like, `[[:alpha:]]`, `{2,3}`, lazy and possessive
//! repeats, `(?…)` and `(*…)`. Names are taken to have no line ends, at which `.` and `$` differ.

/// A pattern that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Vec<Piece>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    what: What,
    at_least: usize,
    /// Whether it may come again and again.
    many: bool,
    /// Whether it may come at all more than `at_least` times.
    more: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Start,
    End,
    Any,
    Sign(u8),
    Class { not: bool, ranges: Vec<(u8, u8)> },
    Group(Vec<Vec<Piece>>),
}

impl Pattern {
    /// `None` when the pattern means nothing, or something that is not known here.
    pub(super) fn parse(text: &str) -> Option<Pattern> {
        let signs = text.as_bytes();
        let mut at = 0;
        let ways = ways(signs, &mut at)?;
        (at == signs.len()).then_some(Pattern(ways))
    }

    /// Whether the pattern fits somewhere in the name.
    pub(super) fn is_in(&self, name: &str) -> bool {
        let name = name.as_bytes();
        (0..=name.len()).any(|from| fits_any(&self.0, name, from, &mut |_| true))
    }
}

fn ways(signs: &[u8], at: &mut usize) -> Option<Vec<Vec<Piece>>> {
    let mut ways = vec![Vec::new()];
    while let Some(sign) = signs.get(*at).copied() {
        if sign == b')' {
            break;
        }
        *at += 1;
        if sign == b'|' {
            ways.push(Vec::new());
            continue;
        }
        let what = what(sign, signs, at)?;
        let repeat = signs.get(*at).copied().filter(|sign| b"*+?".contains(sign));
        *at += usize::from(repeat.is_some());
        ways.last_mut()?.push(Piece {
            what,
            at_least: usize::from(matches!(repeat, None | Some(b'+'))),
            many: matches!(repeat, Some(b'*' | b'+')),
            more: repeat.is_some(),
        });
    }
    Some(ways)
}

fn what(sign: u8, signs: &[u8], at: &mut usize) -> Option<What> {
    Some(match sign {
        b'^' => What::Start,
        b'$' => What::End,
        b'.' => What::Any,
        b'[' => class(signs, at)?,
        b'(' if signs.get(*at) != Some(&b'?') => {
            let group = ways(signs, at)?;
            *at += 1;
            signs.get(*at - 1).filter(|sign| **sign == b')')?;
            What::Group(group)
        }
        b'\\' => What::Sign(escaped(signs, at)?),
        b'*' | b'+' | b'?' | b'{' | b'(' => return None,
        sign => What::Sign(sign),
    })
}

/// What stands behind a `\` for itself; a letter or a digit there means something else.
fn escaped(signs: &[u8], at: &mut usize) -> Option<u8> {
    let sign = signs.get(*at).copied().filter(|sign| !sign.is_ascii_alphanumeric());
    *at += 1;
    sign
}

fn class(signs: &[u8], at: &mut usize) -> Option<What> {
    let not = signs.get(*at) == Some(&b'^');
    *at += usize::from(not);
    let mut ranges = Vec::new();
    while signs.get(*at) != Some(&b']') || ranges.is_empty() {
        let from = class_sign(signs, at)?;
        let is_range = signs.get(*at) == Some(&b'-') && signs.get(*at + 1) != Some(&b']');
        let upto = if is_range {
            *at += 1;
            class_sign(signs, at)?
        } else {
            from
        };
        if upto < from {
            return None;
        }
        ranges.push((from, upto));
    }
    *at += 1;
    Some(What::Class { not, ranges })
}

/// A sign of a class. `[` may begin a named class, which is not known here.
fn class_sign(signs: &[u8], at: &mut usize) -> Option<u8> {
    let sign = *signs.get(*at)?;
    *at += 1;
    match sign {
        b'\\' => escaped(signs, at),
        b'[' if signs.get(*at).is_some_and(|next| b":.=".contains(next)) => None,
        sign => Some(sign),
    }
}

/// Whether one of the ways fits from there on, such that the rest does as well.
fn fits_any(
    ways: &[Vec<Piece>],
    name: &[u8],
    from: usize,
    rest: &mut dyn FnMut(usize) -> bool,
) -> bool {
    ways.iter().any(|pieces| fits(pieces, 0, name, from, rest))
}

fn fits(
    pieces: &[Piece],
    times: usize,
    name: &[u8],
    from: usize,
    rest: &mut dyn FnMut(usize) -> bool,
) -> bool {
    let Some((piece, others)) = pieces.split_first() else {
        return rest(from);
    };
    let again = times < piece.at_least || piece.more && (times == 0 || piece.many);
    let once_more = &mut |upto: usize| {
        // A repeat that takes nothing would never end.
        (upto > from || times < piece.at_least) && fits(pieces, times + 1, name, upto, rest)
    };
    let here = name.get(from);
    let taken = again
        && match &piece.what {
            What::Start => from == 0 && once_more(from),
            What::End => from == name.len() && once_more(from),
            What::Any => here.is_some() && once_more(from + 1),
            What::Sign(sign) => here == Some(sign) && once_more(from + 1),
            What::Class { not, ranges } => {
                let within = |sign: &u8| ranges.iter().any(|(a, b)| (a..=b).contains(&sign));
                here.is_some_and(|sign| within(sign) != *not) && once_more(from + 1)
            }
            What::Group(ways) => fits_any(ways, name, from, once_more),
        };
    taken || times >= piece.at_least && fits(others, 0, name, from, rest)
}

#[test]
fn patterns_fit_as_regular_expressions_do() {
    for (pattern, name, expected) in [
        ("", "any", true),
        (".*", "any", true),
        ("^amq\\.", "amq.topic", true),
        ("^amq\\.", "amqp", false),
        ("orders", "new-orders-eu", true),
        ("^orders$", "new-orders", false),
        ("^(orders|mail)\\.[a-z]+$", "mail.retry", true),
        ("^(orders|mail)\\.[a-z]+$", "mail.7", false),
        ("^[^.]+$", "a.b", false),
        ("^(ab?)*c$", "abaabc", true),
        ("^(a*)*$", "aab", false),
        ("x?y", "y", true),
        ("^[\\]-]+$", "-]", true),
        ("^a[.]b$", "a.b", true),
        ("^a[\\.]b$", "a\\b", false),
        ("^[]a]$", "]", true),
        ("^caf\u{e9}$", "caf\u{e9}", true),
        // `re` counts bytes, and this sign has two.
        ("^.$", "\u{e9}", false),
        ("^$", "", true),
    ] {
        let found = Pattern::parse(pattern).map(|pattern| pattern.is_in(name));
        assert_eq!(found, Some(expected), "{pattern} and {name}");
    }
}

#[test]
fn what_is_not_a_known_pattern_is_refused() {
    for pattern in [
        "(a",
        "a)",
        "*a",
        "[a",
        "[]",
        "[z-a]",
        "[\\d]",
        "[a-\\d]",
        "[[:alpha:]]",
        "a{2}",
        "a{2,}",
        "a+?",
        "a++",
        "a??",
        "\\d",
        "\\bq",
        "(?i)a",
        "(?:a)",
        "(*ANY)",
        "a\\",
    ] {
        assert_eq!(Pattern::parse(pattern), None, "{pattern}");
    }
}
