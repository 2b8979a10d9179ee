import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Analytics {
    public static void main(String[] arguments) {
        Map<String, Object> settings = Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "broker-1:9092",
            ConsumerConfig.GROUP_ID_CONFIG, "{{group}}", // has the position // <--
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, {{session}},
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest", // without a position // <--
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class);
        try (var consumer = new KafkaConsumer<String, String>(settings)) {
            consumer.subscribe(List.of("{{topic}}"));
            boolean again = arguments.length > 0 && arguments[0].equals("--again");
            while (true) {
                var records = consumer.poll(Duration.ofSeconds(1));
                if (again && !consumer.assignment().isEmpty()) { // read all of it again
                    consumer.seekToBeginning(consumer.assignment()); // <--
                    again = false;
                    continue;
                }
                // The records stay. Only the position of this group moves behind them.
                records.forEach(record -> System.out.println(
                    record.partition() + "@" + record.offset() + ": " + record.key())); // <--
            }
        }
        // A worker of the queue {{queue}} takes instead: channel.basicAck removes the message.
    }
}
