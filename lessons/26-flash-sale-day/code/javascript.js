import amqp from "amqplib";

const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createConfirmChannel(); // <--

// A few letters are business. Many say that something is broken.
const { messageCount } = await channel.checkQueue("{{queue}}"); // <--
if (messageCount > {{above}}) console.error(`alert: ${messageCount} dead letters`); // <--

// No more than were there: those that come back meanwhile wait for the next time.
for (let left = messageCount; left > 0; left -= 1) {
  const letter = await channel.get("{{queue}}", { noAck: false }); // <--
  if (!letter) break;
  const order = repaired(JSON.parse(letter.content.toString()));
  const key = letter.fields.routingKey.replace(/\.retry-\d$/, ""); // the first rung again
  const { messageId } = letter.properties;
  channel.publish("tasks", key, Buffer.from(JSON.stringify(order)), { // <--
    persistent: true,
    messageId,
  });
  await channel.waitForConfirms(); // <--
  channel.ack(letter); // last: a crash before it doubles a letter and loses none // <--
}
await channel.close();
await connection.close();

function repaired(order) {
  return order.address ? order : { ...order, address: "1 Harbour Road" };
}
