use futures_lite::StreamExt;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, options::*};

pub async fn run(channel: &Channel) -> lapin::Result<()> {
    // Nobody consumes a rung. Its messages expire and return under the next key.
    for (index, delay) in [{{first_ms}}, {{second_ms}}, {{third_ms}}].into_iter().enumerate() {
        let rung = format!("{{queue}}.retry-{}s", delay / 1_000);
        let next = format!("task.label.retry-{}", index + 1);
        let mut arguments = FieldTable::default();
        arguments.insert("x-message-ttl".into(), delay.into()); // <--
        arguments.insert("x-dead-letter-exchange".into(), text("tasks")); // <--
        arguments.insert("x-dead-letter-routing-key".into(), text(&next)); // <--
        channel.queue_declare(rung.into(), QueueDeclareOptions::durable(), arguments).await?;
    }

    let (queue, tag, none) = ("{{queue}}".into(), "shipping-1".into(), FieldTable::default());
    let mut consumer = channel.basic_consume(queue, tag, Default::default(), none).await?;
    while let Some(delivery) = consumer.next().await {
        let delivery = delivery?;
        if std::str::from_utf8(&delivery.data).is_ok() {
            delivery.ack(BasicAckOptions::default()).await?;
        } else {
            delivery.reject(BasicRejectOptions { requeue: false }).await?; // <--
        }
    }
    Ok(())
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
