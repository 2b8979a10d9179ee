# checkout.py
import json

import requests
from confluent_kafka import Consumer, Producer
from flask import Flask, request

producer = Producer({"bootstrap.servers": "broker-1:9092"})
app = Flask(__name__)


@app.post("/synchronous")
def synchronous():
    # Above the capacity of the gateway everyone waits. The limit stops the waiting,
    # not the charge.
    order, patience = request.get_json(), {{patience}} / 1000
    answer = requests.post("http://gateway/charges", json=order, timeout=patience)  # <--
    return "", 200 if answer.ok else 502


@app.post("/checkout")
def checkout():
    order = request.get_json()
    producer.produce("{{topic}}", key=order["orderId"], value=json.dumps(order))  # <--
    producer.flush()
    return "", 202


# payment.py: start more of them; as many as there are partitions share the work
consumer = Consumer({
    "bootstrap.servers": "broker-1:9092",
    "group.id": "{{group}}",  # <--
    "auto.offset.reset": "earliest",
})
consumer.subscribe(["{{topic}}"])
while True:
    record = consumer.poll(1.0)
    if record is not None and record.error() is None:
        print("charging the card of order", record.key())  # at its own pace # <--
