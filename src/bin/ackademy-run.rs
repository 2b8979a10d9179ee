//! The runner: plays a scenario or a lesson without a page and prints what happened.

#[cfg(not(target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    ackademy::runner::main()
}

/// There is nothing to run in a browser; the page is the other binary.
#[cfg(target_arch = "wasm32")]
fn main() {}
