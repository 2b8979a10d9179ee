import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Payment {
    public static void main(String[] args) {
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", "kafka:9092",
            "group.id", "{{group}}",
            "session.timeout.ms", {{session_timeout_ms}},
            "auto.offset.reset", "earliest",
            "enable.auto.commit", false); // <--
        var strings = new StringDeserializer();
        try (var consumer = new KafkaConsumer<>(settings, strings, strings)) {
            consumer.subscribe(List.of("{{topic}}"));
            while (true) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    var partition = new TopicPartition(record.topic(), record.partition());
                    var next = new OffsetAndMetadata(record.offset() + 1);
                    // "after receive". A commit here, before the work, is at most once.
                    charge(record.value());
                    // "after work": a crash here charges the card a second time.
                    consumer.commitSync(Map.of(partition, next)); // at least once // <--
                }
            }
        }
    }

    static void charge(String order) { System.out.println("charging " + order); }
}
