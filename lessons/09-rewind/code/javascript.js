import { Kafka } from "kafkajs";

const kafka = new Kafka({ clientId: "payment", brokers: ["broker-1:9092"] });

if (process.argv.includes("--rewind")) {
  const admin = kafka.admin();
  await admin.connect();
  // Back to the oldest records. The group must have no members.
  await admin.resetOffsets({ groupId: "{{group}}", topic: "{{topic}}", earliest: true }); // <--
  await admin.disconnect();
}

const consumer = kafka.consumer({ groupId: "{{group}}" });
await consumer.connect();
// Asked only when the group has no valid offset; false is latest, true is earliest.
await consumer.subscribe({ topic: "{{topic}}", fromBeginning: true }); // <--

const charged = new Set(); // in real life a table that outlives the process
await consumer.run({
  eachMessage: async ({ message }) => {
    const orderId = message.key.toString();
    if (charged.has(orderId)) { // <--
      return; // read again, and done before
    }
    await charge(orderId);
    charged.add(orderId);
  },
});

async function charge(orderId) {
  console.log(`charging for ${orderId}`);
}
