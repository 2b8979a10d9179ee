//! What services, brokers and links of a scenario do, each shown on the ledger: with the setting or
//! the fault, and without it.

mod guarantees;
mod projections;
mod shared;
