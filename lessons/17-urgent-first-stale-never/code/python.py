import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
channel = connection.channel()

channel.exchange_declare("tasks", "direct", durable=True)
urgent = {"x-max-priority": {{max}}}
channel.queue_declare("mails.priority", durable=True, arguments=urgent)  # <--
limits = {"x-message-ttl": 60000, "x-max-length": 20}
channel.queue_declare("offers", durable=True, arguments=limits)  # <--
channel.queue_declare("offers.flash", durable=True)
channel.queue_bind("mails.priority", "tasks", "mail")
channel.queue_bind("offers", "tasks", "offer.day")
channel.queue_bind("offers.flash", "tasks", "offer.flash")  # one time per queue # <--

receipt = pika.BasicProperties(priority={{priority}})  # the others have {{low}} # <--
channel.basic_publish("tasks", "mail", b"receipt", receipt)
flash = pika.BasicProperties(expiration="{{expiration}}")  # in ms, a string # <--
channel.basic_publish("tasks", "offer.flash", b"offer", flash)


def on_mail(channel, method, properties, body):
    print("mailing", body, "with priority", properties.priority)
    channel.basic_ack(method.delivery_tag)


channel.basic_qos(prefetch_count=1)  # what is in the hand is not overtaken # <--
channel.basic_consume("mails.priority", on_mail)
channel.start_consuming()
