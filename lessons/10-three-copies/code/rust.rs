use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{FutureProducer, FutureRecord};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let brokers = "broker-1:9092,broker-2:9092,broker-3:9092";
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", brokers).create()?;
    let topic = NewTopic::new("{{topic}}", 1, TopicReplication::Fixed(3))
        .set("min.insync.replicas", "2"); // <--
    admin.create_topics([&topic], &AdminOptions::new()).await?;

    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("acks", "all") // "1": the leader alone // <--
        .set("enable.idempotence", "true")
        .set("delivery.timeout.ms", "{{delivery_timeout}}")
        .create()?;
    let record = FutureRecord::to("{{topic}}").key("order-1").payload("{}");
    // An error says that fewer than two were in sync, for as long as it was tried.
    producer.send(record, Duration::from_secs(0)).await.map_err(|(error, _)| error)?; // <--
    Ok(())
}
