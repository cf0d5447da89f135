"""Fixtures: each test gets a folder of its own, and whatever it starts there is ended with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import anthropic
import httpx
import httpx2
import ollama
import openai
import pytest

from backend import Backend
from daemon import Prefd, install_rules, make_key, standard_config
from packs import few_rules
from postgres import new_database, on_server


DIALECTS = ["openai", "anthropic", "ollama"]


def pytest_addoption(parser):
    parser.addoption("--store", default="sqlite", choices=["sqlite", "postgres"], help="what keeps the store")


def pytest_configure(config):
    Stage.keeper = config.getoption("--store")
    if Stage.keeper == "postgres" and "PREFD_TEST_POSTGRES" not in os.environ:
        raise pytest.UsageError("--store postgres: run it by Tests/Integration/postgres.py COMMAND")


class Stage:
    """A folder of its own, and what was started there; it ends with whatever runs on it."""

    #: What keeps the store of every prefd that is not told.
    keeper = "sqlite"

    def __init__(self):
        # A short path, since a Unix socket's is 107 bytes at most, and open to all users.
        self.home = Path(tempfile.mkdtemp(prefix="prefd-", dir="/tmp"))
        self.home.chmod(0o755)
        self.started: list[Backend | Prefd] = []

    def backend(self, name="model", **how) -> Backend:
        """Starts a model server, on a Unix socket unless told otherwise."""
        self.started.append(Backend(self.home, name, **how))
        return self.started[-1]

    def prefd(
        self, backends: list[dict] | Backend, *, rules: dict[str, str] | str | None = None, start=True, **more
    ) -> Prefd:
        """Starts prefd in front of backends; without `rules` there are but a few, which load at once."""
        if isinstance(backends, Backend):
            # Many tests play a broken backend time and again: it is not to be left alone for that.
            backends = [
                {
                    "name": "played",
                    "url": backends.url,
                    "dialects": DIALECTS,
                    "models": ["*"],
                    "circuit_breaker": {"failures": 0},
                }
            ]
        options = {name: more.pop(name) for name in ("env", "command", "user") if name in more}
        if not (self.home / "master.key").exists():
            make_key(self.home / "master.key")
        if self.keeper == "postgres" and "store" not in more:
            more["store"] = on_server(self.home, new_database())
        install_rules(self.home / "rules.d", few_rules() if rules is None else rules)
        one = Prefd(self.home, standard_config(self.home, backends, **more), **options)
        self.started.append(one)
        return one.start() if start else one

    def close(self) -> None:
        for one in reversed(self.started):
            one.close()
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture
def stage():
    """An empty stage."""
    made = Stage()
    yield made
    made.close()


@pytest.fixture
def home(stage) -> Path:
    """The stage's folder."""
    return stage.home


@pytest.fixture
def make_backend(stage):
    """Starts model servers."""
    return stage.backend


@pytest.fixture
def backend(stage) -> Backend:
    """A model server on a Unix socket."""
    return stage.backend()


@pytest.fixture
def make_prefd(stage):
    """Starts prefd with a config in which everything lies below `home`."""
    return stage.prefd


@pytest.fixture
def prefd(make_prefd, backend) -> Prefd:
    """prefd in front of `backend`."""
    return make_prefd(backend)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """An authority, and certificates that it signed: for localhost, and for another name."""
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    def key(name):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")

    for authority in ("ca", "stranger"):
        key(authority)
        openssl(
            "req", "-x509", "-new", "-key", f"{authority}.key", "-days", "2", "-subj", f"/CN=test {authority}",
            "-addext", "basicConstraints=critical,CA:TRUE", "-out", f"{authority}.pem",
        )  # fmt: skip
    for name, names in (("localhost", "DNS:localhost,IP:127.0.0.1"), ("elsewhere", "DNS:elsewhere.example")):
        key(name)
        openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        (folder / f"{name}.ext").write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem",
        )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def _shipped():
    made = Stage()
    model = made.backend()
    yield made.prefd(model, rules="shipped"), model
    made.close()


@pytest.fixture
def shipped(_shipped):
    """prefd with the shipped rules and its model server, one pair for all tests of a module."""
    _shipped[1].clear()
    return _shipped


@pytest.fixture(scope="module")
def _shared():
    made = Stage()
    model = made.backend()
    yield made.prefd(model), model
    made.close()


@pytest.fixture
def shared(_shared):
    """prefd and its model server, one pair for all tests of a module; nothing is known of anyone."""
    prefd, model = _shared
    model.clear()
    with prefd.wire() as wire:
        wire.delete("/prefd/v1/me")
    return _shared


@pytest.fixture
def client(prefd):
    """The real OpenAI client over the Unix socket, as an app would make it."""
    with sdk(prefd) as made:
        yield made


def sdk(prefd: Prefd, **more) -> openai.OpenAI:
    """A synchronous OpenAI client of this prefd."""
    transport = httpx2.HTTPTransport(uds=str(prefd.data))
    return openai.OpenAI(
        base_url="http://localhost/v1",
        api_key=more.pop("api_key", "not-needed"),
        max_retries=more.pop("max_retries", 0),
        http_client=openai.DefaultHttpxClient(transport=transport),
        **more,
    )


def async_sdk(prefd: Prefd, **more) -> openai.AsyncOpenAI:
    """An asynchronous OpenAI client of this prefd."""
    transport = httpx2.AsyncHTTPTransport(uds=str(prefd.data))
    return openai.AsyncOpenAI(
        base_url="http://localhost/v1",
        api_key="not-needed",
        max_retries=more.pop("max_retries", 0),
        http_client=openai.DefaultAsyncHttpxClient(transport=transport),
        **more,
    )


def anthropic_sdk(prefd: Prefd, **more) -> anthropic.Anthropic:
    """A synchronous Anthropic client of this prefd."""
    return anthropic.Anthropic(
        base_url="http://localhost",
        api_key="not-needed",
        max_retries=more.pop("max_retries", 0),
        http_client=anthropic.DefaultHttpxClient(transport=httpx2.HTTPTransport(uds=str(prefd.data))),
        **more,
    )


def async_anthropic_sdk(prefd: Prefd, **more) -> anthropic.AsyncAnthropic:
    """An asynchronous Anthropic client of this prefd."""
    transport = httpx2.AsyncHTTPTransport(uds=str(prefd.data))
    return anthropic.AsyncAnthropic(
        base_url="http://localhost",
        api_key="not-needed",
        max_retries=0,
        http_client=anthropic.DefaultAsyncHttpxClient(transport=transport),
        **more,
    )


def ollama_sdk(prefd: Prefd, **more) -> ollama.Client:
    """A synchronous Ollama client of this prefd."""
    return ollama.Client(host="http://localhost", transport=httpx.HTTPTransport(uds=str(prefd.data)), **more)


def async_ollama_sdk(prefd: Prefd, **more) -> ollama.AsyncClient:
    """An asynchronous Ollama client of this prefd."""
    transport = httpx.AsyncHTTPTransport(uds=str(prefd.data))
    return ollama.AsyncClient(host="http://localhost", transport=transport, **more)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows what prefd wrote, where a test failed."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        folder = item.funcargs.get("home")
        log = folder / "stderr.log" if folder else None
        if log and log.exists():
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-60:])
            report.sections.append(("prefd's stderr, its last lines", tail))
