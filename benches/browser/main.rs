//! The page that measures itself. Natively there is none to show.

#[cfg(target_arch = "wasm32")]
mod frames;
#[cfg(target_arch = "wasm32")]
mod page;
#[cfg(target_arch = "wasm32")]
mod report;
#[cfg(target_arch = "wasm32")]
#[path = "../workloads/mod.rs"]
mod workloads;

#[cfg(target_arch = "wasm32")]
fn main() {
    page::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This page runs in a browser: scripts/measure builds it and prints its table.");
}
