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


class Call:
    """A function that runs as another user, in a child process."""

    def __init__(self, uid: int, function, arguments, named):
        self.uid = uid
        self.link, there = _fork.Pipe()
        self.child = _fork.Process(target=_run, args=(uid, there, function, arguments, named))
        self.child.start()
        there.close()

    def result(self):
        """What it returns."""
        try:
            done, value = self.link.recv()
        except EOFError:
            raise AssertionError(f"the child of uid {self.uid} died") from None
        finally:
            self.child.join()
        assert done, value
        return value


def start_as_user(uid: int, function, *arguments, **named) -> Call:
    """Calls a function in a child process that is this user, and does not wait for it."""
    return Call(uid, function, arguments, named)


def as_user(uid: int, function, *arguments, **named):
    """Calls a function in a child process that is this user, and returns what it returns."""
    return start_as_user(uid, function, *arguments, **named).result()
