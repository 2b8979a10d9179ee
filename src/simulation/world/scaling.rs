//! Autoscaling: instances start and stop by what waits.

use super::*;
use crate::simulation::scenario::Autoscale;

impl World {
    /// From now on the scaler of a service looks again and again, if it has one.
    pub(super) fn start_scaler(&mut self, service: u16) {
        let one = &mut self.services[usize::from(service)];
        one.scaling.asked = one.instances.len() as u32;
        one.scaling.fewer_since = None;
        match one.autoscale.clone() {
            Some(rules) => self.look_again(service, &rules),
            None => self.cancel(&Timer::Scaler(service)),
        }
    }

    fn look_again(&mut self, service: u16, rules: &Autoscale) {
        let due = self.now + Duration::from_millis(rules.every_ms);
        self.schedule(Timer::Scaler(service), due);
    }

    /// The scaler looks at what waits. It leaves a service alone that is down.
    pub(super) fn scale(&mut self, service: u16) {
        let index = usize::from(service);
        let Some(rules) = self.services[index].autoscale.clone() else {
            return;
        };
        self.look_again(service, &rules);
        let waiting = self.measure(&rules.by);
        let bounds = u64::from(rules.min)..=u64::from(rules.max);
        let wanted = waiting.div_ceil(rules.target).clamp(*bounds.start(), *bounds.end()) as u32;
        let now = self.now;
        let one = &mut self.services[index];
        let asked = one.scaling.asked;
        if one.instances_up() == 0 || wanted == asked {
            one.scaling.fewer_since = None;
            return;
        }
        if wanted > asked {
            one.scaling.fewer_since = None;
            let due = now + Duration::from_millis(rules.start_ms);
            self.agenda.add(due, Task::StartInstances { service, count: wanted });
        } else {
            let since = *one.scaling.fewer_since.get_or_insert(now);
            if now.since(since) < Duration::from_millis(rules.cooldown_ms) {
                return;
            }
            self.set_instances(index, wanted);
        }
        self.services[index].scaling.asked = wanted;
        self.services[index].scaled += 1;
        self.note(Event::Scaled { service, from: asked, to: wanted, waiting });
    }

    /// Instances that a scaler asked for are ready, unless fewer are wanted by now.
    pub(super) fn instances_are_ready(&mut self, service: u16, count: u32) {
        let one = &self.services[usize::from(service)];
        let there = one.instances.len() as u32;
        if one.autoscale.is_some() && count > there && count <= one.scaling.asked {
            self.set_instances(usize::from(service), count);
        }
    }
}
