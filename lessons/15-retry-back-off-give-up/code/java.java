import com.rabbitmq.client.*;
import java.util.Map;

public class Shipping {
  static void start(Channel channel) throws Exception {
    channel.exchangeDeclare("tasks", "topic", true);
    channel.exchangeDeclare("dlx", "topic", true);
    Map<String, Object> work = Map.of("x-dead-letter-exchange", "dlx"); // <--
    channel.queueDeclare("{{queue}}", true, false, false, work);
    channel.queueBind("{{queue}}", "tasks", "task.label.#");

    // Nobody consumes a rung. Its messages expire and return under the next key.
    int[] delays = { {{first_ms}}, {{second_ms}}, {{third_ms}} };
    for (int i = 0; i < delays.length; i++) {
      String rung = "{{queue}}.retry-" + delays[i] / 1000 + "s";
      channel.queueDeclare(rung, true, false, false, Map.of(
          "x-message-ttl", delays[i], // <--
          "x-dead-letter-exchange", "tasks", // <--
          "x-dead-letter-routing-key", "task.label.retry-" + (i + 1))); // <--
      channel.queueBind(rung, "dlx", i == 0 ? "task.label" : "task.label.retry-" + i);
    }
    channel.queueDeclare("dead-letters", true, false, false, null);
    channel.queueBind("dead-letters", "dlx", "task.label.retry-3"); // <--

    channel.basicConsume("{{queue}}", false, (tag, delivery) -> {
      long number = delivery.getEnvelope().getDeliveryTag();
      if (new String(delivery.getBody()).contains("\"address\"")) {
        channel.basicAck(number, false);
      } else {
        channel.basicReject(number, false); // to the dead letter exchange // <--
      }
    }, tag -> {});
  }
}
