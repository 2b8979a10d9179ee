import random
import time

import pika
import requests

failed, open_until = 0, 0.0


def charge(order):
    global failed, open_until
    if time.monotonic() < open_until:
        raise requests.ConnectionError("the breaker is open") # <--
    try:
        answer = requests.post("http://payment/charges", order, timeout={{timeout_ms}} / 1000) # <--
        answer.raise_for_status()
        failed = 0  # closed
    except requests.RequestException:
        failed += 1  # after its time half-open: one more failure opens it again # <--
        if failed >= {{failures}}:
            open_until = time.monotonic() + {{open_ms}} / 1000 # <--
        raise


def pause(attempt):  # before attempt 2, 3, …: 1 s, 2 s, 4 s, at most 16 s
    return min(2 ** (attempt - 2), 16) * random.uniform(0.5, 1)  # jitter # <--


def on_task(channel, method, properties, body):
    try:
        charge(body)
        channel.basic_ack(method.delivery_tag)
    except requests.RequestException:  # to a queue with a time to live, and back
        channel.basic_reject(method.delivery_tag, requeue=False) # <--


channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
channel.basic_consume("{{queue}}", on_task)  # one call at a time for each process # <--
channel.start_consuming()
