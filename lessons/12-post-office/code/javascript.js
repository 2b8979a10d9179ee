import amqp from "amqplib";

const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createChannel();

await channel.assertExchange("unrouted", "fanout");
await channel.assertExchange("tasks", "direct");
await channel.assertExchange("orders", "topic");
await channel.assertExchange("parcels", "headers", { alternateExchange: "unrouted" }); // <--

const queues = ["email-notifications", "completed-orders", "all-orders", "express-parcels", "strays"];
for (const queue of queues) {
  await channel.assertQueue(queue);
}
await channel.bindQueue("email-notifications", "tasks", "{{bound}}"); // equal // <--
await channel.bindQueue("completed-orders", "orders", "order.completed.*"); // one word // <--
await channel.bindQueue("all-orders", "orders", "{{all}}"); // zero words or more // <--
const both = { "x-match": "all", country: "us", express: true };
await channel.bindQueue("express-parcels", "parcels", "", both); // <--
await channel.bindQueue("strays", "unrouted", "");

channel.on("return", (message) => {
  console.log("no queue for", message.fields.routingKey); // 312 NO_ROUTE
});
const order = Buffer.from(JSON.stringify({ orderId: "order-1" }));
channel.publish("orders", "{{event}}", order, { mandatory: true, persistent: true }); // <--
channel.publish("parcels", "", order, { headers: { country: "us", express: true } });
