use futures_lite::StreamExt;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties, options::*};

#[tokio::main]
async fn main() -> lapin::Result<()> {
    let properties = ConnectionProperties::default();
    let connection = Connection::connect("amqp://rabbitmq", properties).await?;
    let channel = connection.create_channel().await?;
    let mut bound = FieldTable::default();
    bound.insert("x-max-length".into(), 10.into()); // the oldest go // <--
    channel.queue_declare("{{queue}}".into(), QueueDeclareOptions::durable(), bound).await?; // <--
    channel.basic_qos({{prefetch}}, BasicQosOptions::default()).await?;
    let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
    let mut tasks =
        channel.basic_consume("{{queue}}".into(), "email".into(), options, none).await?;
    while let Some(task) = tasks.next().await {
        let task = task?;
        println!("mailing {}", String::from_utf8_lossy(&task.data));
        task.ack(BasicAckOptions::default()).await?;
    }
    Ok(())
}
