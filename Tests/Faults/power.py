"""A disk that loses power: from a record of what was done, what may be found on it afterwards.

What was synced is there. Of what was not, any part may be: each write whole, not at all, or some of
its sectors. Names change in order (the file system's own log), as far as the last sync of their
folder at least.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512


@dataclass(frozen=True)
class Record:
    what: str
    file: int
    offset: int
    data: bytes
    #: How long the tape was with it.
    end: int


def read_tape(path: Path) -> list[Record]:
    raw, at, found = path.read_bytes(), 0, []
    while at < len(raw):
        what, file, offset, count = struct.unpack_from("<cIQQ", raw, at)
        at += 21
        found.append(Record(what.decode(), file, offset, raw[at : at + count], at + count))
        at += count
    return found


@dataclass
class _File:
    synced: bytes = b""
    #: Writes and truncations since then.
    waiting: list[Record] = field(default_factory=list)


def _apply(data: bytearray, record: Record, sectors: list[bool] | None = None) -> None:
    if record.what == "t":
        del data[record.offset :]
        data.extend(bytes(record.offset - len(data)))
        return
    for index, start in enumerate(range(0, len(record.data), SECTOR)):
        if sectors is not None and not sectors[index]:
            continue
        piece = record.data[start : start + SECTOR]
        offset = record.offset + start
        data.extend(bytes(max(0, offset - len(data))))
        data[offset : offset + len(piece)] = piece


class Disk:
    """The state of the disk as the record goes on."""

    def __init__(self, tape: list[Record] = ()):
        self.files: list[_File] = []
        #: By inode; numbers are used again.
        self.current: dict[int, int] = {}
        self.names: dict[str, int] = {}
        #: Changes of names since the folder was synced, with the file that was made, where one was.
        self.waiting: list[tuple[Record, int]] = []
        for record in tape:
            self.take(record)

    def take(self, record: Record) -> None:
        match record.what:
            case "o":
                self.current[record.file] = len(self.files)
                self.waiting.append((record, len(self.files)))
                self.files.append(_File())
            case "w" | "t":
                self.files[self.current[record.file]].waiting.append(record)
            case "s":
                file = self.files[self.current[record.file]]
                data = bytearray(file.synced)
                for waiting in file.waiting:
                    _apply(data, waiting)
                file.synced, file.waiting = bytes(data), []
            case "d":
                for waiting in self.waiting:
                    self._change(self.names, *waiting)
                self.waiting = []
            case _:
                self.waiting.append((record, -1))

    @staticmethod
    def _change(names: dict[str, int], record: Record, made: int) -> None:
        first, _, second = record.data.decode().partition("\0")
        if record.what == "o":
            names[first] = made
        elif record.what == "u":
            names.pop(first, None)
        elif first in names:
            names[second] = names[first]
            if record.what == "r":
                del names[first]

    def crash(self, how: str, dice: random.Random) -> dict[str, bytes]:
        """What is found: with `least` nothing that was not synced, with `most` all, with `some` any part."""
        count = {"least": 0, "most": len(self.waiting)}.get(how, dice.randint(0, len(self.waiting)))
        names = dict(self.names)
        for waiting in self.waiting[:count]:
            self._change(names, *waiting)
        return {name: self._contents(self.files[file], how, dice) for name, file in names.items()}

    @staticmethod
    def _contents(file: _File, how: str, dice: random.Random) -> bytes:
        data = bytearray(file.synced)
        for record in file.waiting:
            if how == "least" or (how == "some" and dice.random() < 0.4):
                continue
            torn = how == "some" and record.what == "w" and dice.random() < 0.5
            count = -(-len(record.data) // SECTOR)
            _apply(data, record, [dice.random() < 0.5 for _ in range(count)] if torn else None)
        return bytes(data)
