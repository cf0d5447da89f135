"""What a process has in memory, as root can read it in spite of all."""

from __future__ import annotations

import re
from pathlib import Path

_START = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) ")
_BLOCK = 1 << 16


def mappings(pid: int):
    """Each mapping that can hold what came later than the program: where it begins and ends, and whether dumps leave it out (MADV_DONTDUMP)."""
    start = None
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if found := _START.match(line):
            start, end, mode = int(found[1], 16), int(found[2], 16), found[3]
        elif line.startswith("VmFlags:") and start is not None and "rw" in mode:
            yield start, end, "dd" in line.split()


def contents(pid: int) -> tuple[bytes, bytes]:
    """All that a forced dump would hold, and all that it would leave out."""
    dumped, excluded, empty = [], [], bytes(_BLOCK)
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end, is_excluded in mappings(pid):
            try:
                memory.seek(start)
                while memory.tell() < end:
                    # Most of what is mapped was never touched.
                    block = memory.read(min(_BLOCK, end - memory.tell()))
                    if block != empty:
                        (excluded if is_excluded else dumped).append(block)
            except (OSError, ValueError):
                continue  # The kernel's own pages.
    return b"".join(dumped), b"".join(excluded)
