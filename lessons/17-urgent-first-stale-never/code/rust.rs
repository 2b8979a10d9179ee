use lapin::{options::*, types::*, BasicProperties, Connection, ConnectionProperties};

#[tokio::main]
async fn main() -> lapin::Result<()> {
    let connection = Connection::connect("amqp://rabbitmq", ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;

    let mut urgent = FieldTable::default();
    urgent.insert("x-max-priority".into(), AMQPValue::LongInt({{max}})); // <--
    let mut limits = FieldTable::default();
    limits.insert("x-message-ttl".into(), AMQPValue::LongInt(60_000)); // <--
    limits.insert("x-max-length".into(), AMQPValue::LongInt(20)); // <--
    for (queue, key, arguments) in [
        ("mails.priority", "mail", urgent),
        ("offers", "offer.day", limits),
        ("offers.flash", "offer.flash", FieldTable::default()), // one time per queue // <--
    ] {
        channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await?;
        let options = QueueBindOptions::default();
        channel.queue_bind(queue.into(), "tasks".into(), key.into(), options, FieldTable::default()).await?;
    }

    let receipt = BasicProperties::default().with_priority({{priority}}); // others: {{low}} // <--
    let flash = BasicProperties::default().with_expiration("{{expiration}}".into()); // in ms // <--
    for (key, properties) in [("mail", receipt), ("offer.flash", flash)] {
        let options = BasicPublishOptions::default();
        channel.basic_publish("tasks".into(), key.into(), options, b"order-1", properties).await?.await?;
    }
    Ok(())
}
