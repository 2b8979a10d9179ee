import { Kafka } from "kafkajs";

const kafka = new Kafka({ clientId: "lag-alert", brokers: ["broker-1:9092"] });
const admin = kafka.admin();
await admin.connect();

async function lagByPartition(groupId, topic) {
  const ends = await admin.fetchTopicOffsets(topic); // <--
  const [group] = await admin.fetchOffsets({ groupId, topics: [topic] }); // <--
  const committed = new Map(group.partitions.map((at) => [at.partition, Number(at.offset)]));
  return ends.map(({ partition, high, low }) => {
    const offset = committed.get(partition) ?? -1; // -1: nothing is committed yet
    return { partition, lag: Number(high) - (offset < 0 ? Number(low) : offset) }; // <--
  });
}

const lags = await lagByPartition("{{group}}", "{{topic}}");
const total = lags.reduce((sum, { lag }) => sum + lag, 0);
// All partitions late: members are missing. A few: a hot key.
console.table(lags);
if (total > {{above}}) console.error(`alert: {{group}} is ${total} behind`); // <--
await admin.disconnect();
