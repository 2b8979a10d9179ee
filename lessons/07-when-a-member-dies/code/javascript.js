import { Kafka } from "kafkajs";

const kafka = new Kafka({ clientId: "inventory", brokers: ["broker-1:9092"] });
// All assignors of kafkajs are eager.
const consumer = kafka.consumer({
  groupId: "{{group}}",
  sessionTimeout: {{session_timeout}}, // without a heartbeat for so long: dead // <--
  heartbeatInterval: 3000,
  rebalanceTimeout: {{max_poll_interval}}, // how long a rebalance waits for this member
});

consumer.on(consumer.events.REBALANCING, ({ payload }) => {
  console.log(`group ${payload.groupId} rebalances`);
});

await consumer.connect();
await consumer.subscribe({ topic: "{{topic}}" });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ topic, partition, message, heartbeat }) => {
    await reserve(JSON.parse(message.value.toString()));
    await heartbeat(); // kafkajs beats here, not in a thread of its own // <--
    // A crash before this line: the next owner reserves again.
    const offset = (BigInt(message.offset) + 1n).toString();
    await consumer.commitOffsets([{ topic, partition, offset }]); // <--
  },
});

async function reserve(order) {
  console.log(`reserving for ${order.orderId}`);
}
