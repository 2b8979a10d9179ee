//! Orders: what a buyer sends, and how the messages about it are told apart.
//!
//! Every message carries its order as a JSON document; its key in Kafka and its correlation id in
//! RabbitMQ are the order's id, `order-1042`.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The payload of every message about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub order_id: String,
    pub amount_cents: u32,
    pub country: String,
    /// Empty when the buyer mistyped it.
    pub address: String,
    /// False when the issuer of the card will decline the charge.
    pub card_is_good: bool,
    /// True when the card was charged before the order was published.
    #[serde(default)]
    pub paid: bool,
    /// 0 is normal, more is more urgent.
    #[serde(default, skip_serializing_if = "is_normal")]
    pub priority: u8,
}

fn is_normal(priority: &u8) -> bool {
    *priority == 0
}

impl Order {
    pub fn id(number: u32) -> String {
        format!("order-{number}")
    }

    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Rc<[u8]> {
        serde_json::to_vec(self).expect("an order has only strings and numbers").into()
    }

    /// Reads a payload; a poisoned one is no order.
    pub fn from_bytes(bytes: &[u8]) -> Option<Order> {
        serde_json::from_str(std::str::from_utf8(bytes).ok()?).ok()
    }

    /// A document about an order with what it does not say left blank.
    pub fn with_gaps_filled(number: u32, document: Value) -> Value {
        let mut whole = json!({
            "order_id": Order::id(number), "amount_cents": 0, "country": "", "address": "",
            "card_is_good": true,
        });
        if let (Value::Object(whole), Value::Object(said)) = (&mut whole, document) {
            whole.extend(said.into_iter().filter(|(_, value)| !value.is_null()));
        }
        whole
    }

    pub fn has_address(&self) -> bool {
        !self.address.is_empty()
    }
}

/// The number in `order-1042`.
pub fn number_of(id: &str) -> Option<u32> {
    id.strip_prefix("order-")?.parse().ok()
}
