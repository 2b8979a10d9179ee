import json

from confluent_kafka import Consumer, KafkaException

consumer = Consumer({
    "bootstrap.servers": "broker-1:9092",
    "group.id": "{{group}}",
    "partition.assignment.strategy": "{{assignor}}", # <--
    "session.timeout.ms": {{session_timeout}},  # without a heartbeat for so long: dead # <--
    "max.poll.interval.ms": {{max_poll_interval}},  # without a poll for so long: out # <--
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
})


def on_lost(consumer, partitions):
    print("the group went on without us:", partitions)


def reserve(order):
    print("reserving for", order["orderId"])


consumer.subscribe(["{{topic}}"], on_lost=on_lost)
while True:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    reserve(json.loads(message.value()))
    # A crash before this line: the next owner reserves again.
    try:
        consumer.commit(message=message, asynchronous=False) # <--
    except KafkaException as error:
        print("refused, and the work is done:", error)  # UNKNOWN_MEMBER_ID
