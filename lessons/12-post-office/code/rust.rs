use lapin::{options::*, types::*, BasicProperties, Connection, ConnectionProperties, ExchangeKind};

#[tokio::main]
async fn main() -> lapin::Result<()> {
    let connection = Connection::connect("amqp://rabbitmq", ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;

    let none = FieldTable::default;
    let mut catch_all = none();
    catch_all.insert("alternate-exchange".into(), AMQPValue::LongString("unrouted".into())); // <--
    for (name, kind, arguments) in [
        ("unrouted", ExchangeKind::Fanout, none()),
        ("orders", ExchangeKind::Topic, none()),
        ("parcels", ExchangeKind::Headers, catch_all),
    ] {
        let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
        channel.exchange_declare(name.into(), kind, options, arguments).await?;
    }
    let mut both = none();
    both.insert("x-match".into(), AMQPValue::LongString("all".into())); // <--
    both.insert("country".into(), AMQPValue::LongString("us".into()));
    both.insert("express".into(), AMQPValue::Boolean(true));
    for (queue, exchange, key, arguments) in [
        ("completed-orders", "orders", "order.completed.*", none()), // one word // <--
        ("all-orders", "orders", "{{all}}", none()), // zero words or more // <--
        ("express-parcels", "parcels", "", both),
        ("strays", "unrouted", "", none()),
    ] {
        channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), none()).await?;
        channel.queue_bind(queue.into(), exchange.into(), key.into(), QueueBindOptions::default(), arguments).await?;
    }
    let options = BasicPublishOptions { mandatory: true, ..Default::default() }; // <--
    let order = br#"{"orderId": "order-1"}"#;
    channel.basic_publish("orders".into(), "{{event}}".into(), options, order, BasicProperties::default()).await?.await?;
    Ok(())
}
