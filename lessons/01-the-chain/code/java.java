import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public class Checkout {
  static final HttpClient http = HttpClient.newHttpClient();

  static void call(String service, byte[] order) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(URI.create("http://" + service + "/orders"))
        .POST(HttpRequest.BodyPublishers.ofByteArray(order)).build();
    var response = http.send(request, HttpResponse.BodyHandlers.discarding());
    if (response.statusCode() >= 400) throw new IOException(service + " failed");
  }

  static void checkout(HttpExchange exchange) throws IOException {
    byte[] order = exchange.getRequestBody().readAllBytes();
    int status = 200;
    try {
      call("payment", order); //   {{payment_ms}} ms, and the card is charged // <--
      call("inventory", order); // {{inventory_ms}} ms // <--
      call("email", order); //     {{email_ms}} ms // <--
      call("warehouse", order); // {{warehouse_ms}} ms // <--
      call("analytics", order); // {{analytics_ms}} ms // <--
    } catch (IOException | InterruptedException error) {
      status = 502; // Whatever happened before the failing call stays done. // <--
    }
    exchange.sendResponseHeaders(status, -1);
  }

  public static void main(String[] args) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.createContext("/checkout", Checkout::checkout);
    server.start();
  }
}
