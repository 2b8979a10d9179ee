import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/** Reads {{in}} in group {{group}}; readers of {{out}} set isolation.level=read_committed. */
public class Payment {
    private final KafkaProducer<String, String> producer = new KafkaProducer<>(
        Map.of("bootstrap.servers", "kafka:9092", "transactional.id", "payment-1"), // <--
        new StringSerializer(), new StringSerializer());

    public Payment() { producer.initTransactions(); } // fences the predecessor // <--

    public void handle(Consumer<String, String> consumer, ConsumerRecord<String, String> record) {
        charge(record.key()); // outside: no abort takes it back // <--
        var partition = new TopicPartition(record.topic(), record.partition());
        var next = Map.of(partition, new OffsetAndMetadata(record.offset() + 1));
        producer.beginTransaction(); // <--
        try {
            producer.send(new ProducerRecord<>("{{out}}", record.key(), record.value()));
            producer.sendOffsetsToTransaction(next, consumer.groupMetadata()); // <--
            producer.commitTransaction(); // <--
        } catch (KafkaException error) {
            producer.abortTransaction(); // after ProducerFencedException: close() instead
            throw error;
        }
    }

    private void charge(String id) { /* calls the gateway, with the id as Idempotency-Key */ }
}
