import { Kafka, Kafkaesque } from "kafkajs"; // wrong
import { KafkaJSProtocolError } from "kafkajs"; // wrong
import amqp from "amqplib";

const kafka = new Kafka({ clientId: "planted", brokers: ["broker-1:9092"] });
const consumer = kafka.consumer({
  groupId: "planted",
  sessionTimeoutMs: 6000, // wrong
});
await consumer.subscribe({ topics: "orders" }); // wrong
await consumer.commit(); // wrong

const unused = 1; // wrong
const channel = await (await amqp.connect("amqp://rabbitmq")).createChannel();
await channel.assertQueue("orders", { timeToLive: 1000 }); // wrong
channel.publish("tasks", "key", { orderId: 1 }); // wrong
channel.ackknowledge(undeclared); // wrong
console.log(Kafkaesque, KafkaJSProtocolError);
