"""Private PostgreSQL servers: real ones, on Unix sockets in a directory of their own.

    python3 postgres.py COMMAND...     runs a command with PREFD_TEST_POSTGRES, a connection string
"""

import contextlib
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

INSTALL = "apt-get install -y --no-install-recommends postgresql-15"


def programs():
    """The directory of initdb and its like; None where PostgreSQL is not installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def missing():
    """Why there can be no server here, or None."""
    return None if programs() else f"PostgreSQL is not installed: {INSTALL}"


class PostgresServer:
    """One server. It refuses to run as root, so then it is somebody else's."""

    def __init__(self, folder, name="primary", port=5432):
        self.folder = pathlib.Path(folder)
        self.name = name
        self.port = port
        self.data = self.folder / name
        self.sockets = self.folder / f"{name}.sock"
        self.process = None
        account = "postgres" if has_account("postgres") else "nobody"
        self.account = pwd.getpwnam(account) if os.geteuid() == 0 else None
        self.sockets.mkdir(parents=True, exist_ok=True)
        for path in (self.folder, self.sockets):
            self.give(path)

    def give(self, path):
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def run(self, *command, **more):
        if self.account:
            more |= {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=self.folder, **more
        )

    def make(self):
        self.run(
            programs() / "initdb", "-D", self.data, "-U", "prefd", "--auth=trust", "-E", "UTF8",
            "--no-locale", "--no-sync", "-k",
        )
        return self

    def copy(self, name, port):
        """A standby of this server, in the state in which it is started."""
        standby = PostgresServer(self.folder, name, port)
        standby.run(
            programs() / "pg_basebackup", "-D", standby.data, "-h", self.sockets, "-p", str(self.port),
            "-U", "prefd", "-R", "-X", "stream", "-c", "fast", "--no-sync",
            "-d", f"application_name={name}",
        )
        return standby

    def configure(self, **settings):
        with open(self.data / "postgresql.auto.conf", "a") as file:
            for name, value in settings.items():
                file.write(f"{name} = '{value}'\n")

    def start(self):
        log = open(self.folder / f"{self.name}.log", "ab")
        more = {}
        if self.account:
            more = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        self.process = subprocess.Popen(
            [
                programs() / "postgres", "-D", self.data, "-k", self.sockets, "-p", str(self.port),
                "-c", "listen_addresses=", "-c", "shared_buffers=16MB",
            ],
            stdout=log, stderr=log, start_new_session=True, cwd=self.folder, **more,
        )
        deadline = time.monotonic() + 60
        while subprocess.run(
            [programs() / "pg_isready", "-q", "-h", self.sockets, "-p", str(self.port)]
        ).returncode:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        return self

    def log(self):
        return (self.folder / f"{self.name}.log").read_text(errors="replace")

    def query(self, sql, database="postgres"):
        return self.run(
            programs() / "psql", "-h", self.sockets, "-p", str(self.port), "-U", "prefd",
            "-d", database, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql,
        ).stdout.strip()

    def connection(self, database="postgres"):
        return f"host={self.sockets} port={self.port} user=prefd dbname={database}"

    def processes(self):
        """Every process of the server: the first, and its children, which have sessions of their own."""
        return [self.process.pid, *children(self.process.pid)]

    def signal(self, number):
        """Sends all processes a signal, the first one first: it then starts no others."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self):
        """As when the machine is gone: no process of it does anything more."""
        os.kill(self.process.pid, signal.SIGSTOP)
        everyone = self.processes()
        for pid in everyone[1:] + everyone[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def promote(self):
        self.run(programs() / "pg_ctl", "promote", "-D", self.data, "-w", "-t", "60")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=30)


class Tap:
    """Stands between clients and a server: keeps every byte, and cuts connections where it is told to."""

    def __init__(self, server, folder):
        self.server = server
        self.sockets = pathlib.Path(folder) / "tap.sock"
        self.sockets.mkdir()
        self.bytes = bytearray()
        #: How many commits of writes get no answer: they are carried out, and then the connection ends.
        self.swallow = 0
        self.swallowed = 0
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.sockets / f".s.PGSQL.{server.port}"))
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def connection(self, database="postgres"):
        return f"host={self.sockets} port={self.server.port} user=prefd dbname={database}"

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            upstream = socket.socket(socket.AF_UNIX)
            try:
                upstream.connect(str(self.server.sockets / f".s.PGSQL.{self.server.port}"))
            except OSError:
                client.close()
                continue
            state = {"writes": False, "cuts": False}
            threading.Thread(target=self.carry, args=(client, upstream, state, True), daemon=True).start()
            threading.Thread(target=self.carry, args=(upstream, client, state, False), daemon=True).start()

    def carry(self, source, target, state, from_client):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                with self.lock:
                    self.bytes += data
                    if from_client:
                        state["writes"] |= b"prefd_writes" in data
                        if b"COMMIT" in data and state["writes"] and self.swallow:
                            self.swallow -= 1
                            state["cuts"] = True
                    elif state["cuts"]:
                        self.swallowed += 1
                        break
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self):
        self.listener.close()


def children(parent):
    """The processes that another has started and that still run."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def new_database():
    """A connection string for a database of its own on the server that the tests are run with."""
    server = os.environ["PREFD_TEST_POSTGRES"]
    name = f"test_{secrets.token_hex(8)}"
    subprocess.run(
        [programs() / "psql", "-X", "-q", server, "-c", f"CREATE DATABASE {name}"],
        check=True, capture_output=True,
    )
    return f"{server} dbname={name}"


def on_server(home, connection):
    """The configuration of a store on a server."""
    path = home / "postgres.connection"
    path.touch(mode=0o600)
    path.write_text(connection + "\n")
    return {"kind": "postgres", "connection": {"file": str(path)}}


def has_account(name):
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def main():
    if missing():
        sys.exit(missing())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="prefd-postgres-"))
    folder.chmod(0o755)
    server = PostgresServer(folder).make()
    server.configure(fsync="off", max_connections="400")
    server.start()
    try:
        environment = os.environ | {"PREFD_TEST_POSTGRES": server.connection()}
        sys.exit(subprocess.run(sys.argv[1:], env=environment).returncode)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
