//! What a RabbitMQ broker does.
