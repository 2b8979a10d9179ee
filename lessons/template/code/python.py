import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()


def on_task(channel, method, properties, body):
    print("mailing", body.decode())
    channel.basic_ack(method.delivery_tag)


bound = {"x-max-length": 10}  # the oldest go # <--
channel.queue_declare("{{queue}}", durable=True, arguments=bound) # <--
channel.basic_qos(prefetch_count={{prefetch}})
channel.basic_consume("{{queue}}", on_task)
channel.start_consuming()
