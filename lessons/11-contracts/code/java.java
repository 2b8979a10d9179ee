import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class Checkout {
    static final Schema ORDER = SchemaBuilder.record("Order").fields()
        .requiredString("order_id")
        .requiredInt("amount_cents")
        .optionalString("coupon") // new, default null // <--
        .endRecord();

    public static void main(String[] args) throws Exception {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", "broker-1:9092",
            "schema.registry.url", "http://schema-registry:8081",
            "auto.register.schemas", false, // versions are registered by review // <--
            "key.serializer", StringSerializer.class.getName(),
            "value.serializer", "io.confluent.kafka.serializers.KafkaAvroSerializer"); // <--
        try (var producer = new KafkaProducer<String, GenericRecord>(config)) {
            GenericRecord order = new GenericRecordBuilder(ORDER)
                .set("order_id", "order-1")
                .set("amount_cents", 1999)
                .build();
            // SerializationException if it does not fit: nothing is sent.
            producer.send(new ProducerRecord<>("{{topic}}", "order-1", order)).get(); // <--
        }
    }
}
