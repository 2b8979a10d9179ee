"""Holds the code of the lessons, filled with the values of their worlds, to the real libraries:
TypeScript's compiler and Node for JavaScript; Python itself, ruff and pyright for Python; Java's
compiler for Java.

Each file is one test. The files in `planted/` prove that the tools see what they should: there a
finding is wanted in every line that ends with the comment `wrong`, and in no other."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import runtime
import samples

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FILLED = ROOT / ".tools" / "code"
# Pyright says so of a class whose body assigns `__init__`; `runtime.py` knows its signature.
MISREAD = "Expected 0 positional arguments"
PLANTED = [HERE / "planted" / name for name in ("javascript.js", "python.py", "java.java")]


def run(*command):
    """What a tool prints. It may end with 1 or 2 because of what it found, but must say what that was."""
    done = subprocess.run(command, cwd=FILLED, capture_output=True, text=True)
    if done.returncode > 0 and not done.stdout.strip():
        sys.exit(f"{command[0]} does not work: {done.stderr}")
    return done.stdout


def by_lines(output, pattern):
    """The findings of a tool that prints one in a line; other lines go on with the one before."""
    found = (re.match(pattern, line) for line in output.splitlines())
    return [(match["file"], int(match["line"]), match["message"]) for match in found if match]


def typescript():
    output = run(ROOT / "node_modules/.bin/tsc", "--project", HERE / "tsconfig.json", "--pretty", "false")
    return by_lines(output, r"(?P<file>.+?)\((?P<line>\d+),\d+\): (?P<message>.+)")


def ruff():
    flags = ("--isolated", "--no-cache", "--no-respect-gitignore", "--output-format", "concise")
    output = run(sys.executable, "-m", "ruff", "check", "--select", "E4,E7,E9,F,B,PLE", *flags, ".")
    return by_lines(output, r"(?P<file>.+?):(?P<line>\d+):\d+: (?P<message>.+)")


def pyright():
    program = ROOT / "node_modules/.bin/pyright"
    output = run(program, "--project", HERE, "--pythonpath", sys.executable, "--outputjson")
    for one in json.loads(output)["generalDiagnostics"]:
        if one["message"] == MISREAD:
            continue
        name = str(Path(one["file"]).relative_to(FILLED))
        yield name, one["range"]["start"]["line"] + 1, one["message"].splitlines()[0]


def imports(names):
    """What Node finds when it really imports: a type may promise a name that a module does not export."""
    for name in names:
        text = (FILLED / name).read_text()
        for match in re.finditer(r"^import\s[^;]+;", text, re.MULTILINE):
            message = imported(match[0])
            if message:
                yield name, text.count("\n", 0, match.start()) + 1, message


@cache
def imported(statement):
    command = ("node", "--input-type=module", "--eval", statement)
    done = subprocess.run(command, cwd=FILLED, capture_output=True, text=True)
    error = re.search(r"^\w*Error.*", done.stderr, re.MULTILINE)
    return error and error[0]


def python(names):
    for name in names:
        for line, message in runtime.findings((FILLED / name).read_text(), name):
            yield name, line, message


def java(names):
    jars = ":".join(str(jar) for jar in sorted((ROOT / ".tools/java").glob("*.jar")))
    output = run("java", HERE / "Compile.java", jars, *names)
    return by_lines(output, r"(?P<file>.+?\.java):(?P<line>\d+): (?P<message>.+)")


def findings(names):
    """All findings by file, each with its line."""
    scripts = [name for name in names if name.endswith(".js")]
    modules = [name for name in names if name.endswith(".py")]
    classes = [name for name in names if name.endswith(".java")]
    tools = [typescript, ruff, pyright, lambda: imports(scripts), lambda: python(modules), lambda: java(classes)]
    by_file = defaultdict(list)
    with ThreadPoolExecutor() as pool:
        for found in pool.map(lambda tool: list(tool()), tools):
            for name, line, message in found:
                by_file[name].append((line, message))
    return by_file


def missed(name, found):
    """For a planted file: the lines that should have a finding and have none, or the reverse."""
    wanted = {line for line, text in enumerate((ROOT / name).read_text().splitlines(), 1) if text.endswith("wrong")}
    seen = {line for line, _ in found}
    both = [(line, "nobody finds what is wrong here") for line in wanted - seen]
    return both + [(line, message) for line, message in found if line not in wanted]


def main():
    names, by_file = samples.fill(ROOT, FILLED, PLANTED)
    for name, found in findings(names).items():
        by_file[name] += found
    for name in (str(path.relative_to(ROOT)) for path in PLANTED):
        by_file[name] = missed(name, by_file[name])
    for name in sorted(by_file):
        for line, message in sorted(by_file[name]):
            print(f"{name}:{line}: {message}")
    failed = sum(1 for found in by_file.values() if found)
    print(f"{len(names) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
