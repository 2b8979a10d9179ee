//! What the page says aloud: a live region that speaks at most one sentence in two seconds, and
//! toasts that leave by themselves.

/// A screen reader that is given sentences faster than this drops or queues them without end.
const PAUSE_MS: f64 = 2_000.0;
/// Long enough to read two short lines twice.
const TOAST_MS: f64 = 8_000.0;
/// More than this covers the stage.
const TOASTS: usize = 3;

/// The sentence of the live region.
#[derive(Clone, Debug, Default)]
pub struct Announcer {
    spoken: String,
    spoken_at: Option<f64>,
    pending: Option<String>,
}

impl Announcer {
    /// Says a sentence as soon as it may; a newer sentence replaces one that still waits.
    pub fn say(&mut self, sentence: impl Into<String>) {
        self.pending = Some(sentence.into());
    }

    pub fn spoken(&self) -> &str {
        &self.spoken
    }

    pub fn is_waiting(&self) -> bool {
        self.pending.is_some()
    }

    /// Takes the wall clock in milliseconds; true when there is a new sentence.
    pub fn clock(&mut self, now: f64) -> bool {
        if self.spoken_at.is_some_and(|at| now - at < PAUSE_MS) {
            return false;
        }
        match self.pending.take() {
            Some(sentence) => {
                self.spoken_at = Some(now);
                self.spoken = sentence;
                true
            }
            None => false,
        }
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
    fn at_most_one_sentence_in_two_seconds_and_the_newest_wins() {
        let mut announcer = Announcer::default();
        announcer.say("one");
        assert!(announcer.clock(0.0));
        announcer.say("two");
        announcer.say("three");
        assert!(!announcer.clock(1_999.0));
        assert_eq!(announcer.spoken(), "one");
        assert!(announcer.clock(2_000.0));
        assert_eq!((announcer.spoken(), announcer.is_waiting()), ("three", false));
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
