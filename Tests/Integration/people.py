"""Other Unix users, played by forked children of a test that runs as root."""

from __future__ import annotations

import multiprocessing
import os

import pytest

#: Two people who have no account on any machine, and a service that speaks for others.
ANNA, BRUNO, WEBCHAT = 60001, 60002, 60003

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to act as two other Unix users")

_fork = multiprocessing.get_context("fork")


def _run(uid: int, link, function, arguments, named) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    try:
        link.send((True, function(*arguments, **named)))
    except BaseException as error:  # noqa: BLE001: whatever it is, the parent shall see it
        link.send((False, f"{type(error).__name__}: {error}"))


def as_user(uid: int, function, *arguments, **named):
    """Calls a function in a child process that is this user, and returns what it returns."""
    here, there = _fork.Pipe()
    child = _fork.Process(target=_run, args=(uid, there, function, arguments, named))
    child.start()
    there.close()
    try:
        done, value = here.recv()
    except EOFError:
        raise AssertionError(f"the child of uid {uid} died") from None
    finally:
        child.join()
    assert done, value
    return value
