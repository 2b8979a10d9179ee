use std::time::Duration;

use apache_avro::types::Value;
use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};
use schema_registry_converter::async_impl::avro::AvroEncoder;
use schema_registry_converter::async_impl::schema_registry::SrSettings;
use schema_registry_converter::schema_registry_common::SubjectNameStrategy;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let registry = SrSettings::new("http://schema-registry:8081".to_owned());
    let encoder = AvroEncoder::new(registry); // <--
    let producer: FutureProducer =
        ClientConfig::new().set("bootstrap.servers", "broker-1:9092").create()?;

    // The last version of the subject {{topic}}-value.
    let subject = SubjectNameStrategy::TopicNameStrategy("{{topic}}".to_owned(), false);
    let order = vec![
        ("order_id", Value::String("order-1".to_owned())),
        ("amount_cents", Value::Int(1999)),
        ("coupon", Value::Union(0, Box::new(Value::Null))),
    ];
    // An error if the order does not fit: nothing is sent.
    let value = encoder.encode(order, subject).await?; // <--
    let record = FutureRecord::to("{{topic}}").key("order-1").payload(&value);
    producer.send(record, Duration::from_secs(0)).await.map_err(|(error, _)| error)?;
    Ok(())
}
