"""Shows prefd's main job with the real OpenAI client: run by demo.sh."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import httpx2
import openai

QUESTION = [
    {"role": "system", "content": "You are the help of a cooking app."},
    {"role": "user", "content": "How do I poach an egg?"},
]
# Made up: it opens nothing.
SECRET = "AKIAQYLPMN5HHHFPZAM2"
REPEAT = [{"role": "user", "content": f"Repeat exactly this line and nothing else: aws_access_key_id = {SECRET} # prod"}]

BOLD, GREEN, PLAIN = ("\033[1m", "\033[32m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def heading(text: str) -> None:
    print(f"\n{BOLD}== {text} =={PLAIN}\n")


def say(text: str) -> None:
    print(textwrap.fill(" ".join(text.split()), 96))


def show(text: str, mark=lambda line: " ") -> None:
    for line in text.splitlines():
        sign = mark(line)
        color = GREEN if sign == "+" else ""
        print(f"  {color}{sign} {line}{PLAIN if color else ''}")


class Demo:
    def __init__(self, programs: Path, home: Path):
        self.prefctl_path = programs / "prefctl"
        runtime, state = home / "run", home / "state"
        for folder in (runtime, state):
            folder.mkdir(mode=0o700)
        self.env = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "XDG_STATE_HOME": str(state)}
        for name in ("PREFD_SOCKET", "PREFD_ADMIN_SOCKET", "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID"):
            self.env.pop(name, None)
        self.socket = runtime / "prefd" / "prefd.sock"
        self.log = home / "prefd.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [programs / "prefd", "serve"], env=self.env, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.client = openai.OpenAI(
            base_url="http://localhost/v1",
            api_key="not-needed",
            max_retries=0,
            http_client=openai.DefaultHttpxClient(transport=httpx2.HTTPTransport(uds=str(self.socket))),
        )

    def wait_ready(self) -> None:
        probe = httpx2.Client(transport=httpx2.HTTPTransport(uds=str(self.socket)), base_url="http://localhost")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if probe.get("/readyz").status_code == 200:
                    probe.close()
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"prefd did not start. It said:\n{self.log.read_text(errors='replace')}")

    def stop(self) -> None:
        self.client.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def prefctl(self, *arguments: str) -> str:
        """Runs prefctl and returns what it prints."""
        command = [self.prefctl_path, *arguments]
        done = subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"prefctl {' '.join(arguments)} failed:\n{done.stderr}")
        return done.stdout

    def prompt(self) -> str:
        """What the model gets of the question, as prefd would send it."""
        preview = self.client.chat.completions.with_raw_response.create(
            model=self.model, messages=QUESTION, extra_headers={"X-Prefd-Mode": "preview"}
        )
        messages = preview.http_response.json()["body"]["messages"]
        return "\n".join(f"[{message['role']}]\n{message['content']}" for message in messages)

    def ask(self) -> str:
        """The question, as an app asks it; returns the prompt that the model got."""
        answer = self.client.chat.completions.create(model=self.model, messages=QUESTION)
        text = answer.choices[0].message.content or ""
        if self.on_mirror:
            # The mirror's answer is the prompt; only its first line is its own.
            return text.split("\n\n", 1)[1]
        print("The model answered:\n")
        show(text)
        print()
        return self.prompt()

    def run(self) -> None:
        self.wait_ready()
        models = [model.id for model in self.client.models.list()]
        self.on_mirror = models == ["prefd-mirror"]
        self.model = models[0]
        heading("prefd is running")
        if self.on_mirror:
            say(
                """No model server was found on this machine, so prefd answers by its built-in mirror: an answer is
                the prompt as a model would have received it. Start Ollama, llama.cpp, vLLM or LM Studio first to see
                real answers."""
            )
        else:
            say(f"A model server was found on this machine; asking its model {self.model}.")

        heading("A question through the openai package, over the Unix socket")
        before = self.ask()
        print("The prompt that the model got:\n")
        show(before)

        heading("prefctl set verbosity=concise tone=casual")
        show(self.prefctl("set", "verbosity=concise", "tone=casual"))

        heading("The same question again")
        after = self.ask()
        known = set(before.splitlines())
        print("The prompt that the model got, with what prefd added marked by +:\n")
        show(after, lambda line: " " if line in known else "+")

        heading("prefctl explain")
        show(self.prefctl("explain"))

        heading("A secret in a streamed answer")
        say(f"Asked to repeat: {REPEAT[0]['content'].split(': ', 1)[1]}")
        stream = self.client.chat.completions.create(model=self.model, messages=REPEAT, stream=True)
        pieces = [part.choices[0].delta.content for part in stream if part.choices and part.choices[0].delta.content]
        text = "".join(pieces)
        if self.on_mirror:
            text = text.split("[user]\n", 1)[-1]
        print(f"\nReceived in {len(pieces)} pieces:\n")
        show(text)
        print("\nprefctl explain, its end:\n")
        show(self.prefctl("explain").partition("Rules that fired:")[2].strip("\n"))
        if SECRET in "".join(pieces):
            raise SystemExit("The secret came through: this is a defect of prefd.")

        heading("Done")
        where = self.prefctl_path.parent
        print("prefd was stopped, and everything it kept for this demo is gone. To run it for yourself:\n")
        print(f"  {where}/prefd serve")
        print(f"  {where}/prefctl status")


def main() -> int:
    programs = Path(sys.argv[1]).resolve()
    home = Path(tempfile.mkdtemp(prefix="prefd-demo-"))
    if len(str(home)) > 80:
        # A Unix socket's path has 107 bytes at most.
        home.rmdir()
        home = Path(tempfile.mkdtemp(prefix="prefd-demo-", dir="/tmp"))
    demo = None
    try:
        demo = Demo(programs, home)
        demo.run()
    finally:
        if demo is not None:
            demo.stop()
        shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
