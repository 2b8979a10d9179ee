//! What can be built into a world and what goes wrong in it: each setting and each fault with its
//! effect, and without it.

mod calls;
mod network;
mod pressure;
mod settings;
mod tasks;
