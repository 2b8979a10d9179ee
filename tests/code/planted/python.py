import json  # wrong

import pika
import requests
from confluent_kafka import Consumer, OldProducer  # wrong
from confluent_kafka.schema_registry.avro import AvroSerializer
from pika.exceptions import UnroutableError

consumer = Consumer({  # wrong
    "bootstrap.servers": "broker-1:9092",
    "group.id": "planted",
    "session.timeout": 6000,
})
consumer.subscribe(["orders"], on_assigned=print)  # wrong
consumer.acknowledge()  # wrong

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()
channel.basic_qos(prefetch=3)  # wrong
channel.basic_consume("orders", print, no_ack=True)  # wrong
channel.acknowledge(1)  # wrong
pika.PlainPassword("guest", "guest")  # wrong
requests.post("http://gateway", patience=3)  # wrong
AvroSerializer(None, config={})  # wrong
print(OldProducer, UnroutableError, undeclared)  # wrong
