import { COMPATIBILITY, SchemaRegistry, SchemaType } from "@kafkajs/confluent-schema-registry";
import { Kafka } from "kafkajs";

const registry = new SchemaRegistry({ host: "http://schema-registry:8081" });
const schema = JSON.stringify({
  type: "record",
  name: "Order",
  namespace: "shop",
  fields: [
    { name: "order_id", type: "string" },
    { name: "amount_cents", type: "int" },
    { name: "coupon", type: ["null", "string"], default: null }, // new, with a default // <--
  ],
});

// Throws if the version is not compatible with the ones before it.
const { id } = await registry.register( // <--
  { type: SchemaType.AVRO, schema },
  { subject: "{{topic}}-value", compatibility: COMPATIBILITY.{{compatibility}} },
);

const kafka = new Kafka({ clientId: "checkout", brokers: ["broker-1:9092"] });
const producer = kafka.producer();
await producer.connect();

export async function publish(order) {
  // Throws if the order does not fit: nothing is sent.
  const value = await registry.encode(id, order); // <--
  await producer.send({ topic: "{{topic}}", messages: [{ key: order.order_id, value }] });
}
