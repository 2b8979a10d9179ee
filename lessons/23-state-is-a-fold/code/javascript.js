import { readFile, writeFile } from "node:fs/promises";
import { Kafka } from "kafkajs";

// State and event in, state out: no clock, no calls, no effects. // <--
function fold(orders, event, order) {
  orders[order.orderId] = { status: event, cents: order.amountCents };
}

async function restore(partition) {
  const none = { next: 0, orders: {} };
  return readFile(`snapshot-${partition}.json`, "utf8").then(JSON.parse, () => none);
}

const asOf = Date.parse(process.argv[2] ?? "9999-12-31"); // such as 2025-06-01T15:00Z
const views = await Promise.all(Array.from({ length: {{partitions}} }, (_, n) => restore(n)));
const kafka = new Kafka({ clientId: "{{group}}", brokers: ["broker-1:9092"] });
const consumer = kafka.consumer({ groupId: "{{group}}" });
await consumer.connect();
await consumer.subscribe({ topics: ["{{topic}}"], fromBeginning: true });
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    if (Number(message.timestamp) > asOf) return; // what was true then // <--
    const view = views[partition];
    fold(view.orders, message.headers.event.toString(), JSON.parse(message.value.toString()));
    view.next = Number(message.offset) + 1;
    if (view.next % 50 === 0) { // the state and its position together // <--
      await writeFile(`snapshot-${partition}.json`, JSON.stringify(view));
    }
  },
});
views.forEach((view, partition) => {
  consumer.seek({ topic: "{{topic}}", partition, offset: String(view.next) }); // <--
});
