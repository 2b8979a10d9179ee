//! Findings: what the referee noticed, one by one.

use std::rc::Rc;

use crate::engine::Instant;

const BLOCK: usize = 256;
/// Blocks of findings that are kept word for word; all findings are counted.
const BLOCKS: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    Loss,
    Duplicate,
    Reordering,
    /// Something owed was not done within its deadline.
    Late,
}

/// One thing that went wrong with an order, and why.
#[derive(Clone, Debug)]
pub struct Finding {
    pub at: Instant,
    pub order: u32,
    pub kind: FindingKind,
    /// A clause after the order's name: "was charged twice: redelivered after a crash".
    pub text: Rc<str>,
    /// The message that it happened to, as its broker names it: `order-created-3 @ 17` or `m-204`.
    pub message: Option<Rc<str>>,
}

/// Findings in shared blocks, so that cloning a world does not copy them.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    blocks: Vec<Rc<Vec<Finding>>>,
}

impl Findings {
    pub fn push(&mut self, finding: Finding) {
        if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
            if self.blocks.len() == BLOCKS {
                self.blocks.remove(0);
            }
            self.blocks.push(Rc::default());
        }
        if let Some(block) = self.blocks.last_mut() {
            Rc::make_mut(block).push(finding);
        }
    }

    /// The newest finding.
    pub fn last_mut(&mut self) -> Option<&mut Finding> {
        Rc::make_mut(self.blocks.last_mut()?).last_mut()
    }

    /// The newest last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Finding> {
        self.blocks.iter().flat_map(|block| block.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_findings_are_kept_in_order() {
        let mut findings = Findings::default();
        let all = (BLOCK * BLOCKS + 10) as u32;
        for order in 1..=all {
            let (at, kind) = (Instant::ZERO, FindingKind::Loss);
            findings.push(Finding { at, order, kind, text: "".into(), message: None });
        }
        let kept: Vec<u32> = findings.iter().map(|finding| finding.order).collect();
        assert_eq!(kept, (BLOCK as u32 + 1..=all).collect::<Vec<_>>());
        assert_eq!(findings.last_mut().map(|finding| finding.order), Some(all));
    }
}
