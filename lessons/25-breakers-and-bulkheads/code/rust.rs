use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

struct Payment {
    http: reqwest::Client,
    places: Semaphore, // the bulkhead: Semaphore::new({{places}}) // <--
    breaker: Mutex<(u32, Instant)>,
}

impl Payment {
    async fn charge(&self, order: String) -> Result<(), Box<dyn std::error::Error>> {
        if Instant::now() < self.breaker.lock().unwrap().1 {
            return Err("the breaker is open".into()); // <--
        }
        let _place = self.places.try_acquire()?; // the bulkhead is full // <--
        let call = self.http.post("http://payment/charges").body(order);
        let answer = call.timeout(Duration::from_millis({{timeout_ms}})).send().await; // <--
        let outcome = answer.and_then(|answer| answer.error_for_status());
        let (failed, open_until) = &mut *self.breaker.lock().unwrap();
        *failed = if outcome.is_ok() { 0 } else { *failed + 1 };
        if *failed >= {{failures}} {
            // After this time it is half-open: the next failure opens it again.
            *open_until = Instant::now() + Duration::from_millis({{open_ms}}); // <--
        }
        outcome?;
        Ok(())
    }
}

/// Before attempt 2, 3, …: 1 s, 2 s, 4 s, at most 16 s, half of it drawn.
fn pause(attempt: u32) -> Duration {
    let longest = (1_000 << (attempt - 2)).min(16_000); // <--
    Duration::from_millis(rand::random_range(longest / 2..=longest)) // jitter // <--
}
