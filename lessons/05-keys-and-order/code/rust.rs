use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", "broker-1:9092")
        // librdkafka's default is another hash: the same key would have another partition in Java.
        .set("partitioner", "murmur2_random") // <--
        .create()?;

    // "{{event}}", "paid", "shipped"
    let event = Header { key: "event", value: Some("{{event}}") };
    let record = FutureRecord::to("{{topic}}")
        .key("order-17") // one partition for all events of an order // <--
        // .key("NL") would keep order too, and overload one partition.
        .headers(OwnedHeaders::new().insert(event))
        .payload(r#"{"orderId": "order-17", "country": "NL"}"#);
    match producer.send(record, Duration::from_secs(5)).await {
        Ok(delivery) => println!("{delivery:?}"),
        Err((error, _)) => return Err(error.into()),
    }
    Ok(())
}
