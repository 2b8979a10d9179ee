//! Small worlds, each with one thing that goes wrong, and what the referee says of it. Each test
//! shows also that without the fault the effect is gone.

mod measures;
mod referee;
mod small;
