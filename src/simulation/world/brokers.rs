//! Brokers that stop and start, their disks, and what administrators do to topics and groups. What
//! is gone by it is found by comparing the cluster before and after.

use super::offsets::Moved;
use super::*;
use crate::engine::kafka::{Call, Election, Reply, Request, Response, TopicConfig, TopicPartition};
use crate::simulation::command::CommandError;
use crate::simulation::network::Node;
use crate::simulation::scenario::{Effect, Input, ServiceSpec};

/// Who asks for changes of topics and groups.
const ADMINISTRATOR: Call = Call { client: ClientId(0), correlation: 0 };

impl World {
    pub(super) fn all_brokers_are_dead(&self) -> bool {
        self.kafka.dead_brokers().len() as u32 == self.scenario.kafka.brokers
    }

    pub(super) fn kill_broker(&mut self, broker: u32) {
        if !self.kafka.dead_brokers().contains(&broker) {
            self.change_kafka(&|cluster, now| cluster.kill_broker(now, broker));
        }
    }

    /// The broker comes back, unless it has no space to start with. The first one to come back
    /// takes over the groups, and members have their whole session timeout again.
    pub(super) fn restart_broker(&mut self, broker: u32) {
        if self.faults.full_disks.contains(&broker) {
            return self.in_vain("restart", "no space left on device".into());
        }
        if !self.kafka.dead_brokers().contains(&broker) {
            return;
        }
        let all_were_dead = self.all_brokers_are_dead();
        self.change_kafka(&|cluster, now| cluster.restart_broker(now, broker));
        if all_were_dead {
            let stopped = std::mem::take(&mut self.faults.stopped);
            let timers = self.timers.keys().filter_map(|timer| match timer {
                Timer::Kafka(timer @ kafka::Timer::Session { .. }) => Some(timer.clone()),
                _ => None,
            });
            for timer in stopped.into_iter().chain(timers.collect::<Vec<_>>()) {
                let due = self.now + self.session_timeout(&timer);
                self.schedule_kafka(timer, due);
            }
        }
    }

    fn session_timeout(&self, timer: &kafka::Timer) -> Duration {
        let kafka::Timer::Session { group, member } = timer else {
            return Duration::ZERO;
        };
        let group = self.kafka.group(group);
        let member = group.and_then(|group| group.members().find(|one| one.id() == member));
        member.map_or(Duration::ZERO, |member| member.session_timeout())
    }

    /// A broker without space stops: its only log directory has failed. RabbitMQ blocks publishers.
    pub(super) fn fill_disk(&mut self, of: &str) -> Result<(), CommandError> {
        if let Node::Kafka(broker) = self.node(of)? {
            let all = 1..=self.scenario.kafka.brokers;
            for broker in all.filter(|one| broker.is_none_or(|broker| broker == *one)) {
                self.faults.full_disks.push(broker);
                self.kill_broker(broker);
            }
            return Ok(());
        }
        let effects = self.rabbitmq.set_alarm(rabbitmq::Alarm::Disk, true);
        self.rabbitmq_effects(effects);
        Ok(())
    }

    pub(super) fn free_disk(&mut self, of: &str) -> Result<(), CommandError> {
        if let Node::Kafka(broker) = self.node(of)? {
            self.faults.full_disks.retain(|full| broker.is_some_and(|broker| broker != *full));
            return Ok(());
        }
        let effects = self.rabbitmq.set_alarm(rabbitmq::Alarm::Disk, false);
        self.rabbitmq_effects(effects);
        Ok(())
    }

    /// Whether there is no space left on a disk, named as in [`Command::DiskFull`].
    pub fn is_disk_full(&self, of: &str) -> bool {
        match self.node(of) {
            Ok(Node::Kafka(Some(broker))) => self.faults.full_disks.contains(&broker),
            Ok(Node::RabbitMq) => self.rabbitmq.is_raised(rabbitmq::Alarm::Disk),
            _ => false,
        }
    }

    pub(super) fn check_disk(&self, of: &str) -> Result<(), CommandError> {
        match self.node(of)? {
            Node::Kafka(_) | Node::RabbitMq => Ok(()),
            Node::Buyer | Node::Service(..) => {
                let message = format!("{of} has no disk: kafka, kafka/1 or rabbitmq has");
                Err(CommandError { message })
            }
        }
    }

    /// Changes the cluster and names the records that are gone by it.
    pub(super) fn change_kafka(
        &mut self,
        change: &dyn Fn(&mut Cluster, Instant) -> Vec<kafka::Effect>,
    ) {
        let before = self.kafka.clone();
        let effects = change(&mut self.kafka, self.now);
        self.kafka_effects(effects);
        self.find_lost(&before);
    }

    /// Records that a partition had and has no more, and that somebody should still have read: cut
    /// off in front by retention, or behind by a new leader that does not have them.
    fn find_lost(&mut self, before: &Cluster) {
        let (mut lost, mut moved) = (Vec::new(), Vec::new());
        for topic in before.topics() {
            let readers = self.readers(topic.name());
            for (old, partition) in topic.partitions().iter().zip(0..) {
                let at = TopicPartition { topic: topic.name().clone(), partition };
                let Some(new) = self.kafka.partition(&at) else {
                    continue;
                };
                let (start, end) = (new.log_start_offset(), new.log_end_offset());
                if start <= old.log_start_offset() && end >= old.log_end_offset() {
                    continue;
                }
                for group in &readers {
                    let committed = self.kafka.group(group).and_then(|group| group.committed(&at));
                    if let Some(next) = committed.filter(|next| *next > end) {
                        let (group, partition) = (group.clone(), at.clone());
                        let (from, to, shortened) = (next, end, true);
                        moved.push(Moved { group, partition, from, to, shortened });
                    }
                }
                for (offset, record) in old.records_from(old.log_start_offset()) {
                    let expired = offset < start;
                    let acknowledged = !old.awaits_followers(offset);
                    if (expired || offset >= end && acknowledged)
                        && let Some(group) = self.unread_by(&readers, &at, offset)
                        && let Some(order) = log::order_of(record)
                    {
                        let why = if expired {
                            "it was deleted before that".to_owned()
                        } else {
                            format!("broker {} leads now and has no such record", new.last_leader())
                        };
                        let text = format!("had a record in {at} @ {offset} for {group}: {why}");
                        lost.push((order, text));
                    }
                }
            }
        }
        moved.into_iter().for_each(|one| self.keep_move(one));
        for (order, text) in lost {
            self.lose_order(order, text);
        }
    }

    /// The groups whose work on a topic is owed to somebody. Who counts and no more may miss a
    /// record.
    pub(super) fn readers(&self, topic: &str) -> Vec<Rc<str>> {
        let owes = |spec: &ServiceSpec| {
            spec.does != Some(Effect::Count)
                || !spec.enqueues.is_empty()
                || !spec.publishes.is_empty()
        };
        let reader = |service: &Service| match &service.spec.input {
            Input::Topic { topic: read, group, .. } if **read == *topic && owes(&service.spec) => {
                Some(group.clone())
            }
            Input::Topic { .. } | Input::Http { .. } | Input::Queue { .. } => None,
        };
        self.services.iter().filter_map(reader).collect()
    }

    fn unread_by<'a>(
        &self,
        readers: &'a [Rc<str>],
        at: &TopicPartition,
        offset: u64,
    ) -> Option<&'a Rc<str>> {
        readers.iter().find(|group| {
            let group = self.kafka.group(group);
            group.and_then(|group| group.committed(at)).is_none_or(|next| next <= offset)
        })
    }

    fn in_vain(&mut self, what: &'static str, reason: Rc<str>) {
        self.note(Event::InVain { what, reason });
    }

    /// Asks the cluster for a change, as the tools of Kafka do.
    pub(super) fn administer(&mut self, what: &'static str, request: Request) {
        if self.all_brokers_are_dead() {
            return self.in_vain(what, "no broker is available".into());
        }
        let before = self.kafka.clone();
        let (reply, effects) = self.kafka.handle(self.now, ADMINISTRATOR, request);
        self.kafka_effects(effects);
        let refused = match reply {
            Reply::Answer(
                Response::AlterConfigs(outcome)
                | Response::CreatePartitions(outcome)
                | Response::OffsetCommit(outcome)
                | Response::ElectLeaders(outcome),
            ) => outcome.err(),
            Reply::Answer(Response::DeleteRecords(outcome)) => outcome.err(),
            Reply::Answer(_) | Reply::Later | Reply::Never => None,
        };
        if let Some(error) = refused {
            self.in_vain(what, error.name().into());
        }
        self.find_lost(&before);
    }

    pub(super) fn alter_topic(&mut self, topic: &Rc<str>, setting: &Rc<str>, value: &Rc<str>) {
        let configs = vec![(setting.clone(), value.clone())];
        let name = topic.clone();
        self.administer("topic not changed", Request::AlterConfigs { name, configs });
    }

    pub(super) fn add_partitions(&mut self, topic: &Rc<str>, total: u32) {
        let name = topic.clone();
        self.administer("no partitions added", Request::CreatePartitions { name, total });
        let count = self.partitions_of(topic).len() as u32;
        let mut topics = Rc::make_mut(&mut self.standing).topics.iter_mut();
        if let Some(spec) = topics.find(|spec| spec.name == *topic) {
            spec.partitions = count;
        }
    }

    pub(super) fn expire_records(&mut self, topic: &str) {
        for partition in self.partitions_of(topic) {
            let request = Request::DeleteRecords { partition, before: None };
            self.administer("records not deleted", request);
        }
    }

    pub(super) fn elect_unclean(&mut self, topic: &str) {
        for partition in self.partitions_of(topic) {
            let request = Request::ElectLeaders { partition, election: Election::Unclean };
            self.administer("no leader elected", request);
        }
    }

    fn partitions_of(&self, topic: &str) -> Vec<TopicPartition> {
        let Some(topic) = self.kafka.topic(topic) else {
            return Vec::new();
        };
        let at = |partition| TopicPartition { topic: topic.name().clone(), partition };
        (0..topic.partitions().len() as u32).map(at).collect()
    }

    /// Says what is wrong with a change of a topic.
    pub(super) fn check_topic(&self, topic: &str) -> Result<(), CommandError> {
        let topics = &self.scenario.topics;
        if topics.iter().any(|spec| *spec.name == *topic) {
            return Ok(());
        }
        let names: Vec<&str> = topics.iter().map(|spec| &*spec.name).collect();
        let message = format!("there is no topic '{topic}'; there are {}", names.join(", "));
        Err(CommandError { message })
    }
}

/// Says what is wrong with a setting of a topic.
pub(in crate::simulation) fn check_setting(setting: &str, value: &str) -> Result<(), String> {
    let mut config = TopicConfig::default();
    if config.set(setting, value).is_ok() {
        return Ok(());
    }
    let names: Vec<&str> = config.entries().into_iter().map(|(name, _)| name).collect();
    match names.contains(&setting) {
        true => Err(format!("'{value}' is no value of {setting}")),
        false => Err(format!("'{setting}' is not one of {}", names.join(", "))),
    }
}
