//! The page. Natively there is none to show.

#[cfg(target_arch = "wasm32")]
fn main() {
    let root = ackademy::ui::browser::document().get_element_by_id("app");
    let root = root.expect("index.html has an element with the id 'app'");
    yew::Renderer::<ackademy::ui::app::App>::with_root(root).render();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The page runs in a browser: start it with scripts/serve.");
}
