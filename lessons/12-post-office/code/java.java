import com.rabbitmq.client.*;
import java.util.Map;

public class PostOffice {
  public static void main(String[] args) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("rabbitmq");
    Channel channel = factory.newConnection().createChannel();

    channel.exchangeDeclare("unrouted", BuiltinExchangeType.FANOUT, true);
    channel.exchangeDeclare("tasks", BuiltinExchangeType.DIRECT, true);
    channel.exchangeDeclare("orders", BuiltinExchangeType.TOPIC, true);
    Map<String, Object> catchAll = Map.of("alternate-exchange", "unrouted");
    channel.exchangeDeclare("parcels", BuiltinExchangeType.HEADERS, true, false, catchAll); // <--

    String[] queues = {"email-notifications", "completed-orders", "all-orders", "express-parcels", "strays"};
    for (String queue : queues)
      channel.queueDeclare(queue, true, false, false, null);
    channel.queueBind("email-notifications", "tasks", "{{bound}}"); // equal // <--
    channel.queueBind("completed-orders", "orders", "order.completed.*"); // one word // <--
    channel.queueBind("all-orders", "orders", "{{all}}"); // zero words or more // <--
    Map<String, Object> both = Map.of("x-match", "all", "country", "us", "express", true);
    channel.queueBind("express-parcels", "parcels", "", both); // <--
    channel.queueBind("strays", "unrouted", "");

    channel.addReturnListener(back -> System.out.println(back.getReplyText())); // NO_ROUTE
    byte[] order = "{\"orderId\": \"order-1\"}".getBytes();
    boolean mandatory = true;
    channel.basicPublish("orders", "{{event}}", mandatory, MessageProperties.PERSISTENT_BASIC, order); // <--
  }
}
