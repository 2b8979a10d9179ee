import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Loyalty {
    // Start this program as often as you like, up to {{partitions}} times: each is a member.
    public static void main(String[] arguments) {
        Map<String, Object> settings = Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "broker-1:9092",
            ConsumerConfig.GROUP_ID_CONFIG, "{{group}}", // <--
            // Who gets what, and stays with it as far as possible.
            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, List.of(StickyAssignor.class),
            // A group without a position begins at the oldest record; the default is the newest.
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest", // <--
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class);
        try (var consumer = new KafkaConsumer<String, String>(settings)) {
            consumer.subscribe(List.of("{{topic}}")); // <--
            while (true) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println("points for " + record.key());
                }
                System.out.println("my partitions: " + consumer.assignment()); // empty: idle
            }
        }
    }
}
