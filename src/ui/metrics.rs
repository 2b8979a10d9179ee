//! The row of live figures under the stage.

use yew::{Html, Properties, component, html};

use super::format;
use super::parts::Spark;
use super::view::Metric;

#[derive(Debug, PartialEq, Properties)]
pub struct MetricsProps {
    pub metrics: Vec<Metric>,
}

#[component]
pub fn Metrics(props: &MetricsProps) -> Html {
    html! {
        <section class="metrics" aria-label="Live figures">
            { for props.metrics.iter().map(metric) }
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
            <span class="m-name">{ metric.name }<i>{ metric.aside }</i></span>
            <span class="m-val">{ &metric.value }<small>{ metric.unit }</small>{ limit }</span>
            <Spark
                points={metric.spark.clone()}
                family={metric.family}
                threshold={alert.map(|alert| alert.height)}
            />
        </div>
    }
}
