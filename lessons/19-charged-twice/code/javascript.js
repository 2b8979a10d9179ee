import { Kafka } from "kafkajs";
import { createClient } from "redis";

const consumer = new Kafka({ brokers: ["kafka:9092"] }).consumer({ groupId: "{{group}}" });
const done = await createClient({ url: "redis://redis" }).connect();

await consumer.connect();
await consumer.subscribe({ topic: "{{topic}}", fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ topic, partition, message }) => {
    const id = message.key.toString();
    if (!(await done.exists(`charged:${id}`))) { // <--
      await charge(id, message.value);
      // A crash here: the id is not noted, only the gateway can know.
      await done.set(`charged:${id}`, "1", { PX: {{lifetime_ms}} }); // <--
    }
    const offset = (BigInt(message.offset) + 1n).toString();
    await consumer.commitOffsets([{ topic, partition, offset }]);
  },
});

async function charge(id, body) {
  const headers = { "content-type": "application/json", "Idempotency-Key": id }; // <--
  const answer = await fetch("https://gateway/charges", { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`gateway: ${answer.status}`);
}
