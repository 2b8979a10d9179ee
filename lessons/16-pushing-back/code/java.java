import com.rabbitmq.client.*;
import java.nio.charset.StandardCharsets;
import java.util.Map;

public class Door {
  private final Channel channel;

  public Door(Connection connection) throws Exception {
    channel = connection.createChannel();
    channel.confirmSelect(); // <--
    channel.queueDeclare("{{queue}}", true, false, false, Map.of(
        "x-max-length", {{max_length}}, // <--
        "x-overflow", "reject-publish")); // without it: drop-head // <--
  }

  /** The status of the answer; a 503 goes with the header Retry-After: 30. */
  public int placeOrder(String order) throws Exception {
    if (channel.messageCount("{{queue}}") > {{above}}) { // ready, not unacked // <--
      return 503; // <--
    }
    byte[] task = order.getBytes(StandardCharsets.UTF_8);
    channel.basicPublish("tasks", "task.email", MessageProperties.PERSISTENT_BASIC, task);
    return channel.waitForConfirms(5_000) ? 202 : 503; // basic.ack or basic.nack // <--
  }
}
