use std::time::Duration;

use axum::http::StatusCode;
use futures::StreamExt;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::{Connection, ConnectionProperties, types::FieldTable};
use rdkafka::producer::{FutureProducer, FutureRecord};

/// The handler of POST /checkout.
async fn checkout(log: FutureProducer, id: String, order: String) -> StatusCode {
    // The order is in the log when send() returns. Nobody has worked on it yet.
    let record = FutureRecord::to("{{topic}}").key(&id).payload(&order);
    let written = log.send(record, Duration::from_secs(5)).await; // <--
    match written {
        Ok(_) => StatusCode::ACCEPTED, // <--
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Another process, which may be down while orders are taken.
async fn email() -> lapin::Result<()> {
    let properties = ConnectionProperties::default();
    let connection = Connection::connect("amqp://rabbitmq", properties).await?;
    let channel = connection.create_channel().await?;
    channel.basic_qos({{prefetch}}, BasicQosOptions::default()).await?;
    let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
    let mut tasks = channel
        .basic_consume("{{queue}}".into(), "email".into(), options, arguments) // <--
        .await?;
    while let Some(task) = tasks.next().await {
        let task = task?;
        println!("mailing the buyer of {}", String::from_utf8_lossy(&task.data));
        task.ack(BasicAckOptions::default()).await?; // <--
    }
    Ok(())
}
