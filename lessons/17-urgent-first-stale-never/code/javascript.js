import amqp from "amqplib";

const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createChannel();

await channel.assertExchange("tasks", "direct");
await channel.assertQueue("mails.priority", { maxPriority: {{max}} }); // <--
await channel.assertQueue("offers", { messageTtl: 60000, maxLength: 20 }); // <--
await channel.assertQueue("offers.flash");
await channel.bindQueue("mails.priority", "tasks", "mail");
await channel.bindQueue("offers", "tasks", "offer.day");
await channel.bindQueue("offers.flash", "tasks", "offer.flash"); // one time per queue // <--

const body = Buffer.from(JSON.stringify({ orderId: "order-1" }));
channel.publish("tasks", "mail", body, { priority: {{low}} });
channel.publish("tasks", "mail", body, { priority: {{priority}} }); // the receipt // <--
channel.publish("tasks", "offer.flash", body, { expiration: {{expiration}} }); // in ms // <--

await channel.prefetch(1); // what is in the hand is not overtaken // <--
await channel.consume("mails.priority", (mail) => {
  console.log("mailing with priority", mail.properties.priority);
  channel.ack(mail);
});
