//! Orders: what a buyer sends, and how the messages about it are told apart.
//!
//! Every message carries its order as a JSON document; its key in Kafka and its correlation id in
//! RabbitMQ are the order's id, `order-1042`.

use std::rc::Rc;

use serde::Serialize;
use serde_json::{Value, json};

/// The payload of every message about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    pub order_id: String,
    pub amount_cents: u32,
    pub country: String,
    /// Empty when the buyer mistyped it.
    pub address: String,
    /// False when the issuer of the card will decline the charge.
    pub card_is_good: bool,
    /// True when the card was charged before the order was published.
    pub paid: bool,
    /// 0 is normal, more is more urgent.
    #[serde(skip_serializing_if = "is_normal")]
    pub priority: u8,
}

fn is_normal(priority: &u8) -> bool {
    *priority == 0
}

impl Order {
    pub fn id(number: u32) -> String {
        numbered("order-", number.into())
    }

    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Rc<[u8]> {
        serde_json::to_vec(self).expect("an order has only strings and numbers").into()
    }

    /// Reads a payload; a poisoned one is no order.
    pub fn from_bytes(bytes: &[u8]) -> Option<Order> {
        let text = std::str::from_utf8(bytes).ok()?;
        Order::as_written(text).or_else(|| Order::read(&crate::json::parse(text).ok()?).ok())
    }

    /// Reads what `to_bytes` writes, as nearly every payload is, without a document in between.
    fn as_written(text: &str) -> Option<Order> {
        let mut rest = text;
        let order = Order {
            order_id: words(&mut rest, "{\"order_id\":\"")?.to_owned(),
            amount_cents: number(&mut rest, "\",\"amount_cents\":")?,
            country: words(&mut rest, ",\"country\":\"")?.to_owned(),
            address: words(&mut rest, "\",\"address\":\"")?.to_owned(),
            card_is_good: truth(&mut rest, "\",\"card_is_good\":")?,
            paid: truth(&mut rest, ",\"paid\":")?,
            priority: if rest == "}" { 0 } else { number(&mut rest, ",\"priority\":")? },
        };
        (rest == "}").then_some(order)
    }

    /// An error is the first field that is missing or of another kind, and what it should be.
    fn read(document: &Value) -> Result<Order, (&'static str, &'static str)> {
        let words = |name: &'static str| {
            let text = document.get(name).and_then(Value::as_str).map(str::to_owned);
            text.ok_or((name, "a text"))
        };
        let natural = |name: &'static str, most: u32, default: Option<u64>| {
            let number = document.get(name).map_or(default, Value::as_u64);
            let number = number.and_then(|number| u32::try_from(number).ok());
            number.filter(|number| *number <= most).ok_or((name, "a whole number"))
        };
        let truth = |name: &'static str, default: Option<bool>| {
            let value = document.get(name).map_or(default, Value::as_bool);
            value.ok_or((name, "true or false"))
        };
        Ok(Order {
            order_id: words("order_id")?,
            amount_cents: natural("amount_cents", u32::MAX, None)?,
            country: words("country")?,
            address: words("address")?,
            card_is_good: truth("card_is_good", None)?,
            paid: truth("paid", Some(false))?,
            priority: natural("priority", u8::MAX.into(), Some(0))? as u8,
        })
    }

    /// Reads a payload that somebody has written; an error says the line and what is wrong there.
    pub fn from_text(text: &str) -> Result<Order, String> {
        let document = crate::json::parse(text).map_err(|error| error.to_string())?;
        Order::read(&document).map_err(|(field, kind)| {
            let named = |line: &str| line.contains(&format!("\"{field}\""));
            match text.lines().position(named) {
                Some(line) => format!("line {}, field {field}: this is not {kind}", line + 1),
                None => format!("the field {field} is missing; it is {kind}"),
            }
        })
    }

    /// The payload with a line for each field, to be read and changed.
    pub fn text_of(bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes).into_owned();
        match crate::json::parse(&text) {
            Ok(Value::Object(fields)) => {
                let line = |(name, value): (&String, &Value)| {
                    format!("  \"{name}\": {}", crate::json::text(value))
                };
                let lines: Vec<String> = fields.iter().map(line).collect();
                format!("{{\n{}\n}}", lines.join(",\n"))
            }
            _ => text,
        }
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

/// A name that ends in a number. Every message has some, and `format!` takes its time.
pub fn numbered(prefix: &str, number: u64) -> String {
    let mut digits = [0; 20];
    let (mut start, mut rest) = (digits.len(), number);
    while start == digits.len() || rest > 0 {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let mut name = String::with_capacity(prefix.len() + digits.len() - start);
    name.push_str(prefix);
    name.push_str(std::str::from_utf8(&digits[start..]).expect("digits are text"));
    name
}

/// Takes these signs off a document, and a text without escapes that follows them.
fn words<'a>(rest: &mut &'a str, signs: &str) -> Option<&'a str> {
    let text = rest.strip_prefix(signs)?;
    let end = text.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..b' '))?;
    *rest = &text[end..];
    Some(&text[..end])
}

/// The same for a whole number.
fn number<T: std::str::FromStr>(rest: &mut &str, signs: &str) -> Option<T> {
    let text = rest.strip_prefix(signs)?;
    let end = text.bytes().position(|byte| !byte.is_ascii_digit())?;
    *rest = &text[end..];
    if end > 1 && text.starts_with('0') { None } else { text[..end].parse().ok() }
}

/// The same for true or false.
fn truth(rest: &mut &str, signs: &str) -> Option<bool> {
    let text = rest.strip_prefix(signs)?;
    *rest = text.strip_prefix("true").or_else(|| text.strip_prefix("false"))?;
    Some(text.starts_with('t'))
}

/// The number in `order-1042`.
pub fn number_of(id: &str) -> Option<u32> {
    id.strip_prefix("order-")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        Order {
            order_id: Order::id(7),
            amount_cents: 4200,
            country: "NL".into(),
            address: "5 \"Quay\" Street\\".into(),
            card_is_good: true,
            paid: false,
            priority: 0,
        }
    }

    #[test]
    fn a_name_ends_in_its_number() {
        for number in [0, 7, 10, 1_042, u64::MAX] {
            assert_eq!(numbered("order-", number), format!("order-{number}"));
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for address in ["", "5 Quay Street", "5 \"Quay\" Street\\"] {
            for priority in [0, 9] {
                let order = Order { address: address.into(), priority, ..order() };
                assert_eq!(Order::from_bytes(&order.to_bytes()), Some(order));
            }
        }
    }

    #[test]
    fn an_order_is_read_however_it_is_written() {
        let spaced = r#" {"paid": false, "card_is_good": true, "address": "5 \"Quay\" Street\\",
            "country": "NL", "amount_cents": 4200, "order_id": "order-7", "more": [1]}"#;
        assert_eq!(Order::from_bytes(spaced.as_bytes()), Some(order()));
        let short = spaced.replace(r#""paid": false,"#, "");
        assert_eq!(Order::from_bytes(short.as_bytes()), Some(order()));
    }

    #[test]
    fn what_is_no_document_is_no_order() {
        let plain = Order { address: "5 Quay Street".into(), ..order() }.to_bytes();
        let plain = std::str::from_utf8(&plain).expect("JSON is text");
        for (part, other) in [
            ("4200", "+4200"),
            ("4200", "04200"),
            ("4200", "-1"),
            ("4200", "4294967296"),
            ("true", "tru"),
            ("false", "1"),
            ("NL", "N\nL"),
            ("country", "county"),
            ("}", ""),
            ("}", "}}"),
        ] {
            let damaged = plain.replace(part, other);
            assert_eq!(Order::from_bytes(damaged.as_bytes()), None, "{damaged}");
        }
    }
}
