import json
import time

import psycopg
from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": "kafka:9092"})


def place_order(db, order):
    row = (order["orderId"], json.dumps(order))
    with db.transaction():  # one transaction for both rows # <--
        db.execute("INSERT INTO orders (id, body) VALUES (%s, %s)", row)
        db.execute("INSERT INTO outbox (key, body) VALUES (%s, %s)", row) # <--


def publish(key, body):
    errors = []
    producer.produce("{{topic}}", body, key, on_delivery=lambda error, _: errors.append(error))
    if producer.flush(30) or any(errors):
        raise RuntimeError("not published, the row stays")


def relay(db):
    query = "SELECT id, key, body FROM outbox ORDER BY id LIMIT 100"
    for row_id, key, body in db.execute(query).fetchall():
        publish(key, body)  # first publish # <--
        db.execute("DELETE FROM outbox WHERE id = %s", (row_id,))  # then delete # <--


if __name__ == "__main__":
    with psycopg.connect("dbname=shop", autocommit=True) as connection:
        while True:
            relay(connection)
            time.sleep(0.5)
