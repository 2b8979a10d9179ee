import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Burst {
  /** The checkout: when get() returns, the order is written down and the buyer has an answer. */
  static void checkout(KafkaProducer<String, String> log, String id, String order)
      throws Exception {
    log.send(new ProducerRecord<>("{{topic}}", id, order)).get(); // <--
  }

  static KafkaProducer<String, String> producer() {
    var settings = new Properties();
    settings.put("bootstrap.servers", "broker-1:9092");
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  /** Payment. Start more of them: as many as there are partitions share the work. */
  public static void main(String[] args) {
    var settings = new Properties();
    settings.put("bootstrap.servers", "broker-1:9092");
    settings.put("group.id", "{{group}}"); // <--
    settings.put("auto.offset.reset", "earliest");
    var text = new StringDeserializer();
    try (var consumer = new KafkaConsumer<>(settings, text, text)) {
      consumer.subscribe(List.of("{{topic}}"));
      while (true) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          // At its own pace.
          System.out.println("charging the card of order " + record.key()); // <--
        }
      }
    }
  }
}
