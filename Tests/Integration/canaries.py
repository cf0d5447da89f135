"""Marks that are put in through every field, and looked for in every file."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path


def canary(label: str) -> str:
    """A string that cannot be anywhere by chance."""
    return f"canary-{label}-{secrets.token_hex(12)}"


def spellings(text: str) -> dict[str, bytes]:
    """The text as bytes in the encodings in which it could lie in a file."""
    plain = text.encode()
    found = {
        "utf-8": plain,
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
    }
    for shift in range(3):
        # What stands before the text shifts base64 by 0, 1 or 2 bytes; the characters at either
        # end that also depend on a neighbour are left out.
        encoded = base64.b64encode(b"\0" * shift + plain)
        inner = encoded[-(-shift * 8 // 6) : (shift + len(plain)) * 8 // 6]
        found[f"base64+{shift}"] = inner
        found[f"base64url+{shift}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    return found


def find_in(data: bytes, texts: list[str]) -> list[str]:
    """Which texts lie in the data, and how they are spelled there."""
    return [
        f"{text[:24]} as {name}"
        for text in texts
        for name, spelled in spellings(text).items()
        if spelled in data
    ]


def find_below(folder: Path, texts: list[str]) -> list[str]:
    """Where below a folder the texts lie: in file contents and in file names."""
    hits = []
    for path in sorted(folder.rglob("*")):
        hits += [f"name {path}: {hit}" for hit in find_in(str(path.relative_to(folder)).encode(), texts)]
        if path.is_file() and not path.is_symlink():
            hits += [f"{path}: {hit}" for hit in find_in(path.read_bytes(), texts)]
    return hits


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
