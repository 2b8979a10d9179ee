"""What Python itself and the installed libraries say of a module without running it: whether it
compiles, which imported names do not exist, which settings a Kafka client refuses."""

import ast
import importlib
import inspect

import confluent_kafka
from confluent_kafka.admin import AdminClient

CLIENTS = (confluent_kafka.Consumer, confluent_kafka.Producer, AdminClient)


def findings(text, name):
    try:
        compile(text, name, "exec")
    except SyntaxError as error:
        return [(error.lineno, error.msg)]
    tree = ast.parse(text)
    module = Module(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            module.resolve(node)
        if isinstance(node, ast.Call):
            module.call(node)
    return sorted(module.findings)


class Module:
    """The names that a module imports, the values that it writes down, and what is wrong with how it uses them."""

    def __init__(self, tree):
        self.findings = set()
        self.imported = {}
        self.written = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self.import_modules(node)
            if isinstance(node, ast.ImportFrom):
                self.import_names(node)
            if isinstance(node, ast.Assign):
                names = (target.id for target in node.targets if isinstance(target, ast.Name))
                self.written |= dict.fromkeys(names, node.value)

    def import_modules(self, node):
        for alias in node.names:
            module = self.load(alias.name, node)
            top = self.load(alias.name.partition(".")[0], node)
            self.imported[alias.asname or alias.name.partition(".")[0]] = module if alias.asname else top

    def import_names(self, node):
        module = self.load(node.module, node)
        for alias in node.names:
            self.imported[alias.asname or alias.name] = self.member(module, alias.name, node)

    def load(self, name, node):
        try:
            return importlib.import_module(name)
        except ImportError as error:
            self.findings.add((node.lineno, str(error)))

    def member(self, owner, name, node):
        """A name in a module or class. What instances have is for pyright to see."""
        if not (inspect.ismodule(owner) or inspect.isclass(owner)):
            return None
        if not hasattr(owner, name):
            self.findings.add((node.lineno, f"{owner.__name__} has no {name}"))
        return getattr(owner, name, None)

    def resolve(self, node):
        """What an expression such as `pika.ConnectionParameters` stands for; None if it is no such one."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id)
        if isinstance(node, ast.Attribute):
            return self.member(self.resolve(node.value), node.attr, node)
        return None

    def call(self, call):
        """Holds the arguments to the signature; what is written in C mostly has none."""
        called = self.resolve(call.func)
        if called in CLIENTS:
            return self.construct(call)
        unpacks = any(isinstance(argument, ast.Starred) for argument in call.args)
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        if called is None or unpacks or None in named:
            return
        try:
            inspect.signature(called).bind(*call.args, **named)
        except TypeError as error:
            self.findings.add((call.lineno, str(error)))
        except ValueError:
            return

    def construct(self, call):
        """librdkafka refuses settings that it does not know. Without brokers, it connects to nobody."""
        try:
            settings = self.literal(call.args[0]) | {"log_level": 0}
            settings.pop("bootstrap.servers", None)
            self.resolve(call.func)(settings)
        except Exception as error:
            self.findings.add((call.lineno, str(error)))

    def literal(self, node):
        """A dictionary that is written out, with others unpacked in it or joined with it."""
        if isinstance(node, ast.Name):
            return self.literal(self.written[node.id])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.literal(node.left) | self.literal(node.right)
        if not isinstance(node, ast.Dict):
            return ast.literal_eval(node)
        settings = {}
        for key, value in zip(node.keys, node.values, strict=True):
            settings |= self.literal(value) if key is None else {ast.literal_eval(key): self.literal(value)}
        return settings
