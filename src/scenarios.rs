//! The scenarios that come with the program. The page begins with the shop; the others come to it
//! with the lessons.

#[cfg(target_arch = "wasm32")]
use std::sync::OnceLock;

/// Their names, the shop first.
pub const NAMES: [&str; 5] =
    ["shop", "flash-sale-day", "flash-sale-day-synchronous", "game-day", "three-brokers"];

#[cfg(not(target_arch = "wasm32"))]
const SHOP: &str = include_str!("../scenarios/shop.json");
/// Without its spaces.
#[cfg(target_arch = "wasm32")]
const SHOP: &str = include_str!(concat!(env!("OUT_DIR"), "/shop.json"));
/// In the order of the names after the shop.
#[cfg(not(target_arch = "wasm32"))]
const OTHERS: [&str; 4] = [
    include_str!("../scenarios/flash-sale-day.json"),
    include_str!("../scenarios/flash-sale-day-synchronous.json"),
    include_str!("../scenarios/game-day.json"),
    include_str!("../scenarios/three-brokers.json"),
];
/// What was loaded, by file name.
#[cfg(target_arch = "wasm32")]
static OTHERS: OnceLock<Vec<(String, String)>> = OnceLock::new();

/// The document of a scenario, if it is there.
#[cfg(not(target_arch = "wasm32"))]
pub fn document(name: &str) -> Option<&'static str> {
    let place = NAMES.iter().position(|known| *known == name)?;
    if place == 0 { Some(SHOP) } else { OTHERS.get(place - 1).copied() }
}

/// The document of a scenario, if it is there.
#[cfg(target_arch = "wasm32")]
pub fn document(name: &str) -> Option<&'static str> {
    if name == NAMES[0] {
        return Some(SHOP);
    }
    let named = |(file, _): &&(String, String)| file.strip_suffix(".json") == Some(name);
    OTHERS.get()?.iter().find(named).map(|(_, document)| document.as_str())
}

/// Takes the loaded documents in, by file name. Programs have them already.
pub(crate) fn take_in(files: impl Iterator<Item = (String, String)>) {
    #[cfg(target_arch = "wasm32")]
    // They are loaded once; what came first stays.
    let _first = OTHERS.set(files.collect());
    #[cfg(not(target_arch = "wasm32"))]
    drop(files);
}
