//! Commands about calls and load: how services call each other, what they let in, how many buyers
//! come and how they bear it.

use super::*;
use crate::json::JsonError;
use crate::simulation::breaker::Breaker;
use crate::simulation::command::CommandError;
use crate::simulation::scenario::Input;
use crate::simulation::service::Outgoing;

impl World {
    pub(super) fn check_setting(&self, command: &Command) -> Result<(), CommandError> {
        let checked = match command {
            Command::SetCall { service, call } => {
                self.call_index(service, &call.service)?;
                call.check()
            }
            Command::SetAdmission { service, admission } => {
                let spec = &self.services[self.index_of(service)?].spec;
                match spec.input {
                    Input::Http { .. } => self.scenario.check_admission("admission", admission),
                    Input::Topic { .. } | Input::Queue { .. } => {
                        Err(JsonError::at("service", format!("{service} takes no HTTP calls")))
                    }
                }
            }
            Command::SetAutoscale { service, autoscale } => {
                self.index_of(service)?;
                self.scenario.check_autoscale("autoscale", autoscale.as_ref())
            }
            Command::SetBuyers { buyers } => buyers.check(),
            Command::PublisherConfirms { service, .. } => {
                let spec = &self.services[self.index_of(service)?].spec;
                match promises::publishes_tasks(spec) {
                    false => Err(JsonError::at("service", format!("{service} enqueues nothing"))),
                    true => Ok(()),
                }
            }
            Command::Ramp { per_minute, .. } if *per_minute > control::PER_MINUTE_MOST => {
                let message = format!("at most {}", control::PER_MINUTE_MOST);
                Err(JsonError::at("per_minute", message))
            }
            Command::Burst { orders, .. } if *orders > control::PER_MINUTE_MOST => {
                let message = format!("at most {}", control::PER_MINUTE_MOST);
                Err(JsonError::at("orders", message))
            }
            _ => Ok(()),
        };
        checked.map_err(|error| CommandError { message: error.to_string() })
    }

    /// Where a service has its call of another one.
    pub(super) fn call_index(
        &self,
        service: &str,
        callee: &str,
    ) -> Result<(usize, usize), CommandError> {
        let (caller, callee_index) = (self.index_of(service)?, self.index_of(callee)?);
        let there = |call: &Outgoing| usize::from(call.callee) == callee_index;
        let index = self.services[caller].calls.iter().position(there);
        let message = || format!("{service} does not call {callee}");
        index.map(|index| (caller, index)).ok_or_else(|| CommandError { message: message() })
    }

    pub(super) fn set_rules(&mut self, command: &Command) -> Result<(), CommandError> {
        match command {
            Command::SetCall { service, call } => {
                let (caller, index) = self.call_index(service, &call.service)?;
                let service = &mut self.services[caller];
                service.calls[index].spec = Rc::new(call.clone());
                for instance in &mut service.instances {
                    instance.breakers[index] = Breaker::default();
                }
            }
            Command::SetAdmission { service, admission } => {
                self.edit(service)?.admission = Rc::new(admission.clone());
            }
            Command::SetAutoscale { service, autoscale } => {
                self.edit(service)?.autoscale = autoscale.clone().map(Rc::new);
                let index = self.index_of(service)? as u16;
                self.start_scaler(index);
            }
            Command::SetBuyers { buyers } => self.buyers = Rc::new(buyers.clone()),
            Command::PublisherConfirms { service, enabled } => {
                self.edit(service)?.confirms = *enabled;
                for seat in self.seats(service, None)? {
                    if *enabled {
                        self.select_confirms(seat);
                    }
                }
            }
            Command::Ramp { per_minute, over_ms } => self.ramp_arrivals(*per_minute, *over_ms),
            Command::Burst { orders, within_ms } => {
                self.burst(*orders, within_ms * 1_000 / u64::from((*orders).max(1)));
            }
            _ => {}
        }
        Ok(())
    }
}
