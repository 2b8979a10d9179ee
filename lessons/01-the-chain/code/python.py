import requests
from flask import Flask, jsonify, request

app = Flask(__name__)


def call(service, order):
    response = requests.post(f"http://{service}/orders", json=order, timeout=30)
    response.raise_for_status()


@app.post("/checkout")
def checkout():
    order = request.get_json()
    try:
        call("payment", order)  #   {{payment_ms}} ms, and the card is charged # <--
        call("inventory", order)  # {{inventory_ms}} ms # <--
        call("email", order)  #     {{email_ms}} ms # <--
        call("warehouse", order)  # {{warehouse_ms}} ms # <--
        call("analytics", order)  # {{analytics_ms}} ms # <--
    except requests.RequestException as error:
        # Whatever happened before the failing call stays done. # <--
        return jsonify(error=str(error)), 502
    return jsonify(orderId=order["orderId"])
