import amqp from "amqplib";

const breaker = { failed: 0, openUntil: 0 };

async function charge(order) {
  if (Date.now() < breaker.openUntil) throw new Error("the breaker is open"); // <--
  if (breaker.openUntil > 0) breaker.openUntil = Date.now() + {{open_ms}}; // half-open: one // <--
  try {
    const signal = AbortSignal.timeout({{timeout_ms}}); // <--
    const url = "http://payment/charges";
    const response = await fetch(url, { method: "POST", body: order, signal });
    if (response.status >= 500) throw new Error(`${response.status}`);
    Object.assign(breaker, { failed: 0, openUntil: 0 }); // closed
  } catch (error) {
    breaker.failed += 1;
    if (breaker.failed >= {{failures}}) breaker.openUntil = Date.now() + {{open_ms}}; // <--
    throw error;
  }
}

/** Before attempt 2, 3, …: 1 s, 2 s, 4 s, at most 16 s, half of it drawn. */
export function pause(attempt) {
  const longest = Math.min(1000 * 2 ** (attempt - 2), 16_000); // <--
  return longest / 2 + (Math.random() * longest) / 2; // jitter // <--
}

const channel = await (await amqp.connect("amqp://rabbitmq")).createChannel();
await channel.prefetch({{places}}); // at most so many calls at once: a bulkhead // <--
await channel.consume("{{queue}}", (task) =>
  charge(task.content).then(
    () => channel.ack(task),
    () => channel.reject(task, false), // to a queue with a time to live, and back // <--
  ));
