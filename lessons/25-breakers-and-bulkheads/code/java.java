import java.net.URI;
import java.net.http.*;
import java.time.Duration;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;

public class PaymentClient {
  private final HttpClient http = HttpClient.newHttpClient();
  private final Semaphore places = new Semaphore({{places}}); // the bulkhead // <--
  private final AtomicInteger failed = new AtomicInteger();
  private volatile long openUntil;

  public void charge(String order) throws Exception {
    if (System.currentTimeMillis() < openUntil) throw new Exception("the breaker is open"); // <--
    if (!places.tryAcquire()) throw new Exception("the bulkhead is full"); // <--
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create("http://payment/charges"))
          .timeout(Duration.ofMillis({{timeout_ms}})) // <--
          .POST(HttpRequest.BodyPublishers.ofString(order)).build();
      int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status >= 500) throw new Exception("status " + status);
      failed.set(0); // closed
    } catch (Exception error) {
      int failures = failed.incrementAndGet(); // half-open: one more opens it again
      if (failures >= {{failures}}) openUntil = System.currentTimeMillis() + {{open_ms}}; // <--
      throw error;
    } finally {
      places.release();
    }
  }

  /** Before attempt 2, 3, …: 1 s, 2 s, 4 s, at most 16 s, half of it drawn. */
  static long pause(int attempt) {
    long longest = Math.min(1000L << (attempt - 2), 16_000); // <--
    return longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1); // jitter // <--
  }
}
