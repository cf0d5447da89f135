"""What the kernel says of a process, and of this one."""

from __future__ import annotations

import resource
from pathlib import Path


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise AssertionError(f"the kernel does not say how much memory {pid} holds")


def descriptors(pid: int) -> int:
    """How many files and sockets it has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def raise_descriptor_limit() -> int:
    """Lets this process open as many files as it may, and returns how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def socket_buffer() -> int:
    """Bytes that the kernel takes for one end of a Unix socket before its writer has to wait."""
    return int(Path("/proc/sys/net/core/wmem_default").read_text())
