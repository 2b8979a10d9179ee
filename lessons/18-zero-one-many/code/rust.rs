use rdkafka::config::ClientConfig;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::Message;

#[tokio::main]
async fn main() -> Result<(), KafkaError> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", "kafka:9092")
        .set("group.id", "{{group}}")
        .set("session.timeout.ms", "{{session_timeout_ms}}")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false") // <--
        .create()?;
    consumer.subscribe(&["{{topic}}"])?;
    loop {
        let message = consumer.recv().await?;
        // "after receive". A commit here, before the work, is at most once.
        charge(message.payload().unwrap_or_default()).await;
        // "after work": a crash here charges the card a second time.
        consumer.commit_message(&message, CommitMode::Sync)?; // at least once // <--
    }
}

async fn charge(order: &[u8]) {
    println!("charging {}", String::from_utf8_lossy(order));
}
