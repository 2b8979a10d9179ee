import com.rabbitmq.client.ConnectionFactory;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

public class EmailWorker {
  public static void main(String[] args) throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("rabbitmq");
    var channel = factory.newConnection().createChannel();
    channel.basicQos({{prefetch}}); // at most so many messages without an ack // <--

    boolean autoAck = false; // true: the broker forgets the message when it sends it // <--
    channel.basicConsume("{{queue}}", autoAck, (consumer, message) -> {
      // "after receive": a crash here loses nothing, the broker still has the message.
      var envelope = message.getEnvelope();
      UUID order;
      try {
        order = UUID.fromString(new String(message.getBody(), StandardCharsets.UTF_8));
      } catch (IllegalArgumentException unreadable) {
        // No requeue: to the dead letter exchange.
        channel.basicReject(envelope.getDeliveryTag(), false); // <--
        return;
      }
      if (envelope.isRedeliver()) { // <--
        System.out.println(order + " was delivered before, perhaps mailed before");
      }
      System.out.println("mailing the buyer of " + order);
      // "after work": a crash here sends the mail a second time.
      channel.basicAck(envelope.getDeliveryTag(), false); // <--
    }, consumer -> {});
  }
}
