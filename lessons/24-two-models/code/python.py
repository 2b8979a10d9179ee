import json
import threading
import time

from confluent_kafka import Consumer, Producer

producer = Producer({"bootstrap.servers": "kafka:9092"})
orders, folded = {}, {}


def place_order(order):
    written = []
    producer.produce("{{topic}}", json.dumps(order), order["id"],
                     on_delivery=lambda error, record: written.append(record))
    producer.flush()
    return written[0].partition(), written[0].offset() # <--


def project():
    group = {"bootstrap.servers": "kafka:9092", "group.id": "{{group}}"}
    consumer = Consumer(group | {"auto.offset.reset": "earliest"}) # <--
    consumer.subscribe(["{{topic}}"])
    while True:
        record = consumer.poll(1.0)
        if record is not None and record.error() is None:
            orders[record.key()] = json.loads(record.value())
            folded[record.partition()] = record.offset() # <--


def read(partition, offset):  # the reader's own write, waited for two seconds
    until = time.monotonic() + 2
    while folded.get(partition, -1) < offset and time.monotonic() < until: # <--
        time.sleep(0.01)
    return list(orders.values())


threading.Thread(target=project, daemon=True).start()
