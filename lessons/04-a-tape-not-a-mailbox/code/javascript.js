import { Kafka } from "kafkajs";
import amqp from "amqplib";

const kafka = new Kafka({ clientId: "{{group}}", brokers: ["broker-1:9092"] });
const consumer = kafka.consumer({
  groupId: "{{group}}", // the position belongs to this name // <--
  sessionTimeout: {{session}},
});
await consumer.connect();
// Where a group begins that has no position yet.
await consumer.subscribe({ topics: ["{{topic}}"], fromBeginning: true }); // <--
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    // The record stays. Only the position of this group moves behind it.
    console.log(`${partition}@${message.offset}: ${message.key}`); // <--
  },
});

// Read all of it again: run the program with --again.
if (process.argv.includes("--again")) {
  consumer.seek({ topic: "{{topic}}", partition: 0, offset: "0" }); // <--
}

// The queue: each message goes to one worker, and the ack removes it.
const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createChannel();
await channel.consume("{{queue}}", (message) => {
  console.log(`mailing the buyer of ${message.properties.correlationId}`);
  channel.ack(message); // <--
});
