use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::KafkaResult;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};
use std::time::Duration;

/// Reads `{{in}}` in group `{{group}}`; readers of `{{out}}` set isolation.level=read_committed.
pub async fn run(consumer: StreamConsumer) -> KafkaResult<()> {
    let wait = Duration::from_secs(10);
    let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
        .set("bootstrap.servers", "kafka:9092")
        .set("transactional.id", "payment-1") // <--
        .create()?;
    producer.init_transactions(wait)?; // fences the predecessor with this id // <--
    loop {
        let message = consumer.recv().await?;
        let key = message.key().unwrap_or_default();
        let value = message.payload().unwrap_or_default();
        charge(key); // outside: no abort takes it back // <--
        let mut next = TopicPartitionList::new();
        let offset = Offset::Offset(message.offset() + 1);
        next.add_partition_offset(message.topic(), message.partition(), offset)?;
        let group = consumer.group_metadata().expect("it is in a group");
        producer.begin_transaction()?; // <--
        let record = BaseRecord::to("{{out}}").key(key).payload(value);
        producer.send(record).map_err(|(error, _)| error)?;
        producer.send_offsets_to_transaction(&next, &group, wait)?; // <--
        producer.commit_transaction(wait)?; // on an error: abort_transaction // <--
    }
}

fn charge(id: &[u8]) {
    println!("charging {}, its id as Idempotency-Key", String::from_utf8_lossy(id));
}
