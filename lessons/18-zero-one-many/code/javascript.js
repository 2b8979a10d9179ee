import { Kafka } from "kafkajs";

const kafka = new Kafka({ clientId: "payment", brokers: ["kafka:9092"] });
const consumer = kafka.consumer({ groupId: "{{group}}", sessionTimeout: {{session_timeout_ms}} });

await consumer.connect();
await consumer.subscribe({ topic: "{{topic}}", fromBeginning: true });

await consumer.run({
  autoCommit: false, // <--
  eachMessage: async ({ topic, partition, message }) => {
    const next = (BigInt(message.offset) + 1n).toString();
    // "after receive". A commit here, before the work, is at most once.
    await charge(JSON.parse(message.value.toString()));
    // "after work": a crash here charges the card a second time.
    await consumer.commitOffsets([{ topic, partition, offset: next }]); // at least once // <--
  },
});

async function charge(order) {
  console.log(`charging ${order.orderId}`);
}
