import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.ConnectionFactory;

public class Replay {
  public static void main(String[] args) throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("rabbitmq");
    try (var connection = factory.newConnection(); var channel = connection.createChannel()) {
      channel.confirmSelect(); // <--
      // A few letters are business. Many say that something is broken.
      long waiting = channel.messageCount("{{queue}}"); // <--
      if (waiting > {{above}}) System.err.println("alert: " + waiting + " dead letters"); // <--
      // No more than were there: those that come back meanwhile wait for the next time.
      for (long left = waiting; left > 0; left--) {
        var letter = channel.basicGet("{{queue}}", false); // <--
        if (letter == null) break;
        // The first rung again.
        var key = letter.getEnvelope().getRoutingKey().replaceFirst("\\.retry-\\d$", "");
        var properties = letter.getProps().builder().headers(null).build(); // no x-death
        channel.basicPublish("tasks", key, properties, repaired(letter.getBody())); // <--
        channel.waitForConfirmsOrDie(5_000); // <--
        // Last: a crash before it doubles a letter and loses none.
        channel.basicAck(letter.getEnvelope().getDeliveryTag(), false); // <--
      }
    }
  }

  static byte[] repaired(byte[] order) {
    var whole = "\"address\":\"1 Harbour Road\"";
    return new String(order, UTF_8).replace("\"address\":\"\"", whole).getBytes(UTF_8);
  }
}
