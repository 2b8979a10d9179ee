use rdkafka::ClientConfig;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::message::{BorrowedMessage, Message};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", "broker-1:9092")
        .set("group.id", "{{group}}")
        .set("partition.assignment.strategy", "{{assignor}}") // <--
        .set("session.timeout.ms", "{{session_timeout}}") // without a heartbeat: dead // <--
        .set("max.poll.interval.ms", "{{max_poll_interval}}") // without a poll: out // <--
        .set("enable.auto.commit", "false")
        .create()?;
    consumer.subscribe(&["{{topic}}"])?;
    loop {
        let message = consumer.recv().await?;
        reserve(&message);
        // A crash before this line: the next owner reserves again.
        if let Err(refused) = consumer.commit_message(&message, CommitMode::Sync) { // <--
            println!("the group went on without us, the work is done: {refused}");
        }
    }
}

fn reserve(message: &BorrowedMessage<'_>) {
    println!("reserving for {:?}", message.key_view::<str>());
}
