"""Fills the code of the lessons as the page does: `{{name}}` stands for a setting of the lesson's world."""

import json
import re
import shutil

PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}")
CHECKED = (".js", ".py", ".java")


def fill(root, target, planted):
    """Writes the samples below `target` under their own paths, beside the planted files.
    Gives the names of all, and for those with a placeholder without a value what is wrong."""
    shutil.rmtree(target, ignore_errors=True)
    write(target / "package.json", '{"type": "module"}')
    hindered, names = {}, []
    for source, lesson in [*of_lessons(root), *((path, None) for path in planted)]:
        name = str(source.relative_to(root))
        text, faults = filled(source.read_text(), lesson, root)
        write(target / name, text)
        names.append(name)
        hindered[name] = faults
    return names, hindered


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def of_lessons(root):
    for document in sorted(root.glob("lessons/*/lesson.json")):
        lesson = json.loads(document.read_text())
        for sample in lesson["code"]:
            if sample["file"].endswith(CHECKED):
                yield document.parent / "code" / sample["file"], lesson


def filled(text, lesson, root):
    """The text with its values, and the placeholders that have none with their lines."""
    faults = []

    def value(match):
        found = setting(lesson, match[1], root)
        if found is None:
            faults.append((text.count("\n", 0, match.start()) + 1, f"{match[0]} has no value"))
        return found if isinstance(found, str) else json.dumps(found)

    return (PLACEHOLDER.sub(value, text) if lesson else text), faults


def setting(lesson, name, root):
    """A changed scenario has a value where its change says so, or else where it was."""
    world, path = lesson["world"], lesson["settings"].get(name, "")
    if "own" in world:
        return at(world["own"], path)
    changed = at(world.get("change", {}), path)
    scenario = root / "scenarios" / f"{world['scenario']}.json"
    return at(json.loads(scenario.read_text()), path) if changed is None else changed


def at(value, path):
    """The text, number or truth value at a path such as `/services/payment/instances`."""
    for segment in path.removeprefix("/").split("/"):
        if isinstance(value, list):
            value = element(value, segment)
        else:
            value = value.get(segment) if isinstance(value, dict) else None
    return None if isinstance(value, (dict, list)) else value


def element(values, segment):
    if segment.isdigit():
        return values[int(segment)] if int(segment) < len(values) else None
    named = (one for one in values if isinstance(one, dict) and name_of(one) == segment)
    return next(named, None)


def name_of(element):
    fields = ("id", "name", "service", "rule")
    return next((element[field] for field in fields if field in element), None)
