import { Kafka } from "kafkajs";

const kafka = new Kafka({ clientId: "{{group}}", brokers: ["broker-1:9092"] });

// Start this program as often as you like, up to {{partitions}} times: each is a member.
const consumer = kafka.consumer({ groupId: "{{group}}" }); // <--

consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
  const mine = payload.memberAssignment["{{topic}}"] ?? []; // <--
  console.log(mine.length > 0 ? `partitions ${mine.join(", ")}` : "idle");
});

await consumer.connect();
await consumer.subscribe({
  topics: ["{{topic}}"],
  fromBeginning: true, // a group without a position begins at the oldest record // <--
});
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    console.log(`points for ${message.key}, from partition ${partition}`);
  },
});
