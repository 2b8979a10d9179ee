import express from "express";
import { Kafka } from "kafkajs";
import amqp from "amqplib";

const kafka = new Kafka({ clientId: "checkout", brokers: ["broker-1:9092"] });
const producer = kafka.producer();
await producer.connect();

const app = express();
app.use(express.json());

app.post("/checkout", async (request, response) => {
  const order = request.body;
  // The order is in the log when send() returns. Nobody has worked on it yet.
  await producer.send({ // <--
    topic: "{{topic}}",
    acks: -1,
    messages: [{ key: order.orderId, value: JSON.stringify(order) }],
  });
  response.status(202).json({ orderId: order.orderId }); // <--
});
app.listen(8080);

// The email worker: another process, which may be down while orders are taken.
const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createChannel();
await channel.prefetch({{prefetch}});
await channel.consume("{{queue}}", async (message) => { // <--
  await sendMail(JSON.parse(message.content.toString()));
  channel.ack(message); // <--
});

async function sendMail(order) {
  console.log(`mailing the buyer of ${order.orderId}`);
}
