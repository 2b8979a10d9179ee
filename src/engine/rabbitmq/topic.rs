//! Topic patterns in a trie: which bindings match a routing key.
//!
//! Words are separated by dots; `*` stands for exactly one word and `#` for zero or more
//! (<https://www.rabbitmq.com/tutorials/tutorial-five-python>). An empty key has no words, but an
//! empty word between dots is a word.

use std::rc::Rc;

use super::targets::{Destination, Targets};

/// All patterns of one exchange. A place in the trie is an index into `nodes`.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    free: Vec<u32>,
}

const ROOT: u32 = 0;

#[derive(Clone, Debug, Default)]
struct Node {
    /// In order of their hashes.
    words: Vec<Branch>,
    any_word: Option<u32>,
    any_words: Option<u32>,
    targets: Targets,
}

/// A word that patterns have at this place. Comparing hashes first keeps the search for one among
/// ten thousand within one stretch of memory.
#[derive(Clone, Debug)]
struct Branch {
    hash: u32,
    word: Rc<str>,
    child: u32,
}

impl Node {
    /// Where the word is among the branches, or belongs.
    fn find(&self, word: &str) -> Result<usize, usize> {
        if self.words.is_empty() {
            return Err(0);
        }
        let hash = hash(word);
        self.words.binary_search_by(|it| it.hash.cmp(&hash).then_with(|| (*it.word).cmp(word)))
    }

    fn literal(&self, word: &str) -> Option<u32> {
        Some(self.words[self.find(word).ok()?].child)
    }

    fn has_children(&self) -> bool {
        self.any_word.is_some() || self.any_words.is_some() || !self.words.is_empty()
    }

    fn is_bare(&self) -> bool {
        !self.has_children() && self.targets.is_empty()
    }

    fn child(&self, word: &str) -> Option<u32> {
        match word {
            "*" => self.any_word,
            "#" => self.any_words,
            literal => self.literal(literal),
        }
    }

    fn set_child(&mut self, word: &str, child: Option<u32>) {
        match (word, child) {
            ("*", child) => self.any_word = child,
            ("#", child) => self.any_words = child,
            (literal, child) => match (self.find(literal), child) {
                (Ok(place), Some(child)) => self.words[place].child = child,
                (Ok(place), None) => {
                    self.words.remove(place);
                }
                (Err(place), Some(child)) => {
                    let (hash, word) = (hash(literal), literal.into());
                    self.words.insert(place, Branch { hash, word, child });
                }
                (Err(_), None) => {}
            },
        }
    }
}

impl Default for Trie {
    fn default() -> Trie {
        Trie { nodes: vec![Node::default()], free: Vec::new() }
    }
}

impl Trie {
    pub(super) fn add(&mut self, pattern: &str, destination: &Destination) {
        let mut at = ROOT;
        for word in words(pattern) {
            at = match self.node(at).child(word) {
                Some(child) => child,
                None => self.grow(at, word),
            };
        }
        self.node_mut(at).targets.add(destination);
    }

    pub(super) fn remove(&mut self, pattern: &str, destination: &Destination) {
        let mut path = vec![ROOT];
        for word in words(pattern) {
            let at = path[path.len() - 1];
            path.push(self.node(at).child(word).expect("a bound pattern is in the trie"));
        }
        self.node_mut(path[path.len() - 1]).targets.remove(destination);
        // Back towards the root, cutting the branches that now lead nowhere.
        let steps: Vec<&str> = words(pattern).collect();
        for (depth, word) in steps.iter().enumerate().rev() {
            let node = path[depth + 1];
            if !self.node(node).is_bare() {
                break;
            }
            self.node_mut(path[depth]).set_child(word, None);
            self.free.push(node);
        }
    }

    /// Calls `found` for each destination of each matching pattern, perhaps more than once.
    pub(super) fn matches<'a>(&'a self, key: &str, found: &mut impl FnMut(&'a Destination)) {
        self.walk(ROOT, Some(key).filter(|key| !key.is_empty()), found);
    }

    /// `rest` is what remains of the key from here on; `None` when no word is left.
    fn walk<'a>(&'a self, at: u32, rest: Option<&str>, found: &mut impl FnMut(&'a Destination)) {
        let node = self.node(at);
        if let Some(child) = node.any_words {
            let mut tail = rest;
            // Where patterns end with `#`, all that remains matches.
            while self.node(child).has_children()
                && let Some(words) = tail
            {
                self.walk(child, tail, found);
                tail = first_word(words).1;
            }
            self.walk(child, None, found);
        }
        let Some(words) = rest else {
            node.targets.iter().for_each(found);
            return;
        };
        let (word, rest) = first_word(words);
        if let Some(child) = node.any_word {
            self.walk(child, rest, found);
        }
        if let Some(child) = node.literal(word) {
            self.walk(child, rest, found);
        }
    }

    fn grow(&mut self, parent: u32, word: &str) -> u32 {
        let child = match self.free.pop() {
            Some(free) => free,
            None => {
                self.nodes.push(Node::default());
                u32::try_from(self.nodes.len() - 1).expect("fewer nodes than memory")
            }
        };
        self.node_mut(parent).set_child(word, Some(child));
        child
    }

    fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    fn node_mut(&mut self, at: u32) -> &mut Node {
        &mut self.nodes[at as usize]
    }
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv>), the same on every machine.
fn hash(word: &str) -> u32 {
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    word.bytes().fold(0x811c_9dc5, mix)
}

/// The first word, and what is behind its dot. Words are short: a search made for long texts
/// would take longer.
fn first_word(words: &str) -> (&str, Option<&str>) {
    match words.bytes().position(|byte| byte == b'.') {
        Some(dot) => (&words[..dot], Some(&words[dot + 1..])),
        None => (words, None),
    }
}

fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split('.').filter(move |_| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, key: &str) -> bool {
        let mut trie = Trie::default();
        trie.add(pattern, &Destination::Queue(0));
        let mut found = false;
        trie.matches(key, &mut |_| found = true);
        found
    }

    #[test]
    fn patterns_match_word_by_word() {
        for (pattern, key, expected) in [
            ("a.b", "a.b", true),
            ("a.*", "a.b", true),
            ("a.*", "a", false),
            ("a.*", "a.b.c", false),
            ("#", "", true),
            ("", "", true),
            ("*", "", false),
            ("a.#", "a", true),
            ("#.a", "b.c.a", true),
            ("#.#", "a", true),
            ("*.#", "", false),
            ("a.#.b.#.c", "a.x.b.y.z.c", true),
            ("a.#.b.#.c", "a.x.y.z.c", false),
            ("a..b", "a..b", true),
        ] {
            assert_eq!(matches(pattern, key), expected, "{pattern} and {key}");
        }
    }

    #[test]
    fn removing_a_pattern_leaves_the_others_and_frees_its_branch() {
        let mut trie = Trie::default();
        for pattern in ["a.#", "a.b.c", "a.b"] {
            trie.add(pattern, &Destination::Queue(1));
        }
        trie.remove("a.b.c", &Destination::Queue(1));
        let mut found = 0;
        trie.matches("a.b", &mut |_| found += 1);
        assert_eq!((found, trie.free.len()), (2, 1));
        trie.remove("a.b", &Destination::Queue(1));
        trie.remove("a.#", &Destination::Queue(1));
        assert_eq!(trie.free.len() + 1, trie.nodes.len());
    }
}
