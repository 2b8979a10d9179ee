import java.net.URI;
import java.nio.file.*;
import java.util.*;
import javax.tools.*;

/** Compiles each of the named files by itself and prints what the compiler says of it. */
public class Compile {
  public static void main(String[] arguments) throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> options = List.of("-proc:none", "-Xlint:all,-serial,-try", "-cp", arguments[0]);
    Path classes = Files.createTempDirectory("classes");
    for (String name : Arrays.asList(arguments).subList(1, arguments.length)) {
      DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
      try (StandardJavaFileManager files = compiler.getStandardFileManager(said, null, null)) {
        files.setLocation(StandardLocation.CLASS_OUTPUT, List.of(classes.toFile()));
        compiler.getTask(null, files, said, options, null, List.of(new Sample(name))).call();
      }
      for (Diagnostic<?> one : said.getDiagnostics()) {
        String message = one.getMessage(Locale.ENGLISH).replaceAll("\\s+", " ");
        System.out.println(name + ":" + one.getLineNumber() + ": " + message);
      }
    }
    System.out.println("compiled");
  }

  /** A public class may stand in a file of any name. */
  static class Sample extends SimpleJavaFileObject {
    private final Path path;

    Sample(String name) {
      super(Path.of(name).toUri(), Kind.SOURCE);
      path = Path.of(name);
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) throws java.io.IOException {
      return Files.readString(path);
    }

    @Override
    public boolean isNameCompatible(String simpleName, Kind kind) {
      return kind == Kind.SOURCE;
    }
  }
}
