import { Kafka } from "kafkajs";
import pg from "pg";

const pool = new pg.Pool();
const producer = new Kafka({ brokers: ["kafka:9092"] }).producer();
await producer.connect();

export async function placeOrder(order) {
  const db = await pool.connect();
  try {
    await db.query("BEGIN"); // one transaction for both rows // <--
    const row = [order.orderId, JSON.stringify(order)];
    await db.query("INSERT INTO orders (id, body) VALUES ($1, $2)", row);
    await db.query("INSERT INTO outbox (key, body) VALUES ($1, $2)", row); // <--
    await db.query("COMMIT"); // <--
  } catch (error) {
    await db.query("ROLLBACK");
    throw error;
  } finally {
    db.release();
  }
}

async function relay() {
  const { rows } = await pool.query("SELECT id, key, body FROM outbox ORDER BY id LIMIT 100");
  for (const { id, key, body } of rows) {
    const messages = [{ key, value: body }];
    await producer.send({ topic: "{{topic}}", messages }); // first publish // <--
    await pool.query("DELETE FROM outbox WHERE id = $1", [id]); // then delete // <--
  }
  setTimeout(relay, 500);
}

await relay();
