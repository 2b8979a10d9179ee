use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

fn main() -> KafkaResult<()> {
    // A consumer that subscribes to nothing can look without joining the group.
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", "broker-1:9092")
        .set("group.id", "{{group}}")
        .create()?;
    let (topic, patience) = ("{{topic}}", Duration::from_secs(10));
    let mut asked = TopicPartitionList::new();
    asked.add_partition_range(topic, 0, {{partitions}} - 1);
    let mut total = 0;
    let committed = consumer.committed_offsets(asked, patience)?; // <--
    for at in committed.elements() {
        let (low, high) = consumer.fetch_watermarks(topic, at.partition(), patience)?; // <--
        // Without a number nothing is committed yet.
        let done = if let Offset::Offset(offset) = at.offset() { offset } else { low };
        println!("{}: {}", at.partition(), high - done); // <--
        total += high - done;
    }
    // All partitions late: members are missing. A few: a hot key.
    let late = total > {{above}}; // <--
    if late {
        eprintln!("alert: {{group}} is {total} behind");
    }
    Ok(())
}
