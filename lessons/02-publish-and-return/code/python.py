# checkout.py: takes the order
import json

import pika
from confluent_kafka import Producer
from flask import Flask, jsonify, request

producer = Producer({"bootstrap.servers": "broker-1:9092", "acks": "all"})
app = Flask(__name__)


@app.post("/checkout")
def checkout():
    order = request.get_json()
    # The order is in the log when flush() returns. Nobody has worked on it yet.
    producer.produce("{{topic}}", key=order["orderId"], value=json.dumps(order)) # <--
    producer.flush()
    return jsonify(orderId=order["orderId"]), 202 # <--


# email.py: another process, which may be down while orders are taken
connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()
channel.basic_qos(prefetch_count={{prefetch}})


def on_message(channel, method, properties, body):
    send_mail(json.loads(body))
    channel.basic_ack(method.delivery_tag) # <--


def send_mail(order):
    print("mailing the buyer of", order["orderId"])


channel.basic_consume("{{queue}}", on_message) # <--
channel.start_consuming()
