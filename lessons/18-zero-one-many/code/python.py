import json

from confluent_kafka import Consumer

consumer = Consumer(
    {
        "bootstrap.servers": "kafka:9092",
        "group.id": "{{group}}",
        "session.timeout.ms": {{session_timeout_ms}},
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False, # <--
    }
)
consumer.subscribe(["{{topic}}"])


def charge(order):
    print("charging", order["orderId"])


while True:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    # "after receive". A commit here, before the work, is at most once.
    charge(json.loads(message.value()))
    # "after work": a crash here charges the card a second time.
    consumer.commit(message=message, asynchronous=False)  # at least once # <--
