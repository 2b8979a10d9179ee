//! What services, brokers and links of a scenario do, each shown on the ledger: with the setting or
//! the fault, and without it.

mod clients;
mod crashes;
mod guarantees;
mod projections;
mod shared;
mod shop;
