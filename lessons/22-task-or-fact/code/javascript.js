import amqp from "amqplib";
import { Kafka } from "kafkajs";

const kafka = new Kafka({ clientId: "shop", brokers: ["kafka:9092"] });
const producer = kafka.producer();
await producer.connect();
const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createChannel();

export async function paid(order) {
  // The fact: what happened, for whoever reads it, in order by key.
  const value = JSON.stringify({ ...order, status: "paid" });
  await producer.send({ topic: "{{topic}}", messages: [{ key: order.orderId, value }] }); // <--
  // The task: what one worker has to do.
  const task = Buffer.from(JSON.stringify({ mail: "receipt", orderId: order.orderId }));
  channel.publish("tasks", "{{key}}", task, { persistent: true }); // <--
}

// A new team reads from the beginning and disturbs nobody.
const loyalty = kafka.consumer({ groupId: "loyalty" }); // <--
await loyalty.connect();
await loyalty.subscribe({ topics: ["{{topic}}"], fromBeginning: true }); // <--
await loyalty.run({
  eachMessage: async ({ message }) => console.log("points for", message.key.toString()),
});
// A new worker shares what comes from now on.
await channel.consume("{{queue}}", (task) => channel.ack(task)); // <--
