import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import redis.clients.jedis.JedisPooled;

/** Called for each record; the offset is committed after it. */
public class Payment {
    private final JedisPooled done = new JedisPooled("redis", 6379);
    private final HttpClient http = HttpClient.newHttpClient();

    public void handle(ConsumerRecord<String, String> record)
            throws IOException, InterruptedException {
        String id = record.key();
        if (done.exists("charged:" + id)) return; // <--
        charge(id, record.value());
        // A crash here: the id is not noted, only the gateway can know.
        done.psetex("charged:" + id, {{lifetime_ms}}L, "1"); // <--
    }

    private void charge(String id, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://gateway/charges"))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", id) // <--
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        int status = http.send(request, BodyHandlers.ofString()).statusCode();
        if (status >= 300) throw new IOException("gateway: " + status);
    }
}
