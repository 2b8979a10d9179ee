use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use reqwest::{Client, Error};

async fn call(service: &str, order: &Bytes) -> Result<(), Error> {
    let url = format!("http://{service}/orders");
    let response = Client::new().post(url).body(order.clone()).send().await?;
    response.error_for_status().map(|_| ())
}

async fn chain(order: Bytes) -> Result<(), Error> {
    call("payment", &order).await?; //   {{payment_ms}} ms, and the card is charged // <--
    call("inventory", &order).await?; // {{inventory_ms}} ms // <--
    call("email", &order).await?; //     {{email_ms}} ms // <--
    call("warehouse", &order).await?; // {{warehouse_ms}} ms // <--
    call("analytics", &order).await // {{analytics_ms}} ms // <--
}

async fn checkout(order: Bytes) -> StatusCode {
    match chain(order).await {
        Ok(()) => StatusCode::OK,
        // Whatever happened before the failing call stays done. // <--
        Err(_) => StatusCode::BAD_GATEWAY,
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/checkout", post(checkout));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
    axum::serve(listener, app).await
}
