import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Inventory {
    public static void main(String[] args) {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", "broker-1:9092",
            "group.id", "{{group}}",
            "partition.assignment.strategy", CooperativeStickyAssignor.class.getName(), // <--
            "session.timeout.ms", {{session_timeout}}, // without a heartbeat for so long: dead // <--
            "max.poll.interval.ms", {{max_poll_interval}}, // without a poll for so long: out // <--
            "max.poll.records", {{max_poll_records}},
            "enable.auto.commit", false);
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("{{topic}}"));
            while (true) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println("reserving for " + record.key());
                }
                // A crash before this line: the next owner reserves again.
                try {
                    consumer.commitSync(); // <--
                } catch (CommitFailedException refused) {
                    System.out.println("the group went on without us, the work is done");
                }
            }
        }
    }
}
