import amqp from "amqplib";

const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createChannel();

await channel.prefetch({{prefetch}}); // at most so many messages without an ack // <--

await channel.consume(
  "{{queue}}",
  async (message) => {
    // "after receive": a crash here loses nothing, the broker still has the message.
    let order;
    try {
      order = JSON.parse(message.content.toString());
    } catch {
      channel.reject(message, false); // no requeue: to the dead letter exchange // <--
      return;
    }
    if (message.fields.redelivered) { // <--
      console.log(`${order.orderId} was delivered before, perhaps mailed before`);
    }
    await sendMail(order);
    // "after work": a crash here sends the mail a second time.
    channel.ack(message); // <--
  },
  { noAck: false }, // true: the broker forgets the message when it sends it // <--
);

async function sendMail(order) {
  console.log(`mailing the buyer of ${order.orderId}`);
}
