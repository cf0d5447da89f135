"""What the documents show works as written."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from answers import completion, whole
from daemon import ROOT, Prefd, binary

README = (ROOT / "README.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def commands(text: str) -> list[str]:
    """The commands of a document's shell blocks, continued lines joined."""
    lines = "\n".join(blocks(text, "sh")).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip()]


@pytest.fixture
def own_instance(home):
    """prefd as its user starts it by hand: without a configuration."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    env = {"XDG_RUNTIME_DIR": str(runtime), "XDG_STATE_HOME": str(home / "state-home"), "HOME": str(home)}
    prefd = Prefd(home, None, env=env, command=[binary("prefd"), "serve"])
    prefd.data, prefd.admin = runtime / "prefd" / "prefd.sock", runtime / "prefd" / "admin.sock"
    prefd.start()
    with prefd.wire() as wire:
        wire.chat({"model": "prefd-mirror", "messages": [{"role": "user", "content": "hi"}]})
    yield prefd
    prefd.close()


def run(command: str, prefd: Prefd) -> subprocess.CompletedProcess:
    env = {**prefd.env, "PATH": f"{binary('prefctl').parent}:{os.environ['PATH']}"}
    return subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


def test_every_prefctl_and_curl_command_of_the_readme(own_instance):
    shown = [line for line in commands(README) if line.startswith(("prefctl", "curl"))]
    assert len(shown) >= 15
    if shutil.which("curl") is None:
        shown = [line for line in shown if not line.startswith("curl")]
    for command in shown:
        # forget-me asks on a terminal, and this is none.
        asked = command.replace("prefctl forget-me", "prefctl forget-me --yes")
        done = run(asked, own_instance)
        expected = 1 if "safety=off" in command else 0
        assert done.returncode == expected, f"{command}\n{done.stdout}{done.stderr}"
        if command.startswith("curl"):
            assert json.loads(done.stdout)["choices"], done.stdout


def test_the_readmes_other_commands_are_there():
    scripts = [line for line in commands(README) if not line.startswith(("prefctl", "curl", ".build"))]
    assert scripts == ["packaging/demo.sh", "Tests/run.sh", "packaging/build-deb.sh"]
    for script in scripts:
        assert os.access(ROOT / script, os.X_OK)
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), f"the README links to {target}"


#: What each client of the README is asked, so that it prints what it was answered.
ASKED = {
    "openai": 'print(client.chat.completions.create(model="m", messages=HI).choices[0].message.content)',
}


def test_the_readmes_clients_work(own_instance, home):
    code = 'HI = [{"role": "user", "content": "it works"}]\n'
    snippets = blocks(README, "python")
    assert [re.search(r"openai|anthropic|ollama", snippet)[0] for snippet in snippets] == ["openai", "anthropic", "ollama"]
    for snippet in snippets:
        code += snippet.replace("/run/user/1000/prefd/prefd.sock", str(own_instance.data))
        code += ASKED.get(re.search(r"openai|anthropic|ollama", snippet)[0], "") + "\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.count("it works") == len(ASKED), done.stderr


def test_the_examples_of_the_api_document(prefd, backend):
    text = (ROOT / "docs" / "API.md").read_text()
    backend.script(whole(completion("ok")))
    env = {"XDG_RUNTIME_DIR": str(prefd.home)}
    (prefd.home / "prefd").symlink_to(prefd.home)
    for command in commands(text):
        if shutil.which("curl") is None:
            break
        done = run(f"export XDG_RUNTIME_DIR={env['XDG_RUNTIME_DIR']}; {command}", prefd)
        shown = json.loads(done.stdout)
        example = next(block for block in blocks(text, "json") if '"terse"' in block)
        assert sorted(shown) == sorted(json.loads(example)), command
    with prefd.wire() as wire:
        request = wire.chat({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).header("x-prefd-request-id")
        for scope in ("signals.explicit", "signals.implicit"):
            wire.put(f"/prefd/v1/consent/{scope}", {"granted": True})
        signals = next(block for block in blocks(text, "json") if '"rating"' in block).splitlines()
        for line in signals:
            signal = json.loads(line)
            if "request_id" in signal:
                signal["request_id"] = request
            assert wire.post("/prefd/v1/signals", signal).status == 200, line
        preview = json.loads(next(block for block in blocks(text, "json") if '"withheld"' in block))
        shown = wire.chat(
            {"model": "m", "messages": [{"role": "user", "content": "hi"}]}, headers=[("X-Prefd-Mode", "preview")]
        ).json()
        assert sorted(shown.keys() | {"block"}) == sorted(preview)
        for path in re.findall(r"`GET (/[a-z0-9/_.]+)`", text):
            if not path.startswith("/prefd/v1/admin") and path != "/metrics":
                assert wire.get(path).status == 200, path
        with prefd.admin_wire() as admin:
            for path in re.findall(r"`GET (/[a-z0-9/_.]+)`", text):
                assert admin.get(path).status == 200 or path.startswith(("/v1/", "/api/")), path


def test_the_example_of_the_rules_document(prefd, home):
    text = (ROOT / "docs" / "RULES.md").read_text()
    own = home / "my-rules"
    own.mkdir()
    (own / "house.yaml").write_text(blocks(text, "yaml")[0])
    for command in commands(text):
        line, _, file = command.partition(" > ")
        done = prefd.prefctl(*shlex.split(line, comments=True)[1:], cwd=home)
        if file:
            (home / file).write_text(done.stdout)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if " try " in command:
            assert "[ticket]" in done.stdout


@pytest.mark.parametrize("name", ["ADMIN.md", "USERS.md"])
def test_every_command_of_a_guide_works_as_written(own_instance, name):
    shown = commands((ROOT / "docs" / name).read_text())
    assert len(shown) >= 10 and all(line.startswith("prefctl ") for line in shown)
    for command in shown:
        # forget-me asks on a terminal, and this is none.
        done = run(command.replace("prefctl forget-me", "prefctl forget-me --yes"), own_instance)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_examples_of_the_admins_guide_are_a_configuration(home):
    examples = blocks((ROOT / "docs" / "ADMIN.md").read_text(), "yaml")
    assert len(examples) == 2
    (home / "prefd.yaml").write_text("\n".join(["rules: { directory: rules.d }", *examples]))
    (home / "rules.d").mkdir()
    done = subprocess.run([binary("prefd"), "check", "--config", home / "prefd.yaml"], capture_output=True, text=True)
    assert done.returncode == 0 and "warning" not in done.stdout, done.stdout + done.stderr


#: What each client of the apps' guide is asked.
HOW = {
    "OpenAI": 'print(client.chat.completions.create(model="prefd-mirror", messages=HI).choices[0].message.content)',
    "Anthropic": 'print(client.messages.create(model="prefd-mirror", max_tokens=99, messages=HI).content[0].text)',
    "Ollama": 'print(client.chat(model="prefd-mirror", messages=HI).message.content)',
    "LangChain": 'print(client.invoke("it works").content)',
}
APPS = (ROOT / "docs" / "APPS.md").read_text()
OVER_THE_SOCKET, OVER_THE_BRIDGE = APPS.split("## Over a loopback port")


def say(snippets: list[str], **given: str) -> str:
    """What the Python snippets print when each is asked."""
    code = 'HI = [{"role": "user", "content": "it works"}]\n' + "".join(f"{name} = {value!r}\n" for name, value in given.items())
    for snippet in snippets:
        code += snippet + HOW[snippet.split()[1]] + "\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_in_node(snippet: str, home, **given: str) -> str:
    """What a JavaScript snippet prints."""
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        pytest.skip("node is not installed")
    file = home / "app.mjs"
    file.write_text("".join(f"const {name} = {json.dumps(value)};\n" for name, value in given.items()) + snippet)
    done = subprocess.run([node, file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_python_clients_of_the_apps_guide_work_over_the_socket(own_instance):
    snippets = blocks(OVER_THE_SOCKET, "python")
    assert [snippet.split()[1] for snippet in snippets] == list(HOW)
    assert say(snippets, socket=str(own_instance.data)).count("it works") == len(HOW)


def test_the_javascript_of_the_apps_guide_works_over_the_socket(own_instance, home):
    (snippet,) = blocks(OVER_THE_SOCKET, "js")
    assert "How do I poach an egg?" in run_in_node(snippet, home, socket=str(own_instance.data))


def test_the_curl_command_of_the_apps_guide_works(own_instance):
    (curl,) = commands(OVER_THE_SOCKET)
    if shutil.which("curl"):
        assert json.loads(run(curl, own_instance).stdout)["choices"]


@pytest.fixture
def guides_bridge(own_instance):
    """The bridge as the guide has it, on a port that is free; its URL and token."""
    (command,) = commands(OVER_THE_BRIDGE)
    (own_instance.home / ".config").mkdir()
    env = {**own_instance.env, "PATH": f"{binary('prefctl').parent}:{os.environ['PATH']}"}
    # It runs until it is stopped.
    running = subprocess.Popen(["bash", "-c", f"exec {command} --port 0"], env=env, stdout=subprocess.PIPE, text=True)
    first = running.stdout.readline()
    assert "leads to prefd as you" in first
    token = own_instance.home / ".config" / "prefd-bridge.token"
    assert token.stat().st_mode & 0o777 == 0o600
    yield re.search(r"127\.0\.0\.1:\d+", first)[0], token.read_text().strip()
    running.terminate()
    running.communicate()


def test_the_clients_of_the_apps_guide_work_over_the_bridge(guides_bridge, home):
    place, token = guides_bridge
    snippets = [snippet.replace("127.0.0.1:8765", place) for snippet in blocks(OVER_THE_BRIDGE, "python")]
    assert [snippet.split()[1] for snippet in snippets] == list(HOW)
    assert say(snippets, token=token).count("it works") == len(HOW)
    (snippet,) = blocks(OVER_THE_BRIDGE, "js")
    assert "How do I poach an egg?" in run_in_node(snippet.replace("127.0.0.1:8765", place), home, token=token)
