import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer

consumer = Consumer({
    "bootstrap.servers": "broker-1:9092",
    "group.id": "{{group}}",
    # Asked only when the group has no valid offset; this lesson began with "{{reset}}".
    "auto.offset.reset": "earliest", # <--
    "enable.auto.commit": False,
})


def on_assign(consumer, partitions):
    if "--rewind" in sys.argv:
        for partition in partitions:
            partition.offset = OFFSET_BEGINNING # <--
        consumer.assign(partitions)


def charge(order_id):
    print("charging for", order_id)


consumer.subscribe(["{{topic}}"], on_assign=on_assign)
charged = set()  # in real life a table that outlives the process
while True:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    if message.key() not in charged: # <--
        charge(message.key())
        charged.add(message.key())
    consumer.commit(message=message)
