//! Exchanges and their bindings: where a message goes from here.
//!
//! <https://www.rabbitmq.com/docs/exchanges>. An exchange knows only its own bindings; following
//! them through further exchanges is the business of `routing`.

use std::rc::Rc;

use litemap::LiteMap;

use super::headers;
use super::message::Message;
use super::method::{AmqpError, ExchangeDeclare, ExchangeType};
use super::targets::{Destination, Targets};
use super::topic::Trie;
use super::value::{Table, Value};
use crate::engine::Set;

/// An exchange, as declared, with its bindings.
#[derive(Clone, Debug)]
pub struct Exchange {
    name: Rc<str>,
    kind: ExchangeType,
    durable: bool,
    auto_delete: bool,
    internal: bool,
    arguments: Table,
    alternate: Option<Rc<str>>,
    bindings: Set<Binding>,
    routes: Routes,
}

/// The argument that names the exchange for what this one cannot route.
const ALTERNATE: &str = "alternate-exchange";

/// A binding, as kept by the exchange that is its source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Binding {
    pub(super) destination: Destination,
    pub(super) destination_name: Rc<str>,
    pub(super) routing_key: Rc<str>,
    pub(super) arguments: Table,
}

/// The bindings in the form in which the exchange's type looks them up.
#[derive(Clone, Debug)]
enum Routes {
    Direct(LiteMap<Rc<str>, Targets>),
    Fanout(Targets),
    Topic(Trie),
    Headers(Vec<(Table, Destination)>),
}

impl Exchange {
    pub fn name(&self) -> &Rc<str> {
        &self.name
    }

    pub fn kind(&self) -> ExchangeType {
        self.kind
    }

    pub fn is_durable(&self) -> bool {
        self.durable
    }

    pub fn is_internal(&self) -> bool {
        self.internal
    }

    pub fn arguments(&self) -> &Table {
        &self.arguments
    }

    /// The exchange that gets what this one cannot route.
    pub fn alternate(&self) -> Option<&Rc<str>> {
        self.alternate.as_ref()
    }

    pub fn binding_count(&self) -> u64 {
        self.bindings.len() as u64
    }

    pub(super) fn declare(declare: ExchangeDeclare) -> Result<Exchange, AmqpError> {
        let alternate = declare.arguments.get(ALTERNATE);
        if alternate.is_some_and(|value| value.as_text().is_none()) {
            let text = "invalid arg 'alternate-exchange': not a string";
            return Err(AmqpError::precondition_failed(text));
        }
        let alternate = alternate.and_then(Value::as_text).cloned();
        let routes = match declare.kind {
            ExchangeType::Direct => Routes::Direct(LiteMap::new()),
            ExchangeType::Fanout => Routes::Fanout(Targets::default()),
            ExchangeType::Topic => Routes::Topic(Trie::default()),
            ExchangeType::Headers => Routes::Headers(Vec::new()),
        };
        let ExchangeDeclare { name, kind, durable, auto_delete, internal, arguments, .. } = declare;
        let bindings = Set::new();
        Ok(Exchange {
            name,
            kind,
            durable,
            auto_delete,
            internal,
            arguments,
            alternate,
            bindings,
            routes,
        })
    }

    /// Whether declaring it once more asks for the same. Of the arguments only the alternate
    /// exchange is compared.
    pub(super) fn check_equivalent(&self, declare: &ExchangeDeclare) -> Result<(), AmqpError> {
        let alternate = declare.arguments.get(ALTERNATE);
        let field = if self.kind != declare.kind {
            "type"
        } else if self.durable != declare.durable {
            "durable"
        } else if self.auto_delete != declare.auto_delete {
            "auto_delete"
        } else if self.internal != declare.internal {
            "internal"
        } else if self.arguments.get(ALTERNATE) != alternate {
            "alternate-exchange"
        } else {
            return Ok(());
        };
        let text = format!("inequivalent arg '{field}' for exchange '{}'", self.name);
        Err(AmqpError::precondition_failed(text))
    }

    /// Takes an alternate exchange from policies, unless it was declared with one.
    pub(super) fn set_alternate(&mut self, by_policy: Option<Rc<str>>) {
        let declared = self.arguments.get(ALTERNATE).and_then(Value::as_text).cloned();
        self.alternate = declared.or(by_policy);
    }

    /// An exchange that is to go when its last binding goes, and has none left.
    pub(super) fn is_spent(&self) -> bool {
        self.auto_delete && self.bindings.is_empty()
    }

    pub(super) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.iter()
    }

    pub(super) fn has_binding(&self, binding: &Binding) -> bool {
        self.bindings.contains(binding)
    }

    /// Adds a binding. Making the same one twice makes one.
    pub(super) fn bind(&mut self, binding: Binding) -> Result<(), AmqpError> {
        if self.kind == ExchangeType::Headers {
            headers::check(&binding.arguments)?;
        }
        if self.bindings.contains(&binding) {
            return Ok(());
        }
        let (key, destination) = (&binding.routing_key, &binding.destination);
        match &mut self.routes {
            Routes::Direct(keys) => keys.entry(Rc::clone(key)).or_default().add(destination),
            Routes::Fanout(targets) => targets.add(destination),
            Routes::Topic(trie) => trie.add(key, destination),
            Routes::Headers(rules) => {
                rules.push((binding.arguments.clone(), destination.clone()));
            }
        }
        self.bindings.insert(binding);
        Ok(())
    }

    /// Removes a binding and says whether it was there.
    pub(super) fn unbind(&mut self, binding: &Binding) -> bool {
        if !self.bindings.remove(binding) {
            return false;
        }
        let (key, destination) = (&binding.routing_key, &binding.destination);
        match &mut self.routes {
            Routes::Direct(keys) => {
                let targets = keys.get_mut(key).expect("a bound key has targets");
                targets.remove(destination);
                if targets.is_empty() {
                    keys.remove(key);
                }
            }
            Routes::Fanout(targets) => targets.remove(destination),
            Routes::Topic(trie) => trie.remove(key, destination),
            Routes::Headers(rules) => {
                let place = rules
                    .iter()
                    .position(|(arguments, to)| {
                        *arguments == binding.arguments && to == destination
                    })
                    .expect("a bound rule is among the rules");
                rules.remove(place);
            }
        }
        true
    }

    /// Calls `found` for each destination of the message, perhaps more than once.
    pub(super) fn route<'a>(&'a self, message: &Message, found: &mut impl FnMut(&'a Destination)) {
        match &self.routes {
            Routes::Direct(keys) => {
                for key in message.keys() {
                    keys.get(key).into_iter().flat_map(Targets::iter).for_each(&mut *found);
                }
            }
            Routes::Fanout(targets) => targets.iter().for_each(found),
            Routes::Topic(trie) => {
                for key in message.keys() {
                    trie.matches(key, found);
                }
            }
            Routes::Headers(rules) => rules
                .iter()
                .filter(|(arguments, _)| headers::matches(arguments, message.headers()))
                .for_each(|(_, destination)| found(destination)),
        }
    }
}
