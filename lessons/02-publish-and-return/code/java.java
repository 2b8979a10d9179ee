import com.rabbitmq.client.ConnectionFactory;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Shop {
  static void checkout() throws Exception {
    var settings = new Properties();
    settings.put("bootstrap.servers", "broker-1:9092");
    settings.put("acks", "all");
    var bytes = new ByteArraySerializer();
    var producer = new KafkaProducer<byte[], byte[]>(settings, bytes, bytes);
    var server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.createContext("/checkout", exchange -> {
      byte[] key = exchange.getRequestHeaders().getFirst("Order-Id").getBytes();
      byte[] order = exchange.getRequestBody().readAllBytes();
      int status = 202;
      try {
        // The order is in the log when get() returns. Nobody has worked on it yet.
        producer.send(new ProducerRecord<>("{{topic}}", key, order)).get(); // <--
      } catch (Exception error) {
        status = 503;
      }
      exchange.sendResponseHeaders(status, -1); // <--
    });
    server.start();
  }

  // Another process, which may be down while orders are taken.
  static void email() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("rabbitmq");
    var channel = factory.newConnection().createChannel();
    channel.basicQos({{prefetch}});
    channel.basicConsume("{{queue}}", false, (tag, message) -> { // <--
      System.out.println("mailing the buyer of " + new String(message.getBody()));
      channel.basicAck(message.getEnvelope().getDeliveryTag(), false); // <--
    }, tag -> {});
  }
}
