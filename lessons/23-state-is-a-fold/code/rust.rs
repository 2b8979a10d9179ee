use std::{collections::HashMap, fs};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::{Headers, Message};
use rdkafka::{Offset, TopicPartitionList};

type View = (i64, HashMap<String, String>); // the next offset, and the status of each order

/// State and event in, state out: no clock, no calls, no effects.
fn fold(orders: &mut HashMap<String, String>, order: &[u8], event: &[u8]) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    orders.insert(text(order), text(event)); // <--
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut settings = ClientConfig::new();
    settings.set("bootstrap.servers", "broker-1:9092").set("group.id", "{{group}}");
    let consumer: StreamConsumer = settings.create()?;
    let (mut views, mut start) = (Vec::<View>::new(), TopicPartitionList::new());
    for partition in 0..{{partitions}} {
        let saved = fs::read(format!("snapshot-{partition}.json")).unwrap_or_default();
        let view: View = serde_json::from_slice(&saved).unwrap_or_default();
        start.add_partition_offset("{{topic}}", partition, Offset::Offset(view.0))?; // <--
        views.push(view);
    }
    consumer.assign(&start)?;
    loop {
        // To know an earlier state, stop at the first record with a later timestamp().
        let record = consumer.recv().await?;
        let event = record.headers().and_then(|headers| headers.get(0).value);
        let (next, orders) = &mut views[record.partition() as usize];
        fold(orders, record.key().unwrap_or(b""), event.unwrap_or(b""));
        *next = record.offset() + 1;
        if *next % 50 == 0 {
            let snapshot = serde_json::to_vec(&(&*next, &*orders))?; // both together // <--
            fs::write(format!("snapshot-{}.json", record.partition()), snapshot)?;
        }
    }
}
