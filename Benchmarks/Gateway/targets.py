"""Starting what is measured: the stub backend, nginx, HAProxy, LiteLLM, prefd."""

import json
import os
import secrets
import signal
from pathlib import Path
from string import Template

from client import call, free_port
from rulepack import write_rules
from server import Server

SETTINGS = Path(__file__).resolve().parent / "settings"
RULES = 200  # at least so many are in force on every answer of prefd-full


def _settings(name, directory, **values):
    """The settings of this name, filled in, as a file in `directory`."""
    path = directory / name
    path.write_text(Template((SETTINGS / name).read_text()).substitute(values, directory=directory))
    return path


def start_stub(program, directory):
    """The stub, at a Unix socket and, for what cannot reach one, at `server.port` of 127.0.0.1."""
    directory.mkdir(mode=0o700)
    port = free_port()
    server = Server("stub", directory, [program, f"unix:{directory}/s", f"tcp:{port}"])
    server.path, server.port = directory / "s", port
    return server


def start_nginx(directory, stub):
    directory.mkdir(mode=0o700)
    # As root its workers would become another user, who may not enter our directory.
    user = "user root;" if os.geteuid() == 0 else ""
    config = _settings(
        "nginx.conf", directory, listen=directory / "s", backend=stub.path, user=user
    )
    return Server("nginx", directory, ["nginx", "-p", str(directory), "-c", str(config)])


def start_haproxy(directory, stub):
    directory.mkdir(mode=0o700)
    config = _settings("haproxy.cfg", directory, listen=directory / "s", backend=stub.path)
    return Server("haproxy", directory, ["haproxy", "-db", "-f", str(config)])


def start_litellm(program, directory, stub):
    directory.mkdir(mode=0o700)
    config = _settings("litellm.yaml", directory, port=stub.port)
    port = free_port()
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(directory),
        "NO_PROXY": "*",
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
        # No target asks for a password here.
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
        # Nothing from the network: what it would fetch at start is taken from its package.
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
        "LITELLM_LOCAL_AUTOROUTER_PRESETS": "True",
        "LITELLM_LOCAL_BLOG_POSTS": "True",
        "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
        "LITELLM_DONT_SHOW_FEEDBACK_BOX": "true",
        "DISABLE_ADMIN_UI": "True",
        "DISABLE_TELEMETRY": "True",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    argv = [
        *(str(program), "--config", str(config)),
        *("--host", "127.0.0.1", "--port", str(port)),
        # Else it closes connections that wait for their turn.
        *("--keepalive_timeout", "600"),
    ]
    return Server(
        *("litellm", directory, argv, f"tcp:{port}"),
        environment=environment,
        patience=120,
        death_signal=signal.SIGKILL,  # it may be resting, and then hears nothing else
    )


def start_prefd(name, program, directory, stub, shipped_rules=None, delegate=False):
    """`shipped_rules`: the packs in force, filled up where they are few; None for no rules at all.

    With `delegate` this uid's programs may speak for users of their own (X-Prefd-User).
    """
    directory.mkdir(mode=0o700)
    (directory / "state").mkdir(mode=0o700)
    key = directory / "master.key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(32))
    rules = directory / "rules.d"
    if shipped_rules:
        write_rules(rules, shipped_rules, RULES)
    else:
        rules.mkdir()
    apps = [{"name": "bench", "match": {"uid": os.getuid()}, "delegate": True}] if delegate else []
    config = _settings(
        *("prefd.yaml", directory),
        listen=directory / "s",
        backend=stub.path,
        rules=rules,
        apps=json.dumps(apps),
    )
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(directory)}
    argv = [str(program), "serve", "--config", str(config)]
    server = Server(name, directory, argv, environment=environment)
    server.admin_answer = lambda path: call(f"unix:{directory}/admin.sock", "GET", path)[2]
    return server
