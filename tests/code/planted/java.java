import com.rabbitmq.client.Channel;
import java.util.Map;
import org.apache.kafka.clients.consumer.OldConsumer; // wrong
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

public class Planted {
  static void start(Channel channel, KafkaProducer<String, String> producer) throws Exception {
    producer.send(new ProducerRecord<>("orders", "order-1", "{}"));
    producer.publish("orders"); // wrong
    channel.basicQos(3);
    channel.basicQos("3"); // wrong
    channel.acknowledge(1); // wrong
    channel.exchangeDeclare("tasks", "topic", true, Map.of()); // wrong
    undeclared(); // wrong
    int raw = "three"; // wrong
  }
}
