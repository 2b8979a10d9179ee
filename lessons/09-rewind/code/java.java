import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Payment {
    public static void main(String[] args) {
        boolean rewind = List.of(args).contains("--rewind");
        Map<String, Object> config = Map.of(
            "bootstrap.servers", "broker-1:9092",
            "group.id", "{{group}}",
            // Asked only when the group has no valid offset; this lesson began with "{{reset}}".
            "auto.offset.reset", "earliest", // <--
            "enable.auto.commit", false);
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("{{topic}}"), new ConsumerRebalanceListener() {
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    if (rewind) {
                        consumer.seekToBeginning(partitions); // <--
                    }
                }
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
            });
            while (true) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record ->
                    System.out.println("charging for " + record.key() + ", unless that is done"));
                consumer.commitSync();
            }
        }
    }
}
