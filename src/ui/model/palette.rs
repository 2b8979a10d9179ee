//! The command palette: every movement of the hand by its name.

use crate::engine::{Instant, sort_few};
use crate::simulation::{Breakpoint, Command, number_of};

use super::{Layer, Model, Msg, Route, Selection, Until};

#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub label: String,
    /// The key that does the same.
    pub key: &'static str,
    pub msg: Msg,
}

/// Breakpoints that make sense in every run.
const SENTENCES: [&str; 4] = [
    "a message is dead-lettered",
    "an order fails",
    "an order is lost",
    "an order is charged twice",
];

/// Records behind, of which the next one is worth waiting for.
const LAGS: [u64; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

/// Orders on top of the rate: as many as an advertisement brings.
const BURST: u32 = 500;

/// More than this nobody reads; typing on finds the rest.
const SHOWN: usize = 10;

impl Model {
    /// The entries that fit what was typed, the best first.
    pub fn palette(&self, typed: &str) -> Vec<Entry> {
        let words: Vec<String> = typed.split_whitespace().map(str::to_ascii_lowercase).collect();
        let mut found: Vec<(bool, Entry)> = Vec::new();
        // `Follow order 7` and `Rewind to 1:30` mean what `order 7` and `1:30` do.
        let is_verb = |word: &&String| matches!(word.as_str(), "follow" | "rewind" | "to");
        let object = &words[words.iter().take_while(is_verb).count()..];
        if let Some(at) = moment(&object.join("-")) {
            let label = format!("Rewind to {}", crate::ui::format::clock(at));
            found.push((true, Entry { label, key: "", msg: Msg::Seek(at) }));
        }
        if let Some(order) = number_of(&object.join("-"))
            && self.world().ledger().account(order).is_some()
        {
            let msg = Msg::Follow(Some(order));
            found.push((true, Entry { label: format!("Follow order {order}"), key: "", msg }));
        }
        if let Some(until) = self.condition(typed) {
            found.push((true, until));
        }
        for entry in self.entries() {
            let label = entry.label.to_ascii_lowercase();
            let is_new = found.iter().all(|(_, one)| one.label != entry.label);
            if is_new && words.iter().all(|word| label.contains(word.as_str())) {
                let begins = words.first().is_some_and(|word| label.starts_with(word.as_str()));
                found.push((begins, entry));
            }
        }
        sort_few(&mut found, |(begins, _)| !begins);
        found.into_iter().take(SHOWN).map(|(_, entry)| entry).collect()
    }

    /// Reads `until lag > 10000` and whatever else a breakpoint can say.
    fn condition(&self, typed: &str) -> Option<Entry> {
        let typed = typed.trim();
        let (_, text) =
            typed.split_once(' ').filter(|(until, _)| until.eq_ignore_ascii_case("until"))?;
        let breakpoint = Breakpoint::parse(text, self.world()).ok()?;
        let msg = Msg::RunUntil(Until::When(breakpoint));
        Some(Entry { label: format!("Run until {text}"), key: "", msg })
    }

    fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut add = |label: String, key: &'static str, msg: Msg| {
            entries.push(Entry { label, key, msg });
        };
        if self.playing {
            add("Pause".into(), "Space", Msg::Pause);
        } else {
            add("Play".into(), "Space", Msg::Play);
        }
        // Small screens have no room for its button.
        add("Run until…".into(), "U", Msg::Open(Layer::RunUntil));
        self.add_actions(&mut add);
        let burst = Command::Burst { orders: BURST, within_ms: 60_000 };
        if self.offers_now(&burst) {
            add(format!("A burst of {BURST} orders within a minute"), "", Msg::Command(burst));
        }
        add("Step one event".into(), ".", Msg::Step);
        add("Step back one event".into(), ",", Msg::StepBack);
        add("Back to the start".into(), "", Msg::Seek(Instant::ZERO));
        add("Faster".into(), "]", Msg::Faster);
        add("Slower".into(), "[", Msg::Slower);
        for (label, until) in self.until_choices() {
            add(
                format!("Run until {}", crate::ui::format::lowered(&label)),
                "",
                Msg::RunUntil(until),
            );
        }
        if let Some((_, command)) = self.timeline.can_undo() {
            add(format!("Undo: {command}"), "Ctrl Z", Msg::Undo);
        }
        if let Some((_, command)) = self.timeline.can_redo() {
            add(format!("Redo: {command}"), "Ctrl Shift Z", Msg::Redo);
        }
        add("Fork here".into(), "B", Msg::Fork);
        for (index, branch) in (0..).zip(self.timeline.branches()) {
            add(format!("Switch to {}", branch.name), "", Msg::SwitchTo(index));
            add(format!("Compare with {}", branch.name), "", Msg::Compare(index));
        }
        let name = if self.instruments { "Close the instruments" } else { "Instruments" };
        add(name.into(), "I", Msg::Instruments(!self.instruments));
        add("Follow an order".into(), "F", Msg::FollowNext);
        add("Copy a link to this run".into(), "Y", Msg::Share);
        add("Save run as file".into(), "", Msg::SaveRun);
        add("Open run…".into(), "", Msg::PickFile);
        if self.lesson.is_some() {
            add("Next hint".into(), "H", Msg::Hint);
            add("Start the lesson's run anew".into(), "", Msg::RestartLesson);
        }
        for entry in self.catalogue.playable() {
            let label = format!("Lesson {}: {}", entry.number, entry.title);
            add(label, "", Msg::Go(Route::Lesson(entry.slug.clone())));
        }
        add("Interview check".into(), "", Msg::Go(Route::Interview));
        add("All lessons".into(), "L", Msg::Go(Route::Lessons));
        add("Sandbox: the shop".into(), "", Msg::Go(Route::Shop));
        if self.route == Route::Shop {
            for (name, title, _) in self.scenarios().into_iter().filter(|(.., present)| !present) {
                add(format!("Scenario: {title}"), "", Msg::OpenScenario(name));
            }
        }
        let designs = Route::Compare(String::new());
        add("Compare: the same day by calls and through the log".into(), "", Msg::Go(designs));
        add(format!("Theme: switch to {}", self.theme.next().words()), "T", Msg::ToggleTheme);
        let name = if self.presenting { "Leave presenter mode" } else { "Presenter mode" };
        add(name.into(), "W", Msg::Present);
        add("Help and keyboard shortcuts".into(), "?", Msg::Open(Layer::Help));
        for (name, selection) in self.places() {
            add(format!("Look at {name}"), "Enter", Msg::Select(Some(selection)));
        }
        entries
    }

    /// What can be done to each thing. Brokers and nodes come with many things, but once.
    fn add_actions(&self, add: &mut dyn FnMut(String, &'static str, Msg)) {
        let mut known: Vec<String> = Vec::new();
        // What can be done to one partition is done to its topic.
        let first = |(_, one): &(String, Selection)| !matches!(one, Selection::Partition(_, 1..));
        for (_, selection) in self.places().into_iter().filter(first) {
            for action in self.actions(&selection) {
                let said = action.said().to_owned();
                if !known.contains(&said) {
                    known.push(said.clone());
                    add(said, action.key, Msg::Command(action.command));
                }
            }
        }
    }

    /// Everything that can be looked at from close by, by its name.
    pub(super) fn places(&self) -> Vec<(String, Selection)> {
        let world = self.world();
        let mut places = Vec::new();
        for service in world.services() {
            let selection = Selection::Service(service.spec.id.clone());
            places.push((service.spec.title.clone(), selection));
        }
        for queue in world.rabbitmq().queues() {
            places.push((queue.name().to_string(), Selection::Queue(queue.name().clone())));
        }
        for topic in world.kafka().topics() {
            for number in 0..topic.partitions().len() as u32 {
                let selection = Selection::Partition(topic.name().clone(), number);
                places.push((selection.title(), selection));
            }
        }
        let named = |one: &&crate::engine::rabbitmq::Exchange| {
            one.binding_count() > 0 && !one.name().is_empty()
        };
        for exchange in world.rabbitmq().exchanges().filter(named) {
            let selection = Selection::Exchange(exchange.name().clone());
            places.push((exchange.name().to_string(), selection));
        }
        places
    }

    /// What can be waited for at present.
    pub fn until_choices(&self) -> Vec<(String, Until)> {
        let mut choices = Vec::new();
        if self.lesson.as_ref().is_some_and(|state| !state.session.is_over()) {
            choices.push(("The step is done".to_owned(), Until::StepDone));
        }
        choices.extend([
            ("1 minute later".to_owned(), Until::Later(60_000)),
            ("5 minutes later".to_owned(), Until::Later(300_000)),
            ("20 minutes later".to_owned(), Until::Later(1_200_000)),
        ]);
        if !self.world().alerts().is_empty() {
            let changes = Breakpoint::alert_changes(self.world());
            choices.push(("An alert fires or clears".to_owned(), Until::When(changes)));
        }
        for sentence in SENTENCES {
            if let Ok(breakpoint) = Breakpoint::parse(sentence, self.world()) {
                choices.push((crate::ui::format::capitalized(sentence), Until::When(breakpoint)));
            }
        }
        if self.world().kafka().topics().next().is_some() {
            let lag = self.world().number("/max_group_lag").unwrap_or(0);
            let more = LAGS.into_iter().find(|more| *more > lag).unwrap_or(lag + 1);
            let sentence = format!("lag > {more}");
            if let Ok(breakpoint) = Breakpoint::parse(&sentence, self.world()) {
                choices.push((crate::ui::format::capitalized(&sentence), Until::When(breakpoint)));
            }
        }
        let waiting = |queue: &&crate::engine::rabbitmq::Queue| {
            queue.ready_count() > 0 && queue.consumer_count() > 0
        };
        if let Some(fullest) =
            self.world().rabbitmq().queues().filter(waiting).max_by_key(|queue| queue.ready_count())
        {
            let empty = Breakpoint::queue_is_empty(fullest.name());
            choices.push((format!("{} is empty", fullest.name()), Until::When(empty)));
        }
        choices
    }
}

/// Reads `12:30` or `1:05:00`.
fn moment(text: &str) -> Option<Instant> {
    let parts: Vec<u64> = text.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts[..] {
        [minutes, seconds] if seconds < 60 && minutes < 6_000 => {
            Some(Instant::from_secs(minutes * 60 + seconds))
        }
        [hours, minutes, seconds] if minutes < 60 && seconds < 60 && hours < 24 => {
            Some(Instant::from_secs(hours * 3_600 + minutes * 60 + seconds))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(typed: &str) -> Vec<String> {
        Model::shop().palette(typed).into_iter().map(|entry| entry.label).collect()
    }

    #[test]
    fn what_is_typed_finds_the_movement_of_the_hand() {
        assert_eq!(labels("kill email"), ["Kill email", "Kill one instance of email"]);
        assert_eq!(labels("12:30"), ["Rewind to 00:12:30"]);
        assert_eq!(labels("rewind to 00:12:30"), ["Rewind to 00:12:30"]);
        assert_eq!(labels("SLOW pay"), ["Slow payment ×10"]);
        assert_eq!(labels("").len(), SHOWN);
        assert!(labels("no such thing").is_empty());
    }

    #[test]
    fn an_order_is_found_by_its_number() {
        let mut model = Model::shop();
        model.timeline.seek(Instant::from_secs(60));
        for typed in ["order-7", "Order 7", "Follow order 7", "follow order-7"] {
            let first = model.palette(typed).into_iter().next();
            assert_eq!(first.map(|entry| entry.msg), Some(Msg::Follow(Some(7))), "{typed}");
        }
        for typed in ["order-0", "order 99999", "order-", "order"] {
            let follows = |entry: &Entry| matches!(entry.msg, Msg::Follow(_));
            assert!(!model.palette(typed).iter().any(follows), "{typed}");
        }
    }

    #[test]
    fn a_condition_is_read_however_it_is_capitalised_and_offered_once() {
        let model = Model::shop();
        for typed in ["until lag > 100", "Until lag > 100", "until lag > 10"] {
            let found = model.palette(typed);
            let same = |entry: &&Entry| entry.label.eq_ignore_ascii_case(&format!("run {typed}"));
            assert_eq!(found.iter().filter(same).count(), 1, "{typed}");
            assert!(found[0].label.eq_ignore_ascii_case(&format!("run {typed}")), "{typed}");
        }
    }
}
