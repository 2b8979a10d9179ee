import json

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()

channel.basic_qos(prefetch_count={{prefetch}})  # at most so many messages without an ack # <--


def on_message(channel, method, properties, body):
    # "after receive": a crash here loses nothing, the broker still has the message.
    try:
        order = json.loads(body)
    except ValueError:
        # No requeue: to the dead letter exchange.
        channel.basic_reject(method.delivery_tag, requeue=False) # <--
        return
    if method.redelivered: # <--
        print(order["orderId"], "was delivered before, perhaps mailed before")
    send_mail(order)
    # "after work": a crash here sends the mail a second time.
    channel.basic_ack(method.delivery_tag) # <--


def send_mail(order):
    print("mailing the buyer of", order["orderId"])


# auto_ack=True: the broker forgets the message when it sends it.
channel.basic_consume("{{queue}}", on_message, auto_ack=False) # <--
channel.start_consuming()
