//! The row of live figures under the stage.

use yew::{Html, html};

use super::format;
use super::parts::spark;
use super::view::Metric;

pub fn metrics(metrics: &[Metric]) -> Html {
    html! {
        <section class="metrics" aria-label="Live figures">
            { for metrics.iter().map(metric) }
        </section>
    }
}

fn metric(metric: &Metric) -> Html {
    let alert = metric.alert.as_ref();
    let state = alert.map(|alert| if alert.firing { "firing" } else { "quiet" });
    let limit = alert.map(|alert| {
        let words = if alert.firing { "over" } else { "alert" };
        html! { <small class="lim">{ format!(" {words} {}", format::count(alert.above)) }</small> }
    });
    html! {
        <div
            class="metric"
            data-alert={alert.map(|alert| alert.rule.clone())}
            data-state={state}
        >
            <span class="m-name">{ metric.name }<i>{ metric.aside }</i>{ metric.rest }</span>
            <span class="m-val">{ &metric.value }<small>{ metric.unit }</small>{ limit }</span>
            { spark(&metric.spark, metric.family, alert.map(|alert| alert.height)) }
        </div>
    }
}
