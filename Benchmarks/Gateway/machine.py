"""What the figures were measured on."""

import os
import platform
import resource
import subprocess
import time
from pathlib import Path


HERE = Path(__file__).resolve().parent


def describe(repository):
    return {
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cpus": os.cpu_count(),
        "memory_kib": int(_first("/proc/meminfo", "MemTotal").split()[0]),
        "system": _first("/etc/os-release", "PRETTY_NAME"),
        "kernel": platform.release(),
        "nginx": _output("nginx", "-v").rpartition("/")[2],
        "haproxy": (_output("haproxy", "-v").split() + ["", "", "unknown"])[2],
        "litellm": _first(HERE / "litellm.txt", "litellm=="),
        "commit": _output("git", "-C", str(repository), "describe", "--always", "--dirty"),
        "load_average_at_start": os.getloadavg()[0],
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def raise_descriptor_limit(wanted=8192):
    """A proxy holds two descriptors for each of its clients' connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted and os.geteuid() == 0:
        hard = wanted
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _first(path, key):
    for line in Path(path).read_text().splitlines():
        if line.startswith(key):
            return line.partition("=" if "=" in line else ":")[2].strip(' ="\t')
    return "unknown"


def _output(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return "unknown"
    return (done.stdout + done.stderr).strip()
