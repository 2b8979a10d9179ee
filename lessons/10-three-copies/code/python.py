import json

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

BROKERS = {"bootstrap.servers": "broker-1:9092,broker-2:9092,broker-3:9092"}

# Three copies, of which two must have a record before it is acknowledged.
topic = NewTopic(
    "{{topic}}",
    num_partitions=1,
    replication_factor=3,
    config={"min.insync.replicas": "2"}, # <--
)
AdminClient(BROKERS).create_topics([topic])["{{topic}}"].result()

producer = Producer({
    **BROKERS,
    "acks": "all",  # "1": the leader alone # <--
    "enable.idempotence": True,
    "delivery.timeout.ms": {{delivery_timeout}},
})


def delivered(error, message):
    # After the timeout: NOT_ENOUGH_REPLICAS was the answer to every try.
    if error is not None: # <--
        raise KafkaException(error)


def publish(order):
    producer.produce("{{topic}}", json.dumps(order), order["orderId"], on_delivery=delivered)
    producer.flush()
