"""The test cases of llhttp, the parser of Node.js, read from its Markdown files."""

from __future__ import annotations

import json
import re
import tarfile
from dataclasses import dataclass
from functools import cache

from shared_data import needed

_CASE = re.compile(
    r"<!--\s*meta=(\{.*?\})\s*-->\s*```http\n(.*?)```(?:(?!```).)*```log\n(.*?)```",
    re.DOTALL,
)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
#: A tunnel or another protocol begins, or the test only looks: no error.
_PAUSES = re.compile(r"error code=(?:21|22|23|24) ")


@dataclass
class Final:
    """An answer as llhttp reads it."""

    status: int
    body_length: int
    is_whole: bool


@dataclass
class Case:
    """Bytes, and what llhttp makes of them."""

    name: str
    #: `request`, `response`, or one of these with a leniency or `-finish` behind it.
    type: str
    data: bytes
    log: str

    @property
    def is_strict(self) -> bool:
        return self.type in ("request", "response")

    @property
    def error(self) -> str | None:
        """Why it is refused, if it is."""
        for line in self.log.splitlines():
            if "error code=" in line and not _PAUSES.search(line):
                return line
        return None

    @property
    def completed(self) -> int:
        """How many messages are whole."""
        return self.log.count("message complete")

    @property
    def begun(self) -> int:
        """How many messages were begun."""
        return self.log.count("message begin")

    @property
    def methods(self) -> set[str]:
        return set(re.findall(r'span\[method\]="(.*)"', self.log))

    @property
    def final(self) -> Final | None:
        """The first answer that is no `1xx`."""
        for message in self.log.split("message begin")[1:]:
            head = re.search(r"headers complete status=(\d+) v=\S+ flags=(\w+) content_length=(\d+)", message)
            if head is None:
                return None
            if int(head[1]) >= 200:
                is_chunked = bool(int(head[2], 16) & 0x8)
                # Without a length or chunks it ends with the connection.
                is_whole = "message complete" in message or (not is_chunked and head[3] == "0")
                body = sum(int(length) for length in re.findall(r"len=(\d+) span\[body\]", message))
                return Final(int(head[1]), body, is_whole)
        return None


def _bytes(text: str) -> bytes:
    text = re.sub(r"\n\Z", "", text)
    text = re.sub(r"\\\n", "", text).replace("\n", "\r\n")
    for escape, meant in (("\\r", "\r"), ("\\n", "\n"), ("\\t", "\t"), ("\\f", "\f")):
        text = text.replace(escape, meant)
    return re.sub(r"\\x([0-9a-fA-F]+)", lambda found: chr(int(found[1], 16)), text).encode()


@cache
def cases(kind: str) -> list[Case]:
    """The cases of a kind, `request` or `response`, lenient ones too."""
    found = []
    with tarfile.open(needed("llhttp-tests/llhttp_md.tar.gz")) as archive:
        for member in sorted(archive.getmembers(), key=lambda one: one.name):
            if f"/{kind}/" not in member.name or not member.name.endswith(".md"):
                continue
            text = archive.extractfile(member).read().decode()
            for match in _CASE.finditer(text):
                titles = _HEADING.findall(text, 0, match.start())
                meta = json.loads(match[1])
                # In these the test tells the parser to look away.
                if meta.get("skipBody") or meta.get("pause"):
                    continue
                file = member.name.rsplit("/", 1)[1].removesuffix(".md")
                name = f"{file}: {titles[-1] if titles else '?'}"
                found.append(Case(name, meta["type"], _bytes(match[2]), match[3]))
    assert len(found) > 60, kind
    return found
