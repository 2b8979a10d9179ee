import json

import pika
from confluent_kafka import Consumer, Producer

producer = Producer({"bootstrap.servers": "kafka:9092"})
channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()


def paid(order):
    # The fact: what happened, for whoever reads it, in order by key.
    producer.produce("{{topic}}", json.dumps(order), key=order["orderId"])  # <--
    producer.flush()
    # The task: what one worker has to do.
    task = json.dumps({"mail": "receipt", "orderId": order["orderId"]})
    channel.basic_publish("tasks", "{{key}}", task)  # <--


paid({"orderId": "order-1", "status": "paid"})

# A new team reads from the beginning and disturbs nobody.
loyalty = Consumer({
    "bootstrap.servers": "kafka:9092",
    "group.id": "loyalty",  # <--
    "auto.offset.reset": "earliest",  # <--
})
loyalty.subscribe(["{{topic}}"])
while True:
    record = loyalty.poll(1.0)
    if record is not None and record.error() is None:
        print("points for", record.key())
