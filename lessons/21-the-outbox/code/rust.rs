use rdkafka::producer::{FutureProducer, FutureRecord};
use sqlx::PgPool;
use std::error::Error;
use std::time::Duration;

pub async fn place_order(pool: &PgPool, id: &str, body: &str) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?; // one transaction for both rows // <--
    for table in [
        "INSERT INTO orders (id, body) VALUES ($1, $2)",
        "INSERT INTO outbox (key, body) VALUES ($1, $2)", // <--
    ] {
        let row = sqlx::query(table).bind(id).bind(body);
        row.execute(&mut *transaction).await?;
    }
    transaction.commit().await // <--
}

pub async fn relay(pool: &PgPool, producer: &FutureProducer) -> Result<(), Box<dyn Error>> {
    let query = "SELECT id, key, body FROM outbox ORDER BY id LIMIT 100";
    loop {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(query).fetch_all(pool).await?;
        for (id, key, body) in rows {
            let record = FutureRecord::to("{{topic}}").key(&key).payload(&body);
            let sent = producer.send(record, Duration::from_secs(30)).await; // publish // <--
            sent.map_err(|(error, _)| error)?;
            let delete = sqlx::query("DELETE FROM outbox WHERE id = $1").bind(id);
            delete.execute(pool).await?; // then delete // <--
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
