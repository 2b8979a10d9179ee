use rdkafka::config::ClientConfig;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", "broker-1:9092")
        .set("group.id", "{{group}}") // the position belongs to this name // <--
        .set("session.timeout.ms", "{{session}}")
        .set("auto.offset.reset", "earliest") // where a group begins without one // <--
        .create()?;

    if std::env::args().any(|argument| argument == "--again") {
        let mut start = TopicPartitionList::new(); // read all of it again, outside the group
        start.add_partition_offset("{{topic}}", 0, Offset::Beginning)?; // <--
        consumer.assign(&start)?;
    } else {
        consumer.subscribe(&["{{topic}}"])?;
    }
    loop {
        let record = consumer.recv().await?;
        // The record stays. Only the position of this group moves behind it.
        let (partition, offset) = (record.partition(), record.offset()); // <--
        println!("{partition}@{offset}: {:?}", record.key());
    }
    // A worker of the queue {{queue}} takes instead: delivery.ack(…) removes the message.
}
