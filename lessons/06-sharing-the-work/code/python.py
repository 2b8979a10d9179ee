from confluent_kafka import Consumer

# Start this program as often as you like, up to {{partitions}} times: each is a member.
consumer = Consumer({
    "bootstrap.servers": "broker-1:9092",
    "group.id": "{{group}}", # <--
    # A group without a position begins at the oldest record; the default is the newest.
    "auto.offset.reset": "earliest", # <--
})


def on_change(consumer, partitions):
    mine = [one.partition for one in consumer.assignment()]
    print("changed:", [one.partition for one in partitions], "before:", mine or "idle")


consumer.subscribe(["{{topic}}"], on_assign=on_change, on_revoke=on_change) # <--
while True:
    record = consumer.poll(1.0)
    if record is None:
        continue
    if record.error():
        raise SystemExit(record.error())
    print("points for", record.key(), "from partition", record.partition())
