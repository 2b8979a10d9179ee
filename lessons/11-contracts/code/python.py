import json

from confluent_kafka import Producer
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

SCHEMA = json.dumps({
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "order_id", "type": "string"},
        {"name": "amount_cents", "type": "int"},
        {"name": "coupon", "type": ["null", "string"], "default": None}, # <--
    ],
})

registry = SchemaRegistryClient({"url": "http://schema-registry:8081"})
registry.set_compatibility("{{topic}}-value", "{{compatibility}}") # <--
# 409 if the version is not compatible with the last one.
registry.register_schema("{{topic}}-value", Schema(SCHEMA, "AVRO")) # <--

serialize = AvroSerializer(registry, SCHEMA, conf={"auto.register.schemas": False})
producer = Producer({"bootstrap.servers": "broker-1:9092"})


def publish(order):
    # Raises if the order does not fit: nothing is sent.
    value = serialize(order, SerializationContext("{{topic}}", MessageField.VALUE)) # <--
    producer.produce("{{topic}}", key=order["order_id"], value=value)
    producer.flush()
