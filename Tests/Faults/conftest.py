"""Fixtures: those of the integration tests, a disk that fails, and the table of figures."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
INTEGRATION = HERE.parent / "Integration"
sys.path[:0] = [str(INTEGRATION), str(HERE)]

_spec = importlib.util.spec_from_file_location("integration_fixtures", INTEGRATION / "conftest.py")
_shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_shared)
Stage, stage, home = _shared.Stage, _shared.stage, _shared.home
backend, make_prefd, prefd = _shared.backend, _shared.make_prefd, _shared.prefd

import postgres  # noqa: E402

FIGURES: list[tuple[str, str]] = []


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="all of it: takes an hour")


@pytest.fixture
def servers():
    """A folder for PostgreSQL servers, which are ended with it."""
    reason = postgres.missing()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="prefd-pg-", dir="/tmp"))
    folder.chmod(0o755)
    made: list[postgres.PostgresServer] = []

    def take(server):
        made.append(server)
        return server

    take.folder = folder
    yield take
    for server in made:
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def is_long(request) -> bool:
    """Whether everything is tried, and not a sample."""
    return request.config.getoption("--long")


@pytest.fixture
def figure():
    """Takes a line of the table that the run ends with."""
    return lambda what, value: FIGURES.append((what, str(value)))


@pytest.fixture(scope="session")
def disk_library():
    """The library that a process is preloaded with to have a disk that fails."""
    compiler = shutil.which("clang") or shutil.which("cc")
    assert compiler, "no C compiler here (clang comes with Swift)"
    folder = Path(tempfile.mkdtemp(prefix="prefd-disk-"))
    library = folder / "disk.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, HERE / "disk.c", "-ldl"], check=True
    )
    yield library
    shutil.rmtree(folder)


def pytest_terminal_summary(terminalreporter):
    if not FIGURES:
        return
    terminalreporter.section("figures")
    terminalreporter.write_line("| what | figure |\n| --- | --- |")
    for what, value in FIGURES:
        terminalreporter.write_line(f"| {what} | {value} |")
