import json
from pathlib import Path

from confluent_kafka import Consumer

AS_OF_MS = None  # a time in milliseconds, to know what was true then


def fold(orders, event, order):
    """State and event in, state out: no clock, no calls, no effects."""
    orders[order["orderId"]] = {"status": event, "cents": order["amountCents"]} # <--


def restore(consumer, partitions):
    for partition in partitions:
        saved = Path(f"snapshot-{partition.partition}.json")
        view = json.loads(saved.read_text()) if saved.exists() else {"next": 0, "orders": {}}
        views[partition.partition] = view
        partition.offset = view["next"]  # go on behind the snapshot # <--
    consumer.assign(partitions)


views = {}
consumer = Consumer({"bootstrap.servers": "broker-1:9092", "group.id": "{{group}}"})
consumer.subscribe(["{{topic}}"], on_assign=restore)
while True:
    record = consumer.poll(1.0)
    if record is None or record.error():
        continue
    if AS_OF_MS and record.timestamp()[1] > AS_OF_MS: # <--
        continue
    view = views[record.partition()]
    headers = {name: str(value, "utf-8") for name, value in record.headers()}
    fold(view["orders"], headers["event"], json.loads(record.value()))
    view["next"] = record.offset() + 1
    if view["next"] % 50 == 0:  # the state and its position together # <--
        Path(f"snapshot-{record.partition()}.json").write_text(json.dumps(view))
