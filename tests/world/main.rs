//! What can be done to a world, one theme a file: small scenarios, what a fault or a setting does
//! to the ledger, and that without it the effect is gone.

mod time;
