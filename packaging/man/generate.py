"""Writes prefd's man pages into a folder. Each fact has one source:

prefd(8)        prefd.8.md here, and what `prefd` itself says of its command line
prefctl(1)      prefctl.1.md here, and what `prefctl` itself says of its command line
prefd.yaml(5)   prefd.yaml.5.md here, and the comments of config/prefd.yaml
prefd-rules(5)  docs/RULES.md

    generate.py FOLDER PROGRAMS     PROGRAMS holds the built prefd and prefctl
"""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import roff

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
#: What every command takes stands once, in a section of its own.
EVERYWHERE = ("socket", "admin-socket", "json", "version", "help")


def main() -> int:
    folder, programs = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    # Reproducible: dpkg-buildpackage sets it from the changelog.
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", datetime.datetime.now().timestamp()))
    date = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).date().isoformat()
    version = subprocess.check_output([programs / "prefd", "--version"], text=True).strip()
    texts = {
        ("prefd", 8): template("prefd.8.md", commands=commands(programs / "prefd")),
        ("prefctl", 1): template("prefctl.1.md", commands=commands(programs / "prefctl")),
        ("prefd.yaml", 5): template("prefd.yaml.5.md", settings=settings((ROOT / "config" / "prefd.yaml").read_text())),
        ("prefd-rules", 5): template("prefd-rules.5.md", rules=rules((ROOT / "docs" / "RULES.md").read_text())),
    }
    for (name, section), text in texts.items():
        page = roff.page(text, name=name, section=section, date=date, version=version)
        (folder / f"{name}.{section}").write_text(page)
    return 0


def template(name: str, **parts: str) -> str:
    text = (HERE / name).read_text()
    for part, value in parts.items():
        text = text.replace(f"{{{{{part}}}}}", value)
    return text


# Command lines, as the programs describe them.


def commands(program: Path) -> str:
    described = json.loads(subprocess.check_output([program, "--experimental-dump-help"]))["command"]
    return "\n\n".join(command(one, [described["commandName"]]) for one in described["subcommands"] if shown(one))


def shown(described: dict) -> bool:
    return described["commandName"] != "help" and described.get("shouldDisplay", True)


def command(described: dict, above: list[str]) -> str:
    names = [*above, described["commandName"]]
    if inner := [one for one in described.get("subcommands", []) if shown(one)]:
        return "\n\n".join(command(one, names) for one in inner)
    own = [each for each in described["arguments"] if each["valueName"] not in EVERYWHERE and label(each) not in EVERYWHERE]
    usage = " ".join([*(f"**{name}**" for name in names), *map(synopsis, own)])
    text = [f"## {usage}", described.get("abstract", "")]
    if described.get("discussion"):
        text.append(described["discussion"])
    text += [f"{term(each)}\n: {meaning(each)}" for each in own if each.get("abstract")]
    return "\n\n".join(text)


def label(argument: dict) -> str:
    return argument["names"][-1]["name"] if argument.get("names") else argument["valueName"]


def synopsis(argument: dict) -> str:
    if argument["kind"] == "positional":
        text = f"*{argument['valueName']}*"
    else:
        text = term(argument)
    text += " …" if argument["isRepeating"] else ""
    return f"[{text}]" if argument["isOptional"] else text


def term(argument: dict) -> str:
    if argument["kind"] == "positional":
        return f"*{argument['valueName']}*"
    value = f" *{argument['valueName']}*" if argument["kind"] == "option" else ""
    return f"**--{label(argument)}**{value}"


def meaning(argument: dict) -> str:
    text = argument["abstract"]
    if argument.get("allValues"):
        text += f" One of {', '.join(argument['allValues'])}."
    if argument.get("defaultValue"):
        text += f" Default: {argument['defaultValue']}."
    return text


# The configuration, as its file describes it.


def settings(file: str) -> str:
    """The file's comments as text, its settings (`#` without a space after it) as code."""
    # The file's own opening comment is about the file: the page says the same in its own words.
    sections = [section.splitlines() for section in re.split(r"\n\n+", file.strip())[1:]]
    out, last = [], ""
    for at, lines in enumerate(sections):
        example = lines[0] == "# Example:"
        # The list items of an example are indented like definitions: from the first setting on it is code.
        first = begin_of_code(lines)
        text, code = comment(lines[1 if example else 0 : first]), [line[1:] for line in lines[first:]]
        # A setting without a default has no code of its own: the example after it has.
        key = (code or [line[1:] for line in sections[at + 1][begin_of_code(sections[at + 1]) :]])[0].split(":")[0]
        if key != last:
            out.append(f"## {key}")
            last = key
        out.append(f"An example. {text}" if example else text)
        if code:
            out.append("\n".join(["```", *code, "```"]))
    return "\n\n".join(out)


def begin_of_code(lines: list[str]) -> int:
    return next((i for i, line in enumerate(lines) if re.match(r"#[a-z]", line)), len(lines))


def comment(lines: list[str]) -> str:
    """`#   name  what it is` is a definition; what else is indented goes on with it."""
    out: list[str] = []
    for line in lines:
        text = line.removeprefix("#")
        if entry := re.match(r" {3}(\S+) {2,}(.*)", text):
            out += ["", f"`{entry[1]}`", f": {entry[2]}"]
        else:
            out.append(text.removeprefix(" ") if not text.startswith("   ") else text)
    return "\n".join(out).strip()


def rules(document: str) -> str:
    """The document without its title, its sections one level up."""
    return re.sub(r"^##", "#", document.split("\n", 1)[1], flags=re.M)


if __name__ == "__main__":
    sys.exit(main())
