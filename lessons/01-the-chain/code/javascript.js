import express from "express";

const app = express();
app.use(express.json());

async function call(service, order) {
  const response = await fetch(`http://${service}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  });
  if (!response.ok) throw new Error(`${service}: ${response.status}`);
}

app.post("/checkout", async (request, response) => {
  const order = request.body;
  try {
    await call("payment", order); //   {{payment_ms}} ms, and the card is charged // <--
    await call("inventory", order); // {{inventory_ms}} ms // <--
    await call("email", order); //     {{email_ms}} ms // <--
    await call("warehouse", order); // {{warehouse_ms}} ms // <--
    await call("analytics", order); // {{analytics_ms}} ms // <--
    response.status(200).json({ orderId: order.orderId });
  } catch (error) {
    // Whatever happened before the failing call stays done. // <--
    response.status(502).json({ error: error.message });
  }
});

app.listen(8080);
