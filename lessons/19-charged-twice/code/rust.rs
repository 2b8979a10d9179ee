use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::Message;
use redis::{aio::MultiplexedConnection, AsyncCommands};
use std::error::Error;

/// Reads `{{topic}}` as a member of the group `{{group}}`.
pub async fn run(
    consumer: StreamConsumer,
    mut done: MultiplexedConnection,
) -> Result<(), Box<dyn Error>> {
    let http = reqwest::Client::new();
    loop {
        let message = consumer.recv().await?;
        let id = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
        let noted = format!("charged:{id}");
        let known: bool = done.exists(&noted).await?; // <--
        if !known {
            let body = message.payload().unwrap_or_default().to_vec();
            let charge = http.post("https://gateway/charges").body(body);
            let charge = charge.header("Idempotency-Key", &id); // <--
            charge.send().await?.error_for_status()?;
            // A crash here: the id is not noted, only the gateway can know.
            let _: () = done.pset_ex(&noted, 1, {{lifetime_ms}}).await?; // <--
        }
        consumer.commit_message(&message, CommitMode::Sync)?;
    }
}
