import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class Checkout {
    public static void main(String[] args) throws Exception {
        String brokers = "broker-1:9092,broker-2:9092,broker-3:9092";
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
            NewTopic topic = new NewTopic("{{topic}}", 1, (short) 3)
                .configs(Map.of("min.insync.replicas", "2")); // <--
            admin.createTopics(List.of(topic)).all().get();
        }
        Map<String, Object> config = Map.of(
            "bootstrap.servers", brokers,
            "acks", "all", // "1": the leader alone // <--
            "request.timeout.ms", {{request_timeout}},
            "delivery.timeout.ms", {{delivery_timeout}});
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            var record = new ProducerRecord<>("{{topic}}", "order-1", "{}");
            // Fails with NotEnoughReplicasException while fewer than two are in sync.
            producer.send(record).get(); // <--
        }
    }
}
