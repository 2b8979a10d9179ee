use lapin::{options::BasicPublishOptions, BasicProperties, Channel};
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Message};
use std::{error::Error, time::Duration};

pub async fn paid(log: &FutureProducer, queue: &Channel, order: &str) -> Result<(), Box<dyn Error>> {
    // The fact: what happened, for whoever reads it, in order by key.
    let fact = FutureRecord::to("{{topic}}").key(order).payload("paid"); // <--
    log.send(fact, Duration::from_secs(5)).await.map_err(|(error, _)| error)?;
    // The task: what one worker has to do.
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    queue
        .basic_publish("tasks".into(), "{{key}}".into(), options, order.as_bytes(), properties) // <--
        .await?
        .await?;
    Ok(())
}

pub async fn loyalty() -> Result<(), Box<dyn Error>> {
    let loyalty: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", "kafka:9092")
        .set("group.id", "loyalty") // a group of its own // <--
        .set("auto.offset.reset", "earliest") // <--
        .create()?;
    loyalty.subscribe(&["{{topic}}"])?;
    loop {
        let record = loyalty.recv().await?;
        println!("points for {:?}", record.key());
    }
}
