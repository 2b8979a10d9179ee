import json

import pika
from pika.exceptions import UnroutableError

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()

channel.exchange_declare("unrouted", "fanout", durable=True)
channel.exchange_declare("tasks", "direct", durable=True)
channel.exchange_declare("orders", "topic", durable=True)
catch_all = {"alternate-exchange": "unrouted"}
channel.exchange_declare("parcels", "headers", durable=True, arguments=catch_all)  # <--

for queue in ("email-notifications", "completed-orders", "all-orders", "express-parcels", "strays"):
    channel.queue_declare(queue, durable=True)
channel.queue_bind("email-notifications", "tasks", "{{bound}}")  # equal # <--
channel.queue_bind("completed-orders", "orders", "order.completed.*")  # one word # <--
channel.queue_bind("all-orders", "orders", "{{all}}")  # zero words or more # <--
both = {"x-match": "all", "country": "us", "express": True}
channel.queue_bind("express-parcels", "parcels", arguments=both)  # <--
channel.queue_bind("strays", "unrouted")

channel.confirm_delivery()  # with it, a message that comes back is an exception
order = json.dumps({"orderId": "order-1"}).encode()
try:
    channel.basic_publish("orders", "{{event}}", order, mandatory=True)  # <--
except UnroutableError as error:
    print("no queue for", error.messages)
headers = pika.BasicProperties(headers={"country": "us", "express": True})
channel.basic_publish("parcels", "", order, headers)
