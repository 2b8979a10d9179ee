use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::{collections::HashMap, sync::Mutex, time::Duration};

struct Model {
    orders: Vec<Vec<u8>>,
    folded: HashMap<i32, i64>,
}

/// The write side: the answer names the place of the record.
async fn place_order(producer: &FutureProducer, id: &str, order: &str) -> Option<(i32, i64)> {
    let record = FutureRecord::to("{{topic}}").key(id).payload(order);
    let place = producer.send(record, Duration::from_secs(5)).await.ok()?;
    Some((place.partition, place.offset)) // <--
}

/// The read side: its group.id is {{group}}, auto.offset.reset is earliest.
async fn project(consumer: &StreamConsumer, model: &Mutex<Model>) {
    consumer.subscribe(&["{{topic}}"]).expect("the topic is there");
    while let Ok(record) = consumer.recv().await {
        let order = record.payload().unwrap_or_default().to_vec();
        let mut model = model.lock().unwrap();
        model.orders.push(order);
        model.folded.insert(record.partition(), record.offset()); // <--
    }
}

/// Waits for the reader's own write; the caller sets a time limit.
async fn wait_for(model: &Mutex<Model>, (partition, offset): (i32, i64)) {
    let behind = || model.lock().unwrap().folded.get(&partition).is_none_or(|it| *it < offset);
    while behind() {
        tokio::time::sleep(Duration::from_millis(10)).await; // <--
    }
}
