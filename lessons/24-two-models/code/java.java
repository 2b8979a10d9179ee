import java.time.Duration;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;

public class OrderList {
  private final Map<String, String> orders = new ConcurrentHashMap<>();
  private final Map<Integer, Long> folded = new ConcurrentHashMap<>();

  /** The write side: the answer names the place of the record. */
  static RecordMetadata placeOrder(Producer<String, String> producer, String id, String order)
      throws Exception {
    return producer.send(new ProducerRecord<>("{{topic}}", id, order)).get(); // <--
  }

  /** The read side: its group is {{group}}, auto.offset.reset is earliest. */
  void project(Consumer<String, String> consumer) {
    consumer.subscribe(List.of("{{topic}}"));
    while (true) {
      for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
        orders.put(record.key(), record.value());
        folded.put(record.partition(), record.offset()); // <--
      }
    }
  }

  /** Waits for the reader's own write, two seconds at most. */
  Collection<String> read(RecordMetadata own) throws InterruptedException {
    long until = System.currentTimeMillis() + 2_000;
    while (folded.getOrDefault(own.partition(), -1L) < own.offset() // <--
        && System.currentTimeMillis() < until) Thread.sleep(10);
    return orders.values();
  }
}
