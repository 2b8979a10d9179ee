import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

public class Outbox {
    static void placeOrder(Connection db, String id, String body) throws SQLException {
        db.setAutoCommit(false); // one transaction for both rows // <--
        insert(db, "INSERT INTO orders (id, body) VALUES (?, ?)", id, body);
        insert(db, "INSERT INTO outbox (key, body) VALUES (?, ?)", id, body); // <--
        db.commit(); // on an error: rollback // <--
    }
    static void insert(Connection db, String sql, String id, String body) throws SQLException {
        try (var insert = db.prepareStatement(sql)) {
            insert.setString(1, id);
            insert.setString(2, body);
            insert.execute();
        }
    }
    /** To be called every 500 ms, with autocommit on. */
    static void relay(Connection db, KafkaProducer<String, String> producer)
            throws SQLException, ExecutionException, InterruptedException {
        try (var query = db.prepareStatement("SELECT id, key, body FROM outbox ORDER BY id");
             var delete = db.prepareStatement("DELETE FROM outbox WHERE id = ?");
             var rows = query.executeQuery()) {
            while (rows.next()) {
                var record = new ProducerRecord<>("{{topic}}", rows.getString(2), rows.getString(3));
                producer.send(record).get(); // first publish, and wait for the answer // <--
                delete.setLong(1, rows.getLong(1));
                delete.execute(); // then delete // <--
            }
        }
    }
}
