import com.rabbitmq.client.*;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.*;

public class TaskOrFact {
  static void paid(Producer<String, String> log, Channel queue, String orderId) throws Exception {
    // The fact: what happened, for whoever reads it, in order by key.
    log.send(new ProducerRecord<>("{{topic}}", orderId, "{\"status\": \"paid\"}")).get(); // <--
    // The task: what one worker has to do.
    byte[] task = ("{\"mail\": \"receipt\", \"orderId\": \"" + orderId + "\"}").getBytes();
    queue.basicPublish("tasks", "{{key}}", MessageProperties.PERSISTENT_BASIC, task); // <--
  }

  public static void main(String[] args) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", "kafka:9092");
    settings.put("group.id", "loyalty"); // a group of its own // <--
    settings.put("auto.offset.reset", "earliest"); // <--
    var text = new StringDeserializer();
    try (var loyalty = new KafkaConsumer<String, String>(settings, text, text)) {
      loyalty.subscribe(List.of("{{topic}}"));
      while (true)
        for (var record : loyalty.poll(Duration.ofSeconds(1)))
          System.out.println("points for " + record.key());
    }
  }
}
