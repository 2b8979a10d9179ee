//! What can be built into a world and what goes wrong in it: each setting and each fault with its
//! effect, and without it.

mod administration;
mod calls;
mod clients;
mod crashes;
mod faults;
mod game;
mod guarantees;
mod measures;
mod network;
mod pressure;
mod projections;
mod referee;
mod schemas;
mod settings;
mod shared;
mod shop;
mod small;
mod tasks;
mod time;
