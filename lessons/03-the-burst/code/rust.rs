use std::time::Duration;

use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::KafkaResult;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Message};

/// The checkout: afterwards the order is written down and the buyer has an answer.
pub async fn checkout(log: &FutureProducer, id: &str, order: &str) -> KafkaResult<()> {
    let record = FutureRecord::to("{{topic}}").key(id).payload(order);
    let written = log.send(record, Duration::from_secs(5)).await; // <--
    written.map(|_| ()).map_err(|(error, _)| error)
}

/// Payment. Start more of them: as many as there are partitions share the work.
#[tokio::main]
async fn main() -> KafkaResult<()> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", "broker-1:9092")
        .set("group.id", "{{group}}") // <--
        .set("auto.offset.reset", "earliest")
        .create()?;
    consumer.subscribe(&["{{topic}}"])?;
    loop {
        let record = consumer.recv().await?;
        let id = String::from_utf8_lossy(record.key().unwrap_or_default());
        println!("charging the card of order {id}"); // at its own pace // <--
    }
}
