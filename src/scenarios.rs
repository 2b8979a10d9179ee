//! The scenarios that come with the program.

/// Name and document of each, the shop first.
pub const EMBEDDED: [(&str, &str); 5] = [
    ("shop", include_str!("../scenarios/shop.json")),
    ("flash-sale-day", include_str!("../scenarios/flash-sale-day.json")),
    ("flash-sale-day-synchronous", include_str!("../scenarios/flash-sale-day-synchronous.json")),
    ("game-day", include_str!("../scenarios/game-day.json")),
    ("three-brokers", include_str!("../scenarios/three-brokers.json")),
];

/// The document of an embedded scenario.
pub fn document(name: &str) -> Option<&'static str> {
    EMBEDDED.iter().find(|(candidate, _)| *candidate == name).map(|(_, document)| *document)
}
