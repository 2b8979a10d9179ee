use lapin::types::FieldTable;
use lapin::{Channel, Result, options::*};

async fn replay(channel: &Channel) -> Result<()> {
    channel.confirm_select(ConfirmSelectOptions::default()).await?; // <--
    // A few letters are business. Many say that something is broken.
    let look = QueueDeclareOptions { passive: true, ..Default::default() };
    let queue = channel.queue_declare("{{queue}}".into(), look, FieldTable::default()).await?;
    let waiting = queue.message_count(); // <--
    let alert = waiting > {{above}}; // <--
    println!("{waiting} dead letters, alert: {alert}");
    // No more than were there: those that come back meanwhile wait for the next time.
    for _ in 0..waiting {
        let by_hand = BasicGetOptions { no_ack: false };
        let got = channel.basic_get("{{queue}}".into(), by_hand).await?; // <--
        let Some(letter) = got else { break };
        let key = letter.routing_key.as_str();
        let first = key.split(".retry-").next().unwrap_or(key); // the first rung again
        let order = repaired(&String::from_utf8_lossy(&letter.data));
        let properties = letter.properties.clone().with_headers(FieldTable::default());
        let options = BasicPublishOptions::default();
        let (exchange, order) = ("tasks".into(), order.as_bytes());
        let sent =
            channel.basic_publish(exchange, first.into(), options, order, properties).await?; // <--
        // Last: a crash before it doubles a letter and loses none.
        let taken = sent.await?.is_ack(); // <--
        if taken {
            letter.ack(BasicAckOptions::default()).await?; // <--
        }
    }
    Ok(())
}

fn repaired(order: &str) -> String {
    order.replace(r#""address":"""#, r#""address":"1 Harbour Road""#)
}
