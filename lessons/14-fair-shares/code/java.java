import com.rabbitmq.client.*;
import java.util.Map;

public class FairShares {
  public static void main(String[] args) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("rabbitmq");
    Channel channel = factory.newConnection().createChannel();

    channel.queueDeclare("{{queue}}", true, false, false, null);
    channel.basicQos({{prefetch}}); // unacked jobs of this worker; 0 is unlimited // <--
    DeliverCallback resize = (tag, job) -> {
      System.out.println("resizing " + new String(job.getBody()));
      channel.basicAck(job.getEnvelope().getDeliveryTag(), false); // makes room // <--
    };
    channel.basicConsume("{{queue}}", false, resize, tag -> {});

    // One consumer at a time, the others stand by.
    Map<String, Object> oneActive = Map.of("x-single-active-consumer", true); // <--
    channel.queueDeclare("{{single}}", true, false, false, oneActive);
    DeliverCallback show = (tag, event) -> {
      System.out.println(new String(event.getBody()));
      channel.basicAck(event.getEnvelope().getDeliveryTag(), false);
    };
    channel.basicConsume("{{single}}", false, show, tag -> {});
  }
}
