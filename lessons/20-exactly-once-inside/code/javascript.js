import { Kafka } from "kafkajs";

const kafka = new Kafka({ brokers: ["kafka:9092"] });
const charge = async (id) => console.log(`charging ${id}, the id is the Idempotency-Key`);
// transactionalId implies numbered batches; one id for each instance.
const producer = kafka.producer({
  transactionalId: "payment-1", // <--
  idempotent: true, // <--
  maxInFlightRequests: 1,
});
const consumer = kafka.consumer({ groupId: "{{group}}" });
// For whoever reads {{out}}: kafkajs is read_committed unless readUncommitted is true. // <--

await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic: "{{in}}", fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ topic, partition, message }) => {
    await charge(message.key.toString()); // outside: no abort takes it back // <--
    const transaction = await producer.transaction(); // <--
    try {
      const { key, value } = message;
      await transaction.send({ topic: "{{out}}", messages: [{ key, value }] });
      const offset = (BigInt(message.offset) + 1n).toString();
      const topics = [{ topic, partitions: [{ partition, offset }] }];
      await transaction.sendOffsets({ consumerGroupId: "{{group}}", topics }); // <--
      await transaction.commit(); // <--
    } catch (error) {
      await transaction.abort();
      throw error;
    }
  },
});
