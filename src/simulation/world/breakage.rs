//! Commands that break or mend what is between and below the services.

use super::*;
use crate::simulation::command::CommandError;
use crate::simulation::network::{LinkFault, Node};
use crate::simulation::scenario::Input;

/// Longer would be a number mistyped.
const DELAY_MOST_MS: u64 = 3_600_000;
const PARTITIONS_MOST: u32 = 256;

type Checked = Result<(), CommandError>;

fn refuse(message: String) -> Checked {
    Err(CommandError { message })
}

impl World {
    /// Says why a command of this kind could not be carried out.
    pub(super) fn check_breakage(&self, command: &Command) -> Checked {
        match command {
            Command::Cut { from, to, .. } | Command::Heal { from, to } => self.check_link(from, to),
            Command::LinkFault { from, to, fault, .. } => {
                self.check_link(from, to)?;
                self.check_fault(from, to, fault)
            }
            Command::LoseReply { of } => self.check_reply(of),
            Command::KillBroker { broker } | Command::RestartBroker { broker } => {
                numbered("brokers", *broker, self.scenario.kafka.brokers)
            }
            Command::KillNode { node } | Command::RestartNode { node } => {
                numbered("nodes", *node, self.scenario.rabbitmq.nodes)
            }
            Command::DiskFull { of } | Command::DiskFree { of } => self.check_disk(of),
            Command::PoisonNth { service, nth } => {
                self.index_of(service)?;
                if *nth > 0 { Ok(()) } else { refuse("the next message is number 1".to_owned()) }
            }
            Command::ExpireRecords { topic } | Command::ElectUnclean { topic } => {
                self.check_topic(topic)
            }
            Command::AlterTopic { topic, setting, value } => {
                self.check_topic(topic)?;
                check_setting(setting, value).or_else(refuse)
            }
            Command::AddPartitions { topic, total } => {
                self.check_topic(topic)?;
                numbered("partitions", *total, PARTITIONS_MOST)
            }
            Command::ResetOffsets { group, partition, .. } => self.check_group(group, *partition),
            _ => Ok(()),
        }
    }

    /// Whether a command has cut a link or made it faulty, in either direction; the ends are named
    /// as in [`Command::Cut`].
    pub fn is_link_broken(&self, from: &str, to: &str) -> bool {
        if self.faults.network.is_untouched() {
            return false;
        }
        let (Ok(from), Ok(to)) = (self.node(from), self.node(to)) else {
            return false;
        };
        let network = &self.faults.network;
        network.is_broken(from, to) || network.is_broken(to, from)
    }

    fn check_link(&self, from: &str, to: &str) -> Checked {
        let (a, b) = (self.node(from)?, self.node(to)?);
        let is_kafka = |node| matches!(node, Node::Kafka(_));
        let is_queue_or_log = |node| is_kafka(node) || node == Node::RabbitMq;
        let apart = match (a, b) {
            (Node::Kafka(Some(a)), Node::Kafka(Some(b))) => a != b,
            (Node::Kafka(a), Node::Kafka(b)) => a != b,
            (a, b) if is_queue_or_log(a) && is_queue_or_log(b) => false,
            (Node::Buyer, other) | (other, Node::Buyer) => matches!(other, Node::Service(..)),
            _ => true,
        };
        if apart { Ok(()) } else { refuse(format!("nothing goes from {from} to {to}")) }
    }

    /// Between brokers only a delay makes a difference: a follower fetches until it has everything.
    fn check_fault(&self, from: &str, to: &str, fault: &LinkFault) -> Checked {
        let rates = [fault.loss_per_mille, fault.duplicate_per_mille, fault.reorder_per_mille];
        if rates.iter().any(|rate| *rate > 1_000) {
            return refuse("at most 1000 of 1000 messages".to_owned());
        }
        if fault.delay_ms > DELAY_MOST_MS {
            return refuse(format!("a message is delayed by at most {DELAY_MOST_MS} ms"));
        }
        let between_brokers =
            matches!((self.node(from)?, self.node(to)?), (Node::Kafka(_), Node::Kafka(_)));
        if between_brokers && rates.iter().any(|rate| *rate > 0) {
            return refuse(
                "between brokers only delay_ms is known: followers fetch again".to_owned(),
            );
        }
        Ok(())
    }

    fn check_group(&self, group: &str, partition: Option<u32>) -> Checked {
        let joins = |service: &Service| match &service.spec.input {
            Input::Topic { group: joined, .. } => **joined == *group,
            Input::Http { .. } | Input::Queue { .. } => false,
        };
        if !self.services.iter().any(joins) {
            return refuse(format!("no service is in a group '{group}'"));
        }
        if partition.is_some_and(|partition| partition >= PARTITIONS_MOST) {
            return refuse(format!("a topic has partitions 0 to {}", PARTITIONS_MOST - 1));
        }
        Ok(())
    }

    /// Carries out a command of this kind.
    pub(super) fn break_or_mend(&mut self, command: &Command) -> Checked {
        match command {
            Command::Cut { from, to, one_way } => self.cut(from, to, *one_way)?,
            Command::Heal { from, to } => self.heal(from, to)?,
            Command::LinkFault { from, to, one_way, fault } => {
                self.set_link_fault((from, to, *one_way), *fault)?;
            }
            Command::LoseReply { of } => {
                let node = self.node(of)?;
                self.faults.lost_replies.push(node);
            }
            Command::KillBroker { broker } => self.kill_broker(*broker),
            Command::RestartBroker { broker } => self.restart_broker(*broker),
            Command::KillNode { node } => {
                let effects = self.rabbitmq.stop_node(self.now, node - 1);
                self.rabbitmq_effects(effects);
            }
            Command::RestartNode { node } => {
                let effects = self.rabbitmq.start_node(self.now, node - 1);
                self.rabbitmq_effects(effects);
            }
            Command::DiskFull { of } => self.fill_disk(of)?,
            Command::DiskFree { of } => self.free_disk(of)?,
            Command::ExpireRecords { topic } => self.expire_records(topic),
            Command::AlterTopic { topic, setting, value } => {
                self.alter_topic(topic, setting, value);
            }
            Command::AddPartitions { topic, total } => self.add_partitions(topic, *total),
            Command::ResetOffsets { group, partition, to } => {
                self.reset_offsets(group, *partition, *to);
            }
            Command::ElectUnclean { topic } => self.elect_unclean(topic),
            _ => {}
        }
        Ok(())
    }
}

/// Something counted from 1.
fn numbered(what: &str, number: u32, count: u32) -> Checked {
    if (1..=count).contains(&number) {
        return Ok(());
    }
    refuse(format!("there are {what} 1 to {count}, not {number}"))
}
