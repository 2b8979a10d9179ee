import amqp from "amqplib";

const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createChannel();

await channel.assertQueue("{{queue}}", { maxLength: 10 }); // the oldest go // <--
await channel.prefetch({{prefetch}});
await channel.consume("{{queue}}", (task) => {
  console.log("mailing", task.content.toString());
  channel.ack(task);
});
