import json

import pika

channel = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq")).channel()
channel.exchange_declare("tasks", "topic", durable=True)
channel.exchange_declare("dlx", "topic", durable=True)
channel.queue_declare("{{queue}}", durable=True, arguments={"x-dead-letter-exchange": "dlx"}) # <--
channel.queue_bind("{{queue}}", "tasks", "task.label.#")

# Nobody consumes a rung. Its messages expire and return under the next key.
for index, delay in enumerate([{{first_ms}}, {{second_ms}}, {{third_ms}}]):
    rung = f"{{queue}}.retry-{delay // 1000}s"
    channel.queue_declare(rung, durable=True, arguments={
        "x-message-ttl": delay, # <--
        "x-dead-letter-exchange": "tasks", # <--
        "x-dead-letter-routing-key": f"task.label.retry-{index + 1}", # <--
    })
    key = "task.label" if index == 0 else f"task.label.retry-{index}"
    channel.queue_bind(rung, "dlx", key)
channel.queue_declare("dead-letters", durable=True)
channel.queue_bind("dead-letters", "dlx", "task.label.retry-3") # <--


def on_message(channel, method, properties, body):
    try:
        print("label for", json.loads(body)["address"])
    except (ValueError, KeyError):
        # Not requeued: to the dead letter exchange.
        return channel.basic_reject(method.delivery_tag, requeue=False) # <--
    channel.basic_ack(method.delivery_tag)


channel.basic_consume("{{queue}}", on_message)
channel.start_consuming()
