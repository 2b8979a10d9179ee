import amqp from "amqplib";

const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createChannel();

await channel.assertQueue("{{queue}}");
await channel.prefetch({{prefetch}}); // unacked jobs of this worker; 0 is unlimited // <--
await channel.consume("{{queue}}", async (job) => {
  await resize(JSON.parse(job.content.toString()));
  channel.ack(job); // makes room for the next one // <--
});

// One consumer at a time, the others stand by.
await channel.assertQueue("{{single}}", {
  arguments: { "x-single-active-consumer": true }, // <--
});
await channel.consume("{{single}}", (event) => {
  console.log(event.fields.deliveryTag, event.content.toString());
  channel.ack(event);
});

async function resize(image) {
  console.log("resizing", image.orderId);
}
