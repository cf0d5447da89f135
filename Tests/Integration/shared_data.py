"""Test data that lies beside a checkout and not in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def folder() -> Path | None:
    """The folder of shared test data: `PREFD_TEST_DATA`, or `shared/data` in a parent folder."""
    named = os.environ.get("PREFD_TEST_DATA")
    if named:
        return Path(named)
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "data").is_dir():
            return parent / "shared" / "data"
    return None


def needed(name: str) -> Path:
    """A file of it; skips the test without it, and fails it in CI."""
    base = folder()
    path = base / name if base else None
    if path is None or not path.is_file():
        reason = f"no {name} here: set PREFD_TEST_DATA to the folder that holds it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
