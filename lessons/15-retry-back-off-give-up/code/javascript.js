import amqp from "amqplib";

const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createChannel();

await channel.assertExchange("tasks", "topic");
await channel.assertExchange("dlx", "topic");
await channel.assertQueue("{{queue}}", { deadLetterExchange: "dlx" }); // <--
await channel.bindQueue("{{queue}}", "tasks", "task.label.#");

// Nobody consumes a rung. Its messages expire and return under the next key.
const delays = [{{first_ms}}, {{second_ms}}, {{third_ms}}];
for (const [index, delay] of delays.entries()) {
  const rung = `{{queue}}.retry-${delay / 1000}s`;
  await channel.assertQueue(rung, {
    messageTtl: delay, // <--
    deadLetterExchange: "tasks", // <--
    deadLetterRoutingKey: `task.label.retry-${index + 1}`, // <--
  });
  const key = index === 0 ? "task.label" : `task.label.retry-${index}`;
  await channel.bindQueue(rung, "dlx", key);
}
await channel.assertQueue("dead-letters");
await channel.bindQueue("dead-letters", "dlx", "task.label.retry-3"); // <--

await channel.consume("{{queue}}", (message) => {
  try {
    const { address } = JSON.parse(message.content.toString());
    if (!address) throw new Error("the address is malformed");
    channel.ack(message);
  } catch {
    channel.reject(message, false); // not requeued: to the dead letter exchange // <--
  }
});
