from confluent_kafka import Consumer, TopicPartition

# A consumer that subscribes to nothing can look without joining the group.
consumer = Consumer({"bootstrap.servers": "broker-1:9092", "group.id": "{{group}}"})


def lag_by_partition(topic, partitions):
    lags = {}
    asked = [TopicPartition(topic, number) for number in range(partitions)]
    for at in consumer.committed(asked, timeout=10):  # <--
        low, high = consumer.get_watermark_offsets(at, timeout=10)  # <--
        committed = at.offset if at.offset >= 0 else low  # below 0: nothing is committed yet
        lags[at.partition] = high - committed  # <--
    return lags


lags = lag_by_partition("{{topic}}", {{partitions}})
total = sum(lags.values())
# All partitions late: members are missing. A few: a hot key.
print(lags)
if total > {{above}}:  # <--
    print("alert: {{group}} is", total, "behind")
consumer.close()
