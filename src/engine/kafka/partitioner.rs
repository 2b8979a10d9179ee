//! Which partition a record goes to.
//!
//! With a key: `toPositive(murmur2(key)) % partitions`, over all partitions of the topic, as
//! `org.apache.kafka.clients.producer.internals.BuiltInPartitioner` does. The hash is Austin
//! Appleby's MurmurHash2 with the seed that Kafka's `Utils.murmur2` uses.

const SEED: u32 = 0x9747_b28c;
const M: u32 = 0x5bd1_e995;
const R: u32 = 24;

/// MurmurHash2 of the serialized key, as Kafka's clients compute it.
pub fn murmur2(bytes: &[u8]) -> i32 {
    let mut hash = SEED ^ bytes.len() as u32;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k ^= k >> R;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = words.remainder();
    for (index, byte) in rest.iter().enumerate().rev() {
        hash ^= u32::from(*byte) << (8 * index);
    }
    if !rest.is_empty() {
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    (hash ^ (hash >> 15)) as i32
}

/// Clears the sign bit. It is not the absolute value.
pub fn to_positive(number: i32) -> i32 {
    number & i32::MAX
}

pub fn partition_for_key(key: &[u8], partitions: u32) -> u32 {
    to_positive(murmur2(key)) as u32 % partitions
}

/// One of six hues for a key, from bits of the hash that the partition does not depend on.
pub fn key_hue(key: &[u8]) -> u8 {
    ((murmur2(key) as u32 >> 25) % 6) as u8
}
