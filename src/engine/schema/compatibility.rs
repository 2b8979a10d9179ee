//! Compatibility: whether a reader with one schema understands what was written with another.
//!
//! The rules are those of the specification, section schema resolution; the reasons are named as
//! Avro's own checker names them. As there, names of types are compared without their namespaces,
//! and a schema is compatible only if everything can be read that may have been written.

use super::document::{Field, Schema, Shape, Type};
use super::{Misfit, names};

/// Which versions of a subject a new one is held against, and in which direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Anything may follow anything.
    None,
    /// A reader with the new schema understands what was written with the last.
    #[default]
    Backward,
    BackwardTransitive,
    /// A reader with the last schema understands what is written with the new one.
    Forward,
    ForwardTransitive,
    Full,
    FullTransitive,
}

impl Level {
    pub const ALL: [Level; 7] = [
        Level::None,
        Level::Backward,
        Level::BackwardTransitive,
        Level::Forward,
        Level::ForwardTransitive,
        Level::Full,
        Level::FullTransitive,
    ];

    /// As the registry spells it.
    pub fn name(self) -> &'static str {
        match self {
            Level::None => "NONE",
            Level::Backward => "BACKWARD",
            Level::BackwardTransitive => "BACKWARD_TRANSITIVE",
            Level::Forward => "FORWARD",
            Level::ForwardTransitive => "FORWARD_TRANSITIVE",
            Level::Full => "FULL",
            Level::FullTransitive => "FULL_TRANSITIVE",
        }
    }

    pub fn from_name(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.name() == name)
    }

    /// True if all versions count and not only the last.
    pub(super) fn is_transitive(self) -> bool {
        use Level::{BackwardTransitive, ForwardTransitive, FullTransitive};
        matches!(self, BackwardTransitive | ForwardTransitive | FullTransitive)
    }

    /// Says why a schema may not follow another one.
    pub(super) fn check(self, new: &Schema, old: &Schema) -> Result<(), Misfit> {
        use Level::{
            Backward, BackwardTransitive, Forward, ForwardTransitive, Full, FullTransitive,
        };
        if matches!(self, Backward | BackwardTransitive | Full | FullTransitive) {
            can_read(new, old)?;
        }
        if matches!(self, Forward | ForwardTransitive | Full | FullTransitive) {
            can_read(old, new)?;
        }
        Ok(())
    }
}

/// Says what a reader does not understand of what a writer may write.
pub(super) fn can_read(reader: &Schema, writer: &Schema) -> Result<(), Misfit> {
    Pair { reader, writer, seen: Vec::new() }.check(reader.root, writer.root)
}

/// True if a value of the writer's type is for this type of the reader, whatever is in it.
pub(super) fn matches(reader: (&Schema, usize), writer: (&Schema, usize)) -> bool {
    let (r, w) = (&reader.0.types[reader.1], &writer.0.types[writer.1]);
    match (&r.shape, &w.shape) {
        (Shape::Union(_), _) | (_, Shape::Union(_)) => true,
        (Shape::Array(of), Shape::Array(written)) | (Shape::Map(of), Shape::Map(written)) => {
            matches((reader.0, *of), (writer.0, *written))
        }
        (Shape::Fixed(size), Shape::Fixed(written)) => size == written && is_called(r, w),
        (Shape::Record(_), Shape::Record(_)) | (Shape::Enum { .. }, Shape::Enum { .. }) => {
            is_called(r, w)
        }
        (r, w) => takes(r, w),
    }
}

/// The field of a writer that a reader's field is read from: of the same name, or of an alias.
pub(super) fn source_of<'a>(field: &Field, written: &'a [Field]) -> Option<&'a Field> {
    let called = |name: &str| written.iter().find(|one| &*one.name == name);
    called(&field.name).or_else(|| field.aliases.iter().find_map(|alias| called(alias)))
}

fn is_called(reader: &Type, writer: &Type) -> bool {
    names::unqualified(&reader.name) == names::unqualified(&writer.name)
        || reader.aliases.contains(&writer.name)
}

/// The same primitive type, or one that a value is promoted to.
fn takes(reader: &Shape, writer: &Shape) -> bool {
    use Shape::{Boolean, Bytes, Double, Float, Int, Long, Null, String};
    matches!(
        (writer, reader),
        (Null, Null)
            | (Boolean, Boolean)
            | (Int, Int | Long | Float | Double)
            | (Long, Long | Float | Double)
            | (Float, Float | Double)
            | (Double, Double)
            | (Bytes | String, Bytes | String)
    )
}

struct Pair<'a> {
    reader: &'a Schema,
    writer: &'a Schema,
    /// Types that are being compared already; they can be parts of themselves.
    seen: Vec<(usize, usize)>,
}

impl Pair<'_> {
    fn check(&mut self, r: usize, w: usize) -> Result<(), Misfit> {
        if self.seen.contains(&(r, w)) {
            return Ok(());
        }
        self.seen.push((r, w));
        let checked = self.check_new(r, w);
        if checked.is_err() {
            self.seen.retain(|seen| *seen != (r, w));
        }
        checked
    }

    fn check_new(&mut self, r: usize, w: usize) -> Result<(), Misfit> {
        let (reader, writer) = (self.reader, self.writer);
        match (&reader.types[r].shape, &writer.types[w].shape) {
            (_, Shape::Union(branches)) => branches.iter().try_for_each(|w| self.check(r, *w)),
            (Shape::Union(branches), _) => self.check_branches(branches, r, w),
            (Shape::Record(fields), Shape::Record(written)) => {
                self.check_names(r, w)?;
                fields.iter().try_for_each(|field| self.check_field(field, written))
            }
            (Shape::Enum { symbols, default }, Shape::Enum { symbols: written, .. }) => {
                self.check_names(r, w)?;
                match written.iter().find(|symbol| !symbols.contains(symbol)) {
                    Some(symbol) if default.is_none() => {
                        let what = format!("the reader has no symbol {symbol}");
                        Err(self.clash("MISSING_ENUM_SYMBOLS", &what, r, w))
                    }
                    _ => Ok(()),
                }
            }
            (Shape::Fixed(size), Shape::Fixed(written)) => {
                self.check_names(r, w)?;
                if size == written {
                    return Ok(());
                }
                let what = format!("{written} bytes are written, {size} are read");
                Err(self.clash("FIXED_SIZE_MISMATCH", &what, r, w))
            }
            (Shape::Array(of), Shape::Array(written)) => {
                self.check(*of, *written).map_err(|misfit| misfit.in_field("[]"))
            }
            (Shape::Map(of), Shape::Map(written)) => {
                self.check(*of, *written).map_err(|misfit| misfit.in_field("{}"))
            }
            (reads, writes) if takes(reads, writes) => Ok(()),
            _ => Err(self.clash("TYPE_MISMATCH", "the types differ", r, w)),
        }
    }

    /// A reader with a union needs a branch for what is written. If one is meant for it and has a
    /// fault, that is what has to be mended.
    fn check_branches(&mut self, branches: &[usize], r: usize, w: usize) -> Result<(), Misfit> {
        let mut nearest = None;
        let written = self.writer.types[w].shape.name();
        for branch in branches {
            let Err(misfit) = self.check(*branch, w) else {
                return Ok(());
            };
            let meant = self.reader.types[*branch].shape.name() == written;
            nearest = nearest.or(Some(misfit).filter(|_| meant));
        }
        let what = "the reader has no branch for it";
        Err(nearest.unwrap_or_else(|| self.clash("MISSING_UNION_BRANCH", what, r, w)))
    }

    fn check_field(&mut self, field: &Field, written: &[Field]) -> Result<(), Misfit> {
        let checked = match source_of(field, written) {
            Some(source) => self.check(field.of, source.of),
            None if field.default.is_some() => Ok(()),
            None => {
                let of = self.reader.name_of(field.of);
                Err(Misfit::new(format!(
                    "READER_FIELD_MISSING_DEFAULT_VALUE: the reader needs it ({of}) and has no \
                     default, the writer does not have it"
                )))
            }
        };
        checked.map_err(|misfit| misfit.in_field(&field.name))
    }

    fn check_names(&self, r: usize, w: usize) -> Result<(), Misfit> {
        match is_called(&self.reader.types[r], &self.writer.types[w]) {
            true => Ok(()),
            false => Err(self.clash("NAME_MISMATCH", "the names differ", r, w)),
        }
    }

    fn clash(&self, kind: &str, what: &str, r: usize, w: usize) -> Misfit {
        let (reader, writer) = (self.reader.name_of(r), self.writer.name_of(w));
        Misfit::new(format!("{kind}: {what}: the reader's is {reader}, the writer's {writer}"))
    }
}
