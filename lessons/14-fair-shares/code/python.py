import json

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()


def resize(channel, method, properties, body):
    print("resizing", json.loads(body)["orderId"])
    channel.basic_ack(method.delivery_tag)  # makes room for the next one # <--


def show(channel, method, properties, body):
    print(method.delivery_tag, body)
    channel.basic_ack(method.delivery_tag)


channel.queue_declare("{{queue}}", durable=True)
channel.basic_qos(prefetch_count={{prefetch}})  # unacked jobs of a worker; 0 is unlimited # <--
channel.basic_consume("{{queue}}", resize)

# One consumer at a time, the others stand by.
one_active = {"x-single-active-consumer": True}
channel.queue_declare("{{single}}", durable=True, arguments=one_active)  # <--
channel.basic_consume("{{single}}", show)
channel.start_consuming()
