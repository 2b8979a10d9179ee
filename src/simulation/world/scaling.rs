//! Instances: how many run, by hand or by what waits.

use super::*;
use crate::simulation::scenario::Autoscale;
use crate::simulation::service::Instance;

/// How long an instance that is to stop may go on with what it has begun: Kubernetes'
/// `terminationGracePeriodSeconds`.
const GRACE: Duration = Duration::from_secs(30);

impl World {
    /// Starts instances at the end of the list, or lets them leave.
    pub(super) fn set_instances(&mut self, index: usize, count: u32) {
        let service = index as u16;
        let down = self.services[index].instances_up() == 0;
        let before = self.services[index].instances.len() as u32;
        for instance in self.services[index].instances.iter_mut().take(count as usize) {
            instance.leaving = false;
        }
        for instance in before..count {
            let seat = Seat { service, instance: instance as u16 };
            self.start_instance(seat);
            if down {
                self.crash(seat, "the service is down");
            }
        }
        for instance in (count..before).rev() {
            let seat = Seat { service, instance: instance as u16 };
            self.services[index].instances[instance as usize].leaving = true;
            self.agenda.add(self.now + GRACE, Task::Leave(seat));
            self.leave_if_idle(seat);
        }
    }

    /// An instance that is to leave goes when it is done with all that it has begun.
    pub(super) fn leave_if_idle(&mut self, seat: Seat) {
        let idle = |it: &&mut Instance| it.jobs.is_empty() && figures::waiting(&it.intake) == 0;
        if self.instance_at(seat).filter(idle).is_some() {
            self.leave(seat);
        }
    }

    /// It closes its connections in good order; what it has in hand goes back.
    pub(super) fn leave(&mut self, seat: Seat) {
        if self.instance_at(seat).is_none_or(|instance| !instance.leaving) {
            return;
        }
        self.leave_group(seat);
        self.crash(seat, "stopped");
        let instances = &mut self.service_at(seat).instances;
        while instances.last().is_some_and(|last| last.leaving && !last.up) {
            instances.pop();
        }
    }

    /// From now on the scaler of a service looks again and again, if it has one.
    pub(super) fn start_scaler(&mut self, service: u16) {
        let one = &mut self.services[usize::from(service)];
        one.scaling.asked = one.instances_staying();
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
        let more = count > one.instances_staying() && count <= one.scaling.asked;
        if one.autoscale.is_some() && more {
            self.set_instances(usize::from(service), count);
        }
    }
}
