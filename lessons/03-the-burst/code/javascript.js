import express from "express";
import { Kafka } from "kafkajs";

const kafka = new Kafka({ clientId: "shop", brokers: ["broker-1:9092"] });
const producer = kafka.producer();
await producer.connect();

const app = express();
app.use(express.json());

// Charged inside the request: above the capacity of the gateway everyone waits.
app.post("/synchronous", async (request, response) => {
  const signal = AbortSignal.timeout({{patience}}); // stops the waiting, not the charge // <--
  const body = JSON.stringify(request.body);
  const answer = await fetch("http://gateway/charges", { method: "POST", body, signal });
  response.sendStatus(answer.ok ? 200 : 502);
});

// Written down and answered: a burst becomes a backlog.
app.post("/checkout", async (request, response) => {
  const { orderId } = request.body;
  const messages = [{ key: orderId, value: JSON.stringify(request.body) }];
  await producer.send({ topic: "{{topic}}", messages }); // <--
  response.sendStatus(202);
});
app.listen(8080);

// Another process. Start more of them: as many as there are partitions share the work.
const consumer = kafka.consumer({ groupId: "{{group}}" }); // <--
await consumer.connect();
await consumer.subscribe({ topic: "{{topic}}", fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    console.log(`charging the card of order ${message.key}`); // at its own pace // <--
  },
});
