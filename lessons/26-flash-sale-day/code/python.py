import json
import re

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()
channel.confirm_delivery()  # basic_publish raises if the broker refuses # <--

# A few letters are business. Many say that something is broken.
waiting = channel.queue_declare("{{queue}}", passive=True).method.message_count # <--
if waiting > {{above}}: # <--
    print("alert:", waiting, "dead letters")


def repaired(order):
    return order if order.get("address") else {**order, "address": "1 Harbour Road"}


# No more than were there: those that come back meanwhile wait for the next time.
for _ in range(waiting):
    method, properties, body = channel.basic_get("{{queue}}", auto_ack=False) # <--
    if method is None:
        break
    order = repaired(json.loads(body))
    key = re.sub(r"\.retry-\d$", "", method.routing_key)  # the first rung again
    again = pika.BasicProperties(message_id=properties.message_id, delivery_mode=2)
    channel.basic_publish("tasks", key, json.dumps(order), again, mandatory=True) # <--
    # Last: a crash before it doubles a letter and loses none.
    channel.basic_ack(method.delivery_tag) # <--
connection.close()
