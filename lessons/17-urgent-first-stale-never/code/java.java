import com.rabbitmq.client.*;
import java.util.Map;

public class UrgentFirst {
  public static void main(String[] args) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("rabbitmq");
    Channel channel = factory.newConnection().createChannel();

    channel.exchangeDeclare("tasks", BuiltinExchangeType.DIRECT, true);
    Map<String, Object> urgent = Map.of("x-max-priority", {{max}}); // <--
    channel.queueDeclare("mails.priority", true, false, false, urgent);
    Map<String, Object> limits = Map.of("x-message-ttl", 60000, "x-max-length", 20); // <--
    channel.queueDeclare("offers", true, false, false, limits);
    channel.queueDeclare("offers.flash", true, false, false, null);
    channel.queueBind("mails.priority", "tasks", "mail");
    channel.queueBind("offers", "tasks", "offer.day");
    channel.queueBind("offers.flash", "tasks", "offer.flash"); // one time per queue // <--

    var receipt = new AMQP.BasicProperties.Builder().priority({{priority}}).build(); // others: {{low}} // <--
    channel.basicPublish("tasks", "mail", receipt, "receipt".getBytes());
    var flash = new AMQP.BasicProperties.Builder().expiration("{{expiration}}").build(); // in ms // <--
    channel.basicPublish("tasks", "offer.flash", flash, "offer".getBytes());

    channel.basicQos(1); // what is in the hand is not overtaken // <--
    channel.basicConsume("mails.priority", false, (tag, mail) -> {
      System.out.println("mailing with priority " + mail.getProperties().getPriority());
      channel.basicAck(mail.getEnvelope().getDeliveryTag(), false);
    }, tag -> {});
  }
}
