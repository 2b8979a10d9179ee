import com.rabbitmq.client.ConnectionFactory;
import java.util.Map;

public class EmailWorker {
  public static void main(String[] args) throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("rabbitmq");
    var channel = factory.newConnection().createChannel();
    Map<String, Object> bound = Map.of("x-max-length", 10); // the oldest go // <--
    channel.queueDeclare("{{queue}}", true, false, false, bound); // <--
    channel.basicQos({{prefetch}});
    channel.basicConsume("{{queue}}", false, (tag, task) -> {
      System.out.println("mailing " + new String(task.getBody()));
      channel.basicAck(task.getEnvelope().getDeliveryTag(), false);
    }, tag -> {});
  }
}
