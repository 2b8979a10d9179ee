import { Kafka } from "kafkajs";

const kafka = new Kafka({
  clientId: "checkout",
  brokers: ["broker-1:9092", "broker-2:9092", "broker-3:9092"],
  requestTimeout: {{request_timeout}},
});

// Three copies, of which two must have a record before it is acknowledged.
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({
  topics: [{
    topic: "{{topic}}",
    numPartitions: 1,
    replicationFactor: 3,
    configEntries: [
      { name: "min.insync.replicas", value: "2" }, // <--
      { name: "unclean.leader.election.enable", value: "false" },
    ],
  }],
});
await admin.disconnect();

const producer = kafka.producer({ idempotent: true });
await producer.connect();

export async function publish(order) {
  await producer.send({
    topic: "{{topic}}",
    acks: -1, // all that are in sync; 1: the leader alone // <--
    messages: [{ key: order.orderId, value: JSON.stringify(order) }],
  });
}
