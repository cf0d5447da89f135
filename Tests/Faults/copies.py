"""A prefd on a copy of a store, with the stage's key and rules."""

from __future__ import annotations

import shutil

from daemon import Prefd, standard_config


def backends(model) -> list[dict]:
    """The played model server, as a configuration has it."""
    return [{"name": "played", "url": model.url, "dialects": ["openai"], "models": ["*"]}]


def prefd_on_copy(stage, model, **more) -> Prefd:
    """A prefd that has not been started, and whose state directory is still to be filled; the last one is gone."""
    home = stage.home / "copy"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    shutil.copytree(stage.home / "rules.d", home / "rules.d")
    shutil.copy2(stage.home / "master.key", home / "master.key")
    return Prefd(home, standard_config(home, backends(model), **more))
