import { Kafka, Partitioners } from "kafkajs";

const kafka = new Kafka({ clientId: "checkout", brokers: ["broker-1:9092"] });
const producer = kafka.producer({
  createPartitioner: Partitioners.DefaultPartitioner, // murmur2, as the Java client has it // <--
});
await producer.connect();

export async function tell(event, order) {
  const [report] = await producer.send({
    topic: "{{topic}}",
    messages: [
      {
        key: order.orderId, // one partition for all events of an order // <--
        // key: order.country would keep order too, and overload one partition.
        headers: { event }, // "{{event}}", "paid", "shipped"
        value: JSON.stringify(order),
      },
    ],
  });
  console.log(`${order.orderId} ${event}: ${report.partition}@${report.baseOffset}`);
}

await tell("{{event}}", { orderId: "order-17", country: "NL" });
await producer.disconnect();
