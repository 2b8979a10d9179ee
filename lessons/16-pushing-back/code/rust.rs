use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Result, options::*};

async fn open(channel: &Channel) -> Result<()> {
    channel.confirm_select(ConfirmSelectOptions::default()).await?; // <--
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), {{max_length}}.into()); // <--
    let overflow = AMQPValue::LongString("reject-publish".into()); // without it: drop-head
    arguments.insert("x-overflow".into(), overflow); // <--
    let options = QueueDeclareOptions::durable();
    channel.queue_declare("{{queue}}".into(), options, arguments).await?;
    Ok(())
}

/// The status of the answer; a 503 goes with the header Retry-After: 30.
async fn place_order(channel: &Channel, order: &[u8]) -> Result<u16> {
    let look = QueueDeclareOptions { passive: true, ..Default::default() };
    let queue = channel.queue_declare("{{queue}}".into(), look, FieldTable::default()).await?;
    let ready = queue.message_count(); // not the unacked
    if ready > {{above}} {
        return Ok(503); // <--
    }
    let (exchange, key) = ("tasks".into(), "task.email".into());
    let properties = BasicProperties::default().with_delivery_mode(2);
    let options = BasicPublishOptions::default();
    let sent = channel.basic_publish(exchange, key, options, order, properties).await?;
    let confirmation = sent.await?; // <--
    Ok(if confirmation.is_nack() { 503 } else { 202 }) // <--
}
