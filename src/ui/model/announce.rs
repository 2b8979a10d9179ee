//! What the page says aloud: live regions, at a pace that can be listened to, and toasts that
//! leave by themselves.

/// As long as it takes to listen to two sentences; a screen reader that is given more drops or
/// queues them without end.
const PAUSE_MS: f64 = 4_000.0;
/// How often the world is looked at for something to say.
const LOOK_MS: f64 = 1_000.0;
/// More at once nobody follows.
const SENTENCES: usize = 3;
/// Long enough to read two short lines twice.
const TOAST_MS: f64 = 8_000.0;
/// More than this covers the stage.
const TOASTS: usize = 3;

/// What the live regions say.
#[derive(Clone, Debug, Default)]
pub struct Announcer {
    spoken: String,
    spoken_at: Option<f64>,
    pending: Vec<String>,
    looked_at: f64,
    warning: String,
    warned_at: Option<f64>,
}

impl Announcer {
    /// Says a sentence as soon as it may, together with others that wait.
    pub fn say(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        if !self.pending.contains(&sentence) {
            self.pending.push(sentence);
        }
    }

    /// Says at once that something is not possible or went wrong.
    pub fn warn(&mut self, sentence: String) {
        (self.warning, self.warned_at) = (sentence, None);
    }

    pub fn spoken(&self) -> &str {
        &self.spoken
    }

    pub fn warning(&self) -> &str {
        &self.warning
    }

    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty() || !self.warning.is_empty()
    }

    /// Whether it may speak, and has not looked at the world for a while.
    pub fn listens(&mut self, now: f64) -> bool {
        let due = self.may_speak(now) && now - self.looked_at >= LOOK_MS;
        if due {
            self.looked_at = now;
        }
        due
    }

    fn may_speak(&self, now: f64) -> bool {
        self.spoken_at.is_none_or(|at| now - at >= PAUSE_MS)
    }

    /// Takes the wall clock in milliseconds; true when there is something else to be heard.
    pub fn clock(&mut self, now: f64) -> bool {
        // The same warning can be heard again only after the region was empty.
        let warned = *self.warned_at.get_or_insert(now);
        let over = !self.warning.is_empty() && now - warned >= PAUSE_MS;
        if over {
            self.warning.clear();
        }
        if self.pending.is_empty() || !self.may_speak(now) {
            return over;
        }
        let more = self.pending.len().saturating_sub(SENTENCES);
        self.pending.truncate(SENTENCES);
        if more > 0 {
            self.pending.push(format!("And {more} more."));
        }
        self.spoken = self.pending.join(" ");
        self.pending.clear();
        self.spoken_at = Some(now);
        true
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Something fired or was refused.
    Bad,
    /// Something cleared or was done.
    Good,
    Neutral,
}

/// What the button of a toast does.
#[derive(Clone, Debug, PartialEq)]
pub enum Offer {
    /// Opens the run that was kept from the last visit.
    LastRun,
    /// Goes to the lessons.
    Lessons,
    /// Shows what an alert is about.
    Show(super::Selection),
}

impl Offer {
    pub fn label(&self) -> &'static str {
        match self {
            Offer::LastRun => "Open it",
            Offer::Lessons => "All lessons",
            Offer::Show(_) => "Show",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub id: u32,
    /// It tells of the present world.
    of_world: bool,
    pub mood: Mood,
    pub title: String,
    pub text: String,
    pub offer: Option<Offer>,
    since: Option<f64>,
}

#[derive(Clone, Debug, Default)]
pub struct Toasts {
    list: Vec<Toast>,
    made: u32,
}

impl Toasts {
    pub fn list(&self) -> &[Toast] {
        &self.list
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn show(&mut self, mood: Mood, title: &str, text: String, offer: Option<Offer>) {
        self.add(false, mood, title, text, offer);
    }

    /// Shows what happened in the present world.
    pub fn report(&mut self, mood: Mood, title: &str, text: String, offer: Option<Offer>) {
        self.add(true, mood, title, text, offer);
    }

    fn add(&mut self, of_world: bool, mood: Mood, title: &str, text: String, offer: Option<Offer>) {
        self.made += 1;
        // A toast about the same matter takes the place of the older one.
        self.list.retain(|toast| toast.title != title);
        if self.list.len() == TOASTS {
            self.list.remove(0);
        }
        let title = title.to_owned();
        self.list.push(Toast { id: self.made, of_world, mood, title, text, offer, since: None });
    }

    pub fn dismiss(&mut self, id: u32) {
        self.list.retain(|toast| toast.id != id);
    }

    /// The world is another one.
    pub fn forget_world(&mut self) {
        self.list.retain(|toast| !toast.of_world);
    }

    /// What was offered is being done.
    pub fn accepted(&mut self, offer: &Offer) {
        self.list.retain(|toast| toast.offer.as_ref() != Some(offer));
    }

    /// Takes the wall clock in milliseconds; true when a toast left.
    pub fn clock(&mut self, now: f64) -> bool {
        let before = self.list.len();
        self.list.retain_mut(|toast| now - *toast.since.get_or_insert(now) < TOAST_MS);
        self.list.len() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_within_four_seconds_is_said_at_once_and_shortened() {
        let mut announcer = Announcer::default();
        announcer.say("One.");
        assert!(announcer.clock(0.0));
        for sentence in ["Two.", "Three.", "Three.", "Four.", "Five.", "Six."] {
            announcer.say(sentence);
        }
        assert!(!announcer.clock(3_999.0));
        assert_eq!(announcer.spoken(), "One.");
        assert!(announcer.clock(4_000.0));
        assert_eq!(announcer.spoken(), "Two. Three. Four. And 2 more.");
        assert!(!announcer.is_waiting() && !announcer.clock(9_000.0));
    }

    #[test]
    fn a_warning_waits_for_nothing_and_can_be_heard_again() {
        let mut announcer = Announcer::default();
        announcer.say("One.");
        announcer.clock(0.0);
        announcer.warn("Not possible.".to_owned());
        announcer.clock(10.0);
        assert_eq!((announcer.spoken(), announcer.warning()), ("One.", "Not possible."));
        assert!(announcer.clock(4_010.0));
        assert_eq!(announcer.warning(), "");
    }

    #[test]
    fn the_world_is_looked_at_once_a_second_and_not_while_something_was_just_said() {
        let mut announcer = Announcer::default();
        let looks = |announcer: &mut Announcer, from: u32, to: u32| {
            let times = (from..to).map(|frame| f64::from(frame) * 16.0);
            times.filter(|now| announcer.listens(*now)).count()
        };
        assert_eq!(looks(&mut announcer, 63, 63 * 5), 4);
        announcer.say("One.");
        announcer.clock(63.0 * 5.0 * 16.0);
        assert_eq!(looks(&mut announcer, 63 * 5, 63 * 8), 0);
    }

    #[test]
    fn a_toast_about_a_world_leaves_with_it() {
        let mut toasts = Toasts::default();
        toasts.show(Mood::Neutral, "Your last run", String::new(), None);
        toasts.report(Mood::Bad, "Backlog alert", String::new(), None);
        toasts.forget_world();
        assert_eq!(toasts.list().len(), 1);
        assert_eq!(toasts.list()[0].title, "Your last run");
    }

    #[test]
    fn a_toast_leaves_by_itself_and_makes_room_for_newer_ones() {
        let mut toasts = Toasts::default();
        for title in ["a", "b", "c", "d", "d"] {
            toasts.show(Mood::Neutral, title, String::new(), None);
        }
        let titles: Vec<&str> = toasts.list().iter().map(|toast| toast.title.as_str()).collect();
        assert_eq!(titles, ["b", "c", "d"]);
        assert!(!toasts.clock(10.0));
        assert!(toasts.clock(10.0 + TOAST_MS));
        assert!(toasts.is_empty());
    }
}
