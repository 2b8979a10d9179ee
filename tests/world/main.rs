//! What the world does when something breaks, shown by small scenarios and the referee's ledger.

mod network;
