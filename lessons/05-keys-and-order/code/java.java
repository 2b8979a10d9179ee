import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class Checkout {
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "broker-1:9092",
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
        try (var producer = new KafkaProducer<String, String>(settings)) {
            String order = "{\"orderId\": \"order-17\", \"country\": \"NL\"}";
            // One partition for all events of an order. "NL" as the key would keep order too,
            // and overload one partition.
            var record = new ProducerRecord<>("{{topic}}", "order-17", order); // <--
            // "{{event}}", "paid", "shipped"
            record.headers().add("event", "{{event}}".getBytes(StandardCharsets.UTF_8));
            var written = producer.send(record).get();
            System.out.println(written.partition() + "@" + written.offset()); // <--
        }
    }
}
