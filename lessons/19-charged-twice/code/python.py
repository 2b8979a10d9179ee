import redis
import requests
from confluent_kafka import Consumer

consumer = Consumer(
    {
        "bootstrap.servers": "kafka:9092",
        "group.id": "{{group}}",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
)
consumer.subscribe(["{{topic}}"])
done = redis.Redis("redis")


def charge(order_id, body):
    headers = {"content-type": "application/json", "Idempotency-Key": order_id} # <--
    answer = requests.post("https://gateway/charges", data=body, headers=headers, timeout=10)
    answer.raise_for_status()


while True:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    order_id = message.key().decode()
    if not done.exists(f"charged:{order_id}"): # <--
        charge(order_id, message.value())
        # A crash here: the id is not noted, only the gateway can know.
        done.set(f"charged:{order_id}", 1, px={{lifetime_ms}}) # <--
    consumer.commit(message=message, asynchronous=False)
