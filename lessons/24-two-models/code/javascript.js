import { Kafka } from "kafkajs";

const kafka = new Kafka({ brokers: ["kafka:9092"] });
const producer = kafka.producer();
await producer.connect();

// The write side: the answer names the place of the record.
export async function placeOrder(order) {
  const messages = [{ key: order.id, value: JSON.stringify(order) }];
  const [written] = await producer.send({ topic: "{{topic}}", messages });
  return { partition: written.partition, offset: Number(written.baseOffset) }; // <--
}

// The read side: a list in memory, and how far each partition is folded.
const list = new Map();
const folded = new Map();
const consumer = kafka.consumer({ groupId: "{{group}}" }); // another group, another model // <--
await consumer.connect();
await consumer.subscribe({ topic: "{{topic}}", fromBeginning: true }); // <--
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    list.set(message.key.toString(), JSON.parse(message.value.toString()));
    folded.set(partition, Number(message.offset)); // <--
  },
});

/** The orders, once the reader's own write is among them, or after two seconds. */
export async function orders(own) {
  const until = Date.now() + 2000;
  while ((folded.get(own.partition) ?? -1) < own.offset && Date.now() < until) { // <--
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return [...list.values()];
}
