use futures_lite::StreamExt;
use lapin::{options::*, types::*, Connection, ConnectionProperties};

#[tokio::main]
async fn main() -> lapin::Result<()> {
    let connection = Connection::connect("amqp://rabbitmq", ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;

    // One consumer at a time, the others stand by.
    let mut one_active = FieldTable::default();
    one_active.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true)); // <--
    channel.queue_declare("{{single}}".into(), QueueDeclareOptions::durable(), one_active).await?;

    let queue = "{{queue}}";
    channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), FieldTable::default()).await?;
    // Unacked jobs of this worker; 0 is unlimited.
    channel.basic_qos({{prefetch}}, BasicQosOptions::default()).await?; // <--
    let options = BasicConsumeOptions::default();
    let mut jobs = channel.basic_consume(queue.into(), "resize".into(), options, FieldTable::default()).await?;
    while let Some(job) = jobs.next().await {
        let job = job?;
        println!("resizing {}", String::from_utf8_lossy(&job.data));
        job.ack(BasicAckOptions::default()).await?; // makes room for the next one // <--
    }
    Ok(())
}
