//! One order as it is drawn: hue by its key, shape by its state.

use crate::engine::kafka::key_hue;
use crate::engine::rabbitmq::{DeathReason, Message, QueuedMessage};

use super::geometry::{Point, at};
use super::shape::{Align, Face, Scene, Spot, Stroke, Tone};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Fresh,
    /// Tried before; the attempt it waits for, if it is known.
    Tried(Option<u32>),
    GivenUp,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token {
    pub order: u32,
    pub hue: u8,
    pub form: Form,
}

impl Token {
    pub fn fresh(order: u32) -> Token {
        Token { order, hue: hue_of(order), form: Form::Fresh }
    }

    pub fn keyed(key: Option<&[u8]>) -> Token {
        let hue = key.map_or(0, key_hue);
        Token { order: key.and_then(number_in).unwrap_or(0), hue, form: Form::Fresh }
    }

    /// A message by what the broker knows of it.
    pub fn queued(queued: &QueuedMessage, dead: bool) -> Token {
        let mut token = Token::of(&queued.message);
        token.form = match token.form {
            _ if dead => Form::GivenUp,
            Form::Fresh if queued.redelivered => Form::Tried(None),
            form => form,
        };
        token
    }

    pub fn of(message: &Message) -> Token {
        let key = message.properties().correlation_id.as_deref().map(str::as_bytes);
        let rejections: u64 = message
            .deaths()
            .iter()
            .filter(|death| death.reason == DeathReason::Rejected)
            .map(|death| death.count)
            .sum();
        let form =
            if rejections == 0 { Form::Fresh } else { Form::Tried(Some(rejections as u32 + 1)) };
        Token { form, ..Token::keyed(key) }
    }
}

/// Draws tokens and remembers where they are, so that a click finds them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pen {
    pub followed: Option<u32>,
    pub selected: Option<u32>,
}

impl Pen {
    pub fn token(&self, scene: &mut Scene, token: Token, place: Point, radius: f32, alpha: f32) {
        let rim = Stroke::solid(Tone::KeyEdge, 1.0);
        let (spot, stroke) = match token.form {
            Form::Fresh => (Spot::Circle, rim),
            Form::Tried(_) => (Spot::Diamond, rim),
            Form::GivenUp => (Spot::Triangle, Stroke::solid(Tone::Fail, 1.6)),
        };
        let paint = (Some(Tone::Key(token.hue)), Some(stroke));
        scene.spot(spot, place, radius, paint, alpha);
        if let Form::Tried(Some(attempt)) = token.form
            && radius >= 6.0
        {
            let base = at(place.x, place.y + 3.6);
            scene.write(base, format_args!("{attempt}"), Face::Digit, Tone::Ink, Align::Middle);
        }
        if token.order > 0 {
            scene.mark(place, token.order);
            let chosen = Some(token.order);
            if self.followed == chosen || self.selected == chosen {
                scene.ring(place, radius + 4.0, Stroke::solid(Tone::Text, 1.5), 1.0);
            }
        }
    }
}

/// The number in `order-1042`.
pub fn number_in(key: &[u8]) -> Option<u32> {
    let digits = key.strip_prefix(b"order-")?;
    let mut number: u32 = 0;
    for digit in digits {
        let value = digit.checked_sub(b'0').filter(|value| *value < 10)?;
        number = number.checked_mul(10)?.checked_add(u32::from(value))?;
    }
    (!digits.is_empty()).then_some(number)
}

/// Calls back with an order's key, built without allocating.
pub fn with_key<T>(order: u32, use_key: impl FnOnce(&[u8]) -> T) -> T {
    let mut buffer = *b"order-0000000000";
    let mut digits = [0_u8; 10];
    let mut count = 0;
    let mut rest = order;
    loop {
        digits[count] = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
        if rest == 0 {
            break;
        }
    }
    for index in 0..count {
        buffer[6 + index] = digits[count - 1 - index];
    }
    use_key(&buffer[..6 + count])
}

/// The hue of an order's key.
pub fn hue_of(order: u32) -> u8 {
    with_key(order, key_hue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_number_are_each_others_inverse() {
        for order in [1, 9, 10, 1_042, u32::MAX] {
            assert_eq!(with_key(order, number_in), Some(order));
            assert_eq!(with_key(order, <[u8]>::to_vec), format!("order-{order}").into_bytes());
        }
        assert_eq!(number_in(b"order-"), None);
        assert_eq!(number_in(b"parcel-7"), None);
    }
}
