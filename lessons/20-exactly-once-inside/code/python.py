from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

consumer = Consumer(
    {
        "bootstrap.servers": "kafka:9092",
        "group.id": "{{group}}",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",  # for whoever reads {{out}} # <--
    }
)
# A transactional.id implies enable.idempotence=true; one id for each instance.
producer = Producer({"bootstrap.servers": "kafka:9092", "transactional.id": "payment-1"}) # <--
producer.init_transactions()  # fences the predecessor with this id # <--
consumer.subscribe(["{{in}}"])


def charge(order_id):
    print("charging", order_id, "with its id as Idempotency-Key")


while True:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    charge(message.key())  # outside: no abort takes it back # <--
    after = TopicPartition(message.topic(), message.partition(), message.offset() + 1)
    producer.begin_transaction() # <--
    try:
        producer.produce("{{out}}", key=message.key(), value=message.value())
        producer.send_offsets_to_transaction([after], consumer.consumer_group_metadata()) # <--
        producer.commit_transaction() # <--
    except KafkaException:
        producer.abort_transaction()
        raise
