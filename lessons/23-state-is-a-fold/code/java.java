import java.io.*;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Analytics {
    // State and event in, state out: no clock, no calls, no effects.
    static void fold(Properties orders, String id, String event) {
        orders.setProperty(id, event); // <--
    }

    public static void main(String[] arguments) throws IOException {
        var text = new StringDeserializer();
        var settings = Map.<String, Object>of("bootstrap.servers", "broker-1:9092");
        var views = new HashMap<TopicPartition, Properties>(); // next offset, status by order
        for (int n = 0; n < {{partitions}}; n++)
            views.put(new TopicPartition("{{topic}}", n), new Properties());
        try (var consumer = new KafkaConsumer<>(settings, text, text)) {
            consumer.assign(views.keySet());
            for (var at : views.keySet()) {
                var saved = new File("snapshot-" + at);
                if (saved.exists()) try (var in = new FileReader(saved)) { views.get(at).load(in); }
                consumer.seek(at, Long.parseLong(views.get(at).getProperty("next", "0"))); // <--
            }
            // To know an earlier state, stop at the first record with a later timestamp().
            while (true) for (var record : consumer.poll(Duration.ofSeconds(1))) {
                var at = new TopicPartition(record.topic(), record.partition());
                var view = views.get(at);
                fold(view, record.key(), new String(record.headers().lastHeader("event").value()));
                view.setProperty("next", Long.toString(record.offset() + 1));
                if (record.offset() % 50 == 49) // state and position together // <--
                    try (var out = new FileWriter("snapshot-" + at)) { view.store(out, null); }
            }
        }
    }
}
