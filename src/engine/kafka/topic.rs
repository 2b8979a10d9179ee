//! A topic: its settings and its partitions.

use std::rc::Rc;

use super::log::TopicConfig;
use super::partition::Partition;

#[derive(Clone, Debug)]
pub struct Topic {
    pub(super) name: Rc<str>,
    pub(super) config: TopicConfig,
    pub(super) partitions: Vec<Partition>,
}

impl Topic {
    pub fn name(&self) -> &Rc<str> {
        &self.name
    }

    pub fn config(&self) -> &TopicConfig {
        &self.config
    }

    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }
}
