import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;

public class LagAlert {
  public static void main(String[] args) throws Exception {
    try (var admin = Admin.create(Map.<String, Object>of("bootstrap.servers", "broker-1:9092"))) {
      var committed = admin.listConsumerGroupOffsets("{{group}}") // <--
          .partitionsToOffsetAndMetadata().get();
      var asked = committed.keySet().stream()
          .collect(Collectors.toMap(at -> at, at -> OffsetSpec.latest()));
      var ends = admin.listOffsets(asked).all().get(); // <--
      var lags = new TreeMap<String, Long>();
      committed.forEach((at, offset) ->
          lags.put(at.toString(), ends.get(at).offset() - offset.offset())); // <--
      long total = lags.values().stream().mapToLong(Long::longValue).sum();
      // All partitions late: members are missing. A few: a hot key.
      System.out.println(lags);
      if (total > {{above}}) { // <--
        System.err.println("alert: {{group}} is " + total + " behind");
      }
    }
  }
}
