//! What a Kafka cluster and its clients do.
