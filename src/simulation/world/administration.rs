//! What an administrator of RabbitMQ changes while it runs: bindings and policies.

use super::*;
use crate::engine::rabbitmq::{Method, PolicyBy};
use crate::simulation::command::CommandError;
use crate::simulation::scenario::{Binding, PolicySpec};

impl World {
    pub(super) fn check_administration(&self, command: &Command) -> Result<(), CommandError> {
        let checked = match command {
            Command::Bind { binding } | Command::Unbind { binding } => self.check_binding(binding),
            Command::SetPolicy { policy } => self.check_policy(policy),
            Command::ClearPolicy { name } if !self.rabbitmq.has_policy(PolicyBy::User, name) => {
                Err(format!("there is no policy '{name}'"))
            }
            _ => Ok(()),
        };
        checked.map_err(|message| CommandError { message })
    }

    fn check_binding(&self, binding: &Binding) -> Result<(), String> {
        let exchange = |name: &str| self.rabbitmq.exchange(name).is_some() && !name.is_empty();
        let (kind, missing) = match &binding.to_exchange {
            _ if !exchange(&binding.exchange) => ("exchange", &binding.exchange),
            Some(target) if !exchange(target) => ("exchange", target),
            None if self.rabbitmq.queue(&binding.queue).is_none() => ("queue", &binding.queue),
            Some(_) | None => return Ok(()),
        };
        Err(format!("there is no {kind} '{missing}'"))
    }

    fn check_policy(&self, spec: &PolicySpec) -> Result<(), String> {
        spec.check_kind()?;
        // A copy is asked, as only setting a policy says what is wrong with it.
        let mut broker = Broker::new();
        let set = broker.set_policy(self.now, PolicyBy::User, setup::policy(spec));
        set.map(|_| ()).map_err(|error| error.to_string())
    }

    pub(super) fn administer_rabbitmq(&mut self, command: &Command) {
        match command {
            Command::Bind { binding } => {
                if self.ask_rabbitmq(setup::SETUP, tasks::bind(binding)) {
                    let bindings = &mut Rc::make_mut(&mut self.standing).bindings;
                    bindings.retain(|one| one != binding);
                    bindings.push(binding.clone());
                } else {
                    // The broker has closed the channel.
                    self.ask_rabbitmq(setup::SETUP, Method::ChannelOpen);
                }
            }
            Command::Unbind { binding } => {
                self.ask_rabbitmq(setup::SETUP, tasks::unbind(binding));
                Rc::make_mut(&mut self.standing).bindings.retain(|one| one != binding);
            }
            Command::SetPolicy { policy } => {
                let set = self.rabbitmq.set_policy(self.now, PolicyBy::User, setup::policy(policy));
                self.rabbitmq_effects(set.expect("the policy was checked"));
            }
            Command::ClearPolicy { name } => {
                let effects = self.rabbitmq.clear_policy(self.now, PolicyBy::User, name);
                self.rabbitmq_effects(effects);
            }
            _ => {}
        }
    }
}
