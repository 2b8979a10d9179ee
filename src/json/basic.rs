//! The forms of numbers, texts, lists and the like.

use std::rc::Rc;

use litemap::LiteMap;
use serde_json::Value;

#[cfg(not(target_arch = "wasm32"))]
use serde_json::json;

use super::writer::list;
use super::{At, Json, Written};

#[cfg(not(target_arch = "wasm32"))]
use super::Schemas;

fn natural(at: &At<'_>, most: u64) -> u64 {
    let number = at.value().and_then(Value::as_u64).filter(|number| *number <= most);
    number.unwrap_or_else(|| {
        at.mismatch(&format!("a whole number from 0 to {most}"));
        0
    })
}

fn text<'a>(at: &At<'a>) -> &'a str {
    at.text().unwrap_or_else(|| {
        at.mismatch("a text");
        ""
    })
}

macro_rules! naturals {
    ($($natural:ident)*) => { $(
        impl Json for $natural {
            fn read(at: &At<'_>) -> $natural {
                natural(at, $natural::MAX.into()) as $natural
            }

            fn write(&self) -> Value {
                Value::from(*self)
            }

            #[cfg(not(target_arch = "wasm32"))]
            fn schema(_: &mut Schemas) -> Value {
                let format = format!("uint{}", $natural::BITS);
                let mut schema = json!({"type": "integer", "format": format, "minimum": 0});
                if $natural::BITS < u32::BITS {
                    schema["maximum"] = $natural::MAX.into();
                }
                schema
            }
        }
    )* };
}

naturals! { u8 u16 u32 u64 }

impl Json for i64 {
    fn read(at: &At<'_>) -> i64 {
        at.value().and_then(Value::as_i64).unwrap_or_else(|| {
            at.mismatch("a whole number");
            0
        })
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut Schemas) -> Value {
        json!({"type": "integer", "format": "int64"})
    }
}

impl Json for bool {
    fn read(at: &At<'_>) -> bool {
        at.value().and_then(Value::as_bool).unwrap_or_else(|| {
            at.mismatch("true or false");
            false
        })
    }

    fn write(&self) -> Value {
        Value::from(*self)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(_: &mut Schemas) -> Value {
        json!({"type": "boolean"})
    }
}

macro_rules! texts {
    ($($text:ty)*) => { $(
        impl Json for $text {
            fn read(at: &At<'_>) -> $text {
                text(at).into()
            }

            fn write(&self) -> Value {
                Value::from(&**self)
            }

            #[cfg(not(target_arch = "wasm32"))]
            fn schema(_: &mut Schemas) -> Value {
                json!({"type": "string"})
            }
        }
    )* };
}

texts! { String Rc<str> }

/// Anything.
impl Json for Value {
    fn read(at: &At<'_>) -> Value {
        at.value().cloned().unwrap_or_default()
    }

    fn write(&self) -> Value {
        self.clone()
    }
}

/// Null is none.
impl<T: Json> Json for Option<T> {
    fn read(at: &At<'_>) -> Option<T> {
        at.value().filter(|value| !value.is_null()).map(|_| T::read(at))
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(schemas: &mut Schemas) -> Value {
        super::schema::or_null(T::schema(schemas))
    }
}

impl<T: Json> Json for Box<T> {
    fn read(at: &At<'_>) -> Box<T> {
        Box::new(T::read(at))
    }

    fn write(&self) -> Value {
        (**self).write()
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(schemas: &mut Schemas) -> Value {
        T::schema(schemas)
    }
}

impl<T: Json> Json for Vec<T> {
    fn read(at: &At<'_>) -> Vec<T> {
        let mut items = Vec::new();
        at.each_item(&mut |at| items.push(T::read(at)));
        items
    }

    fn write(&self) -> Value {
        list(self.len(), &|place| self[place].write())
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(schemas: &mut Schemas) -> Value {
        json!({"type": "array", "items": T::schema(schemas)})
    }
}

/// A pair is a list of two.
impl<A: Json, B: Json> Json for (A, B) {
    fn read(at: &At<'_>) -> (A, B) {
        let nowhere = At::nowhere();
        match at.items() {
            [a, b] => (A::read(&at.item(0, a)), B::read(&at.item(1, b))),
            _ => {
                at.refuse("expected a list of two".to_owned());
                (A::read(&nowhere), B::read(&nowhere))
            }
        }
    }

    fn write(&self) -> Value {
        Value::Array(vec![self.0.write(), self.1.write()])
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(schemas: &mut Schemas) -> Value {
        let items = [A::schema(schemas), B::schema(schemas)];
        json!({"type": "array", "minItems": 2, "maxItems": 2, "prefixItems": items})
    }
}

/// Names with values are an object.
impl<K: Json + Ord + AsRef<str> + for<'a> From<&'a str>, T: Json> Json for LiteMap<K, T> {
    fn read(at: &At<'_>) -> LiteMap<K, T> {
        let mut fields = Vec::new();
        at.each_field(&mut |name, at| fields.push((name.into(), T::read(at))));
        // A parsed object has its fields in order.
        LiteMap::from_sorted_store_unchecked(fields)
    }

    fn write(&self) -> Value {
        let mut object = Written::default();
        for (name, value) in self {
            object.put(name.as_ref(), value);
        }
        object.into_value()
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn schema(schemas: &mut Schemas) -> Value {
        json!({"type": "object", "additionalProperties": T::schema(schemas)})
    }
}
