//! Types that are declared together with their form in JSON.

/// Declares a struct or an enum and its form in JSON.
///
/// A struct is an object. A field with a default may be left out; a field that the type does not
/// have is a mistake. After a semicolon stands a field that keeps the whole object. An enum's
/// variant is its name in snake case, or an object with the name and what belongs to it; there,
/// what is null is not written. `as` gives another name. After a colon stand further derived
/// traits, after `=` of an enum its default. The comments become the descriptions in the schema.
macro_rules! document {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $Type:ident $(: $($derive:ident),+)? {
            $(
                $(#[doc = $field_doc:literal])*
                $field_vis:vis $field:ident $(as $name:literal)?:
                    $field_type:ty $(= $default:expr)?
            ),*
            $(;
                $(#[doc = $source_doc:literal])*
                $source_vis:vis $source:ident: $source_type:ty
            )?
            $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq $($(, $derive)+)?)]
        $vis struct $Type {
            $($(#[doc = $field_doc])* $field_vis $field: $field_type,)*
            $($(#[doc = $source_doc])* $source_vis $source: $source_type,)?
        }

        impl $crate::json::Json for $Type {
            fn read(at: &$crate::json::At<'_>) -> $Type {
                let mut fields = at.fields();
                let read = $Type {
                    $($field: $crate::json::read_field!(fields, $field $($name)?, $($default)?),)*
                    $($source: at.source(),)?
                };
                fields.finish();
                read
            }

            fn write(&self) -> serde_json::Value {
                let mut written = $crate::json::Written::default();
                $(written.put($crate::json::field_name!($field $($name)?), &self.$field);)*
                written.into_value()
            }

            #[cfg(not(target_arch = "wasm32"))]
            fn schema(schemas: &mut $crate::json::Schemas) -> serde_json::Value {
                schemas.define(stringify!($Type), concat!($($doc, "\n"),*), |schemas| {
                    let mut object = schemas.object();
                    $($crate::json::describe_field!(
                        object, $field $($name)?, $field_type,
                        concat!($($field_doc, "\n"),*), $($default)?
                    );)*
                    object.into_value()
                })
            }
        }
    };

    (
        $(#[doc = $doc:literal])*
        $vis:vis enum $Type:ident $(: $($derive:ident),+)? $(= $start:ident)? {
            $(
                $(#[doc = $variant_doc:literal])*
                $Variant:ident
                $(( $content:ty ))?
                $({ $(
                    $(#[doc = $field_doc:literal])*
                    $field:ident : $field_type:ty $(= $default:expr)?
                ),* $(,)? })?
                $(as $name:literal)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq $($(, $derive)+)?)]
        $vis enum $Type {
            $(
                $(#[doc = $variant_doc])*
                $Variant $(($content))? $({ $($(#[doc = $field_doc])* $field: $field_type),* })?,
            )*
        }

        $(impl Default for $Type {
            fn default() -> $Type {
                $Type::$start
            }
        })?

        impl $Type {
            /// Names of the variants, and whether nothing belongs to them.
            pub(crate) const VARIANTS: &[(&str, bool)] = &[$((
                $crate::json::variant_name!($Variant $($name)?),
                $crate::json::is_bare!($(($content))? $({ $($field)* })?),
            )),*];
        }

        const _: () = {
            #[derive(Clone, Copy)]
            #[allow(clippy::enum_variant_names, reason = "the names are those of the type")]
            enum Kind {
                $($Variant),*
            }

            impl $crate::json::Json for $Type {
                fn read(at: &$crate::json::At<'_>) -> $Type {
                    const KINDS: &[Kind] = &[$(Kind::$Variant),*];
                    let variant = at.variant($Type::VARIANTS);
                    match KINDS[variant.number] {
                        $(Kind::$Variant => $crate::json::read_variant!(
                            variant, $Type $Variant
                            $(($content))? $({ $($field $($default)?,)* })?
                        ),)*
                    }
                }

                fn write(&self) -> serde_json::Value {
                    let fields = &mut $crate::json::Written::default();
                    let content = &mut None;
                    let number = match self {
                        $(
                            $Type::$Variant
                            $(($crate::json::instead!($content, inner)))? $({ $($field),* })? => {
                                $(*content = Some(<$content as $crate::json::Json>::write(inner));)?
                                $($(fields.put_some(stringify!($field), $field);)*)?
                                Kind::$Variant as usize
                            }
                        )*
                    };
                    $crate::json::variant($Type::VARIANTS[number], fields, content)
                }

                #[cfg(not(target_arch = "wasm32"))]
                fn schema(schemas: &mut $crate::json::Schemas) -> serde_json::Value {
                    schemas.define(stringify!($Type), concat!($($doc, "\n"),*), |schemas| {
                        let variants = vec![$((
                            $crate::json::variant_name!($Variant $($name)?),
                            concat!($($variant_doc, "\n"),*),
                            $crate::json::describe_variant!(
                                schemas,
                                $(($content))? $({ $([
                                    $field, $field_type, concat!($($field_doc, "\n"),*), $($default)?
                                ])* })?
                            ),
                        )),*];
                        schemas.one_of(variants)
                    })
                }
            }
        };
    };
}

macro_rules! field_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

macro_rules! read_field {
    ($fields:ident, $field:ident $($name:literal)?,) => {
        $fields.read($crate::json::field_name!($field $($name)?))
    };
    ($fields:ident, $field:ident $($name:literal)?, $default:expr) => {
        $fields.read_or($crate::json::field_name!($field $($name)?), $default)
    };
}

macro_rules! variant_name {
    ($Variant:ident) => {{
        const CAMEL: &str = stringify!($Variant);
        const SNAKE: [u8; $crate::json::snake_length(CAMEL)] = $crate::json::snake(CAMEL);
        const NAME: &str = match str::from_utf8(&SNAKE) {
            Ok(name) => name,
            Err(_) => panic!(),
        };
        NAME
    }};
    ($Variant:ident $name:literal) => {
        $name
    };
}

macro_rules! is_bare {
    () => {
        true
    };
    ($($content:tt)+) => {
        false
    };
}

macro_rules! read_variant {
    ($variant:ident, $Type:ident $Variant:ident) => {
        $Type::$Variant
    };
    ($variant:ident, $Type:ident $Variant:ident ($content:ty)) => {
        $Type::$Variant($crate::json::Json::read(&$variant.content))
    };
    ($variant:ident, $Type:ident $Variant:ident { $($field:ident $($default:expr)?,)* }) => {{
        let mut fields = $variant.content.fields();
        let read = $Type::$Variant {
            $($field: $crate::json::read_field!(fields, $field, $($default)?),)*
        };
        fields.finish();
        read
    }};
}

/// A name in place of a type, for as many times as there is one.
macro_rules! instead {
    ($type:ty, $name:ident) => {
        $name
    };
}

#[cfg(not(target_arch = "wasm32"))]
macro_rules! describe_field {
    ($object:ident, $field:ident $($name:literal)?, $type:ty, $doc:expr,) => {
        $object.require::<$type>($crate::json::field_name!($field $($name)?), $doc)
    };
    ($object:ident, $field:ident $($name:literal)?, $type:ty, $doc:expr, $default:expr) => {{
        let default: $type = $default;
        $object.allow($crate::json::field_name!($field $($name)?), $doc, &default)
    }};
}

#[cfg(not(target_arch = "wasm32"))]
macro_rules! describe_variant {
    ($schemas:ident,) => {
        None
    };
    ($schemas:ident, ($content:ty)) => {
        Some(<$content as $crate::json::Json>::schema($schemas))
    };
    ($schemas:ident, { $([$field:ident, $type:ty, $doc:expr, $($default:expr)?])* }) => {{
        let mut object = $schemas.object();
        $($crate::json::describe_field!(object, $field, $type, $doc, $($default)?);)*
        Some(object.into_value())
    }};
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use {describe_field, describe_variant};
pub(crate) use {document, field_name, instead, is_bare, read_field, read_variant, variant_name};

/// How long a name in camel case is in snake case.
pub(crate) const fn snake_length(camel: &str) -> usize {
    let (camel, mut index, mut length) = (camel.as_bytes(), 0, 0);
    while index < camel.len() {
        length += 1 + (index > 0 && camel[index].is_ascii_uppercase()) as usize;
        index += 1;
    }
    length
}

/// `SetWork` is `set_work`.
pub(crate) const fn snake<const LENGTH: usize>(camel: &str) -> [u8; LENGTH] {
    let (camel, mut index, mut length) = (camel.as_bytes(), 0, 0);
    let mut snake = [b'_'; LENGTH];
    while index < camel.len() {
        length += (index > 0 && camel[index].is_ascii_uppercase()) as usize;
        snake[length] = camel[index].to_ascii_lowercase();
        length += 1;
        index += 1;
    }
    snake
}
