use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", "broker-1:9092")
        .set("group.id", "{{group}}")
        // Asked only when the group has no valid offset; this lesson began with "{{reset}}".
        .set("auto.offset.reset", "earliest") // <--
        .set("enable.auto.commit", "false")
        .create()?;
    if std::env::args().any(|argument| argument == "--rewind") {
        // As an administrator does it: the group must have no members.
        let metadata = consumer.fetch_metadata(Some("{{topic}}"), Duration::from_secs(5))?;
        let mut oldest = TopicPartitionList::new();
        for partition in metadata.topics()[0].partitions() {
            let (id, patience) = (partition.id(), Duration::from_secs(5));
            let (low, _) = consumer.fetch_watermarks("{{topic}}", id, patience)?;
            oldest.add_partition_offset("{{topic}}", id, Offset::Offset(low))?;
        }
        consumer.commit(&oldest, CommitMode::Sync)?; // <--
    }
    consumer.subscribe(&["{{topic}}"])?;
    loop {
        let message = consumer.recv().await?;
        println!("charging for {:?}, unless that is done", message.key_view::<str>());
        consumer.commit_message(&message, CommitMode::Async)?;
    }
}
