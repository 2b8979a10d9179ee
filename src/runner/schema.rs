//! The JSON schema of scenario files, made from the types that read them.

use crate::json::Schemas;
use crate::simulation::Scenario;

/// The schema, as `docs/scenario.schema.json` has it.
pub(super) fn of_scenarios() -> String {
    let schema = Schemas::root::<Scenario>();
    let text = serde_json::to_string_pretty(&schema).expect("a schema has only plain values");
    text + "\n"
}
