use rdkafka::config::ClientConfig;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::Message;

// Start this program as often as you like, up to {{partitions}} times: each is a member.
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", "broker-1:9092")
        .set("group.id", "{{group}}") // <--
        // A group without a position begins at the oldest record; the default is the newest.
        .set("auto.offset.reset", "earliest") // <--
        .create()?;
    consumer.subscribe(&["{{topic}}"])?; // <--

    loop {
        let record = consumer.recv().await?;
        let mine = consumer.assignment()?.count();
        let key = String::from_utf8_lossy(record.key().unwrap_or_default());
        println!("points for {key}, one of my {mine} partitions");
    }
}
