import json

import pika
from flask import Flask, request
from pika.exceptions import NackError

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()
channel.confirm_delivery() # <--
arguments = {
    "x-max-length": {{max_length}}, # <--
    "x-overflow": "reject-publish",  # without it: drop-head # <--
}
channel.queue_declare("{{queue}}", durable=True, arguments=arguments)

app = Flask(__name__)


@app.post("/orders")
def place_order():
    queue = channel.queue_declare("{{queue}}", passive=True)
    if queue.method.message_count > {{above}}:  # ready, not unacked # <--
        return "busy", 503, {"Retry-After": "30"} # <--
    try:
        channel.basic_publish("tasks", "task.email", json.dumps(request.json)) # <--
    except NackError:  # basic.nack: the queue is full # <--
        return "busy", 503, {"Retry-After": "30"}
    return "accepted", 202


app.run(port=8080, threaded=False)
