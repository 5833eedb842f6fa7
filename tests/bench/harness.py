"""What the benchmarks share: a laboratory of throw-away servers, commands timed by the kernel's own accounting, tables."""

import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
POSTERN = BUILD / "daemon" / "postern"
LAB = BUILD / "tests" / "support" / "lab" / "postern_lab"


class Lab:
    """Two Dovecots on loopback, driven by lines on the laboratory's standard input (see postern_lab --help)."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-bench-"))
        self.process = subprocess.Popen([LAB, "servers", self.folder / "lab"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.settings = dict(pair.split("=", 1) for pair in self._answer().split())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answer(self):
        line = self.process.stdout.readline()
        if not line.startswith("ok"):
            raise RuntimeError(f"the laboratory said: {line!r}")
        return line[2:].strip()

    def ask(self, command):
        """Sends one command, waits until it is done and gives what the laboratory answered."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self._answer()

    def port(self, role):
        return int(self.settings[f"{role}_imaps"])

    def config(self, name, target=False, listen=None):
        """Writes a configuration over a new vault and gives its path."""
        folder = self.folder / name
        folder.mkdir()
        side = "{{host: localhost, port: {port}, tls_ca_file: {ca}, user: {user}, password_file: {password}}}"
        fields = {"ca": self.settings["ca"], "user": self.settings["user"], "password": self.settings["password_file"]}
        lines = ["vault:", f"  path: {folder}/vault"]
        if listen:
            lines += [f"listen: {listen}"]
        lines += ["accounts:", "  - name: bench", "    source: " + side.format(port=self.port("source"), **fields)]
        if target:
            lines += ["    target: " + side.format(port=self.port("target"), **fields)]
        path = folder / "postern.yaml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def drain_command(self, role):
        """The throw-away client: one connection, FETCH everything, keep nothing."""
        return [LAB, "drain", str(self.port(role)), self.settings["user"], self.settings["password_file"]]


class Run:
    """One finished command: seconds of wall clock and of processor, mebibytes at its peak, what it printed."""

    def __init__(self, command, check=True):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            started = time.monotonic()
            process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err, stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.monotonic() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            self.cpu = usage.ru_utime + usage.ru_stime
            self.peak_mib = usage.ru_maxrss / 1024
            out.seek(0)
            err.seek(0)
            self.stdout = out.read().decode(errors="replace")
            self.stderr = err.read().decode(errors="replace")
        if check and process.returncode != 0:
            raise RuntimeError(f"{command} exited with {process.returncode}: {self.stderr or self.stdout}")


def median(values):
    return statistics.median(list(values))


def table(title, rows):
    print(f"\n{title}")
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"  {name:<{width}}  {text}")
