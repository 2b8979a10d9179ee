//! A chart over time and its small brother in the row of figures.

use yew::{Html, html};

use crate::simulation::MarkerKind;
use crate::ui::format;
use crate::ui::view::{Chart, area, line};

const WIDTH: f64 = 280.0;
const HEIGHT: f64 = 68.0;

pub fn time_chart(chart: &Chart) -> Html {
    let grid = chart.grid.iter().map(|(value, height)| {
        let y = (1.0 - height) * HEIGHT;
        html! {
            <>
                <path class="gridline" d={format!("M0 {y:.1}H{WIDTH}")} />
                <text class="axis" x="0" y={format!("{:.1}", y - 4.0)}>{ format::count(*value) }</text>
            </>
        }
    });
    let marks = chart.marks.iter().map(|mark| {
        let x = mark.place * WIDTH;
        html! { <path class={mark_class("mk", mark.kind)} d={format!("M{x:.1} 0V{HEIGHT}")} /> }
    });
    let end = chart.points.last().map(|(x, y)| {
        let (x, y) = (x * WIDTH - 2.5, (1.0 - y) * (HEIGHT - 1.0));
        html! { <circle class="end" cx={format!("{x:.1}")} cy={format!("{y:.1}")} r="2.5" /> }
    });
    html! {
        <div class="chart" role="img" aria-label={chart.summary.clone()}>
            <svg viewBox={format!("0 0 {WIDTH} {HEIGHT}")} class={format!("area {}", chart.family)} aria-hidden="true">
                { for grid }
                { for marks }
                <path class="fillarea" d={area(&chart.points, WIDTH, HEIGHT)} />
                <path class="line" d={line(&chart.points, WIDTH, HEIGHT)} />
                { for end }
            </svg>
        </div>
    }
}

/// The class of a mark of what was broken, mended or merely done.
pub fn mark_class(class: &str, kind: MarkerKind) -> String {
    let kind = match kind {
        MarkerKind::Bad => "fail",
        MarkerKind::Good => "ok",
        MarkerKind::Neutral => "plain",
    };
    format!("{class} {kind}")
}

pub fn spark(points: &[(f64, f64)], family: &'static str, threshold: Option<f64>) -> Html {
    let (width, height) = (51.0, 28.0);
    let threshold = threshold.map(|at| {
        let y = (1.0 - at) * (height - 1.0);
        html! { <path class="threshold" d={format!("M0 {y:.1}H54")} /> }
    });
    let dot = points.last().map(|(x, y)| {
        let (x, y) = (x * width, (1.0 - y) * (height - 1.0));
        html! { <circle class="spark-dot" cx={format!("{x:.1}")} cy={format!("{y:.1}")} r="2" /> }
    });
    html! {
        <svg class={format!("spark {}", family)} width="54" height="28" viewBox="0 0 54 28" aria-hidden="true">
            { for threshold }
            <path class="spark-area" d={area(points, width, height)} />
            <path class="spark-line" d={line(points, width, height)} />
            { for dot }
        </svg>
    }
}
