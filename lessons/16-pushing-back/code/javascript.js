import amqp from "amqplib";
import express from "express";

const connection = await amqp.connect("amqp://rabbitmq");
const channel = await connection.createConfirmChannel(); // <--
await channel.assertQueue("{{queue}}", {
  maxLength: {{max_length}}, // <--
  arguments: { "x-overflow": "reject-publish" }, // without it: drop-head // <--
});

let depth = 0;
setInterval(async () => {
  const { messageCount } = await channel.checkQueue("{{queue}}"); // ready, not unacked // <--
  depth = messageCount;
}, 1000);

const app = express();
app.post("/orders", express.json(), async (request, response) => {
  if (depth > {{above}}) {
    return response.set("Retry-After", "30").sendStatus(503); // <--
  }
  const task = Buffer.from(JSON.stringify(request.body));
  channel.publish("tasks", "task.email", task, { persistent: true }, (refused) => { // <--
    response.sendStatus(refused ? 503 : 202); // basic.nack or basic.ack // <--
  });
});
app.listen(8080);
