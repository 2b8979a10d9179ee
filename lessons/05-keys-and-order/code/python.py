import json

from confluent_kafka import Producer

producer = Producer({
    "bootstrap.servers": "broker-1:9092",
    # librdkafka's default is another hash: the same key would have another partition in Java.
    "partitioner": "murmur2_random", # <--
})


def report(error, record):
    print(error or (record.key(), record.partition(), record.offset()))


def tell(event, order):
    producer.produce(
        "{{topic}}",
        key=order["orderId"],  # one partition for all events of an order # <--
        # key=order["country"] would keep order too, and overload one partition.
        headers={"event": event},  # "{{event}}", "paid", "shipped"
        value=json.dumps(order),
        on_delivery=report,
    )


tell("{{event}}", {"orderId": "order-17", "country": "NL"})
producer.flush()
