//! The regular expressions of policies, as far as names of queues and exchanges need them.
//!
//! RabbitMQ matches a policy's pattern anywhere in a name, with Erlang's `re`
//! (<https://www.rabbitmq.com/docs/parameters#policies>). Known here: literals, `.`, `^`, `$`,
//! `\` before any sign, classes such as `[a-z_]` and `[^.]`, groups, `|`, and the repeats `*`, `+`
//! and `?`. Anything else that has a meaning in `re` is refused.

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
    Sign(char),
    Class { not: bool, ranges: Vec<(char, char)> },
    Group(Vec<Vec<Piece>>),
}

impl Pattern {
    /// `None` when the pattern means nothing, or something that is not known here.
    pub(super) fn parse(text: &str) -> Option<Pattern> {
        let signs: Vec<char> = text.chars().collect();
        let mut at = 0;
        let ways = ways(&signs, &mut at)?;
        (at == signs.len()).then_some(Pattern(ways))
    }

    /// Whether the pattern fits somewhere in the name.
    pub(super) fn is_in(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        (0..=name.len()).any(|from| fits_any(&self.0, &name, from, &mut |_| true))
    }
}

fn ways(signs: &[char], at: &mut usize) -> Option<Vec<Vec<Piece>>> {
    let mut ways = vec![Vec::new()];
    while let Some(sign) = signs.get(*at).copied() {
        if sign == ')' {
            break;
        }
        *at += 1;
        if sign == '|' {
            ways.push(Vec::new());
            continue;
        }
        let what = what(sign, signs, at)?;
        let repeat = signs.get(*at).copied().filter(|sign| "*+?".contains(*sign));
        *at += usize::from(repeat.is_some());
        ways.last_mut()?.push(Piece {
            what,
            at_least: usize::from(matches!(repeat, None | Some('+'))),
            many: matches!(repeat, Some('*' | '+')),
            more: repeat.is_some(),
        });
    }
    Some(ways)
}

fn what(sign: char, signs: &[char], at: &mut usize) -> Option<What> {
    Some(match sign {
        '^' => What::Start,
        '$' => What::End,
        '.' => What::Any,
        '[' => class(signs, at)?,
        '(' if signs.get(*at) != Some(&'?') => {
            let group = ways(signs, at)?;
            *at += 1;
            signs.get(*at - 1).filter(|sign| **sign == ')')?;
            What::Group(group)
        }
        '\\' => {
            let escaped = signs.get(*at).filter(|sign| !sign.is_alphanumeric())?;
            *at += 1;
            What::Sign(*escaped)
        }
        '*' | '+' | '?' | '{' | '(' => return None,
        sign => What::Sign(sign),
    })
}

fn class(signs: &[char], at: &mut usize) -> Option<What> {
    let not = signs.get(*at) == Some(&'^');
    *at += usize::from(not);
    let mut ranges = Vec::new();
    loop {
        let from = *signs.get(*at)?;
        *at += 1;
        if from == ']' && !ranges.is_empty() {
            return Some(What::Class { not, ranges });
        }
        let is_range = signs.get(*at) == Some(&'-') && signs.get(*at + 1) != Some(&']');
        let upto = if is_range { *signs.get(*at + 1)? } else { from };
        *at += if is_range { 2 } else { 0 };
        ranges.push((from, upto));
    }
}

/// Whether one of the ways fits from there on, such that the rest does as well.
fn fits_any(
    ways: &[Vec<Piece>],
    name: &[char],
    from: usize,
    rest: &mut dyn FnMut(usize) -> bool,
) -> bool {
    ways.iter().any(|pieces| fits(pieces, 0, name, from, rest))
}

fn fits(
    pieces: &[Piece],
    times: usize,
    name: &[char],
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
                let within = |sign: &char| ranges.iter().any(|(a, b)| (a..=b).contains(&sign));
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
        ("^$", "", true),
    ] {
        let found = Pattern::parse(pattern).map(|pattern| pattern.is_in(name));
        assert_eq!(found, Some(expected), "{pattern} and {name}");
    }
}

#[test]
fn what_is_not_a_known_pattern_is_refused() {
    for pattern in ["(a", "a)", "*a", "[a", "a{2}", "\\d", "(?i)a", "a\\"] {
        assert_eq!(Pattern::parse(pattern), None, "{pattern}");
    }
}
