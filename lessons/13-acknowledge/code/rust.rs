use futures::StreamExt;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, BasicRejectOptions};
use lapin::{Connection, ConnectionProperties, types::FieldTable};

#[tokio::main]
async fn main() -> lapin::Result<()> {
    let properties = ConnectionProperties::default();
    let connection = Connection::connect("amqp://rabbitmq", properties).await?;
    let channel = connection.create_channel().await?;
    // At most so many messages without an ack.
    channel.basic_qos({{prefetch}}, BasicQosOptions::default()).await?; // <--
    // no_ack = true: the broker forgets the message when it sends it.
    let options = BasicConsumeOptions { no_ack: false, ..Default::default() }; // <--
    let mut tasks = channel
        .basic_consume("{{queue}}".into(), "email".into(), options, FieldTable::default())
        .await?;
    while let Some(task) = tasks.next().await {
        // "after receive": a crash here loses nothing, the broker still has the message.
        let task = task?;
        let Ok(order) = std::str::from_utf8(&task.data) else {
            // No requeue: to the dead letter exchange.
            task.reject(BasicRejectOptions { requeue: false }).await?; // <--
            continue;
        };
        let before = task.redelivered; // <--
        if before {
            println!("{order} was delivered before, perhaps mailed before");
        }
        println!("mailing the buyer of {order}");
        // "after work": a crash here sends the mail a second time.
        task.ack(BasicAckOptions::default()).await?; // <--
    }
    Ok(())
}
