import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer

consumer = Consumer({
    "bootstrap.servers": "broker-1:9092",
    "group.id": "{{group}}",  # the position belongs to this name # <--
    "session.timeout.ms": {{session}},
    "auto.offset.reset": "earliest",  # where a group begins that has no position # <--
})


def on_assign(consumer, partitions):
    if "--again" in sys.argv:  # read all of it again
        for partition in partitions:
            partition.offset = OFFSET_BEGINNING # <--
        consumer.assign(partitions)


consumer.subscribe(["{{topic}}"], on_assign=on_assign)
while True:
    record = consumer.poll(1.0)
    if record is None:
        continue
    if record.error():
        raise SystemExit(record.error())
    # The record stays. Only the position of this group moves behind it.
    print(record.partition(), record.offset(), record.key()) # <--

# A worker of the queue {{queue}} takes instead: channel.basic_ack(tag) removes the message.
