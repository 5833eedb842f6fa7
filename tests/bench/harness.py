"""What the benchmarks share: a laboratory of throw-away servers, long lines to them, commands timed by the kernel's own
accounting, tables. Everything that is started ends with the script, however it ends."""

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("POSTERN_BUILD", ROOT / "build" / "release"))
POSTERN = BUILD / "daemon" / "postern"
LAB = BUILD / "tests" / "support" / "lab" / "postern_lab"
DELAY_PROXY = BUILD / "tests" / "support" / "delay_proxy" / "delay_proxy"
SHAPES = ("real", "many", "att", "wide")


def parser(description, runs=3, rtt="0"):
    """The options that all benchmarks have."""
    result = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    result.add_argument("--runs", type=int, default=runs, help="rounds; medians are reported; 0 with --keep: none")
    result.add_argument("--rtt", type=numbers, default=rtt, help="round-trip times in ms, as in 0,50,200")
    result.add_argument("--only", choices=["ours", "all"], default="all", help="ours: without mbsync")
    result.add_argument("--connections", type=int, default=2, help="connections of a pass and of the wider ceiling")
    result.add_argument("--peer-runs", type=int, default=1, help="rounds in which mbsync takes part")
    result.add_argument("--peer-limit", type=float, default=40, help="seconds after which mbsync is stopped")
    result.add_argument("--json", metavar="FILE", type=pathlib.Path, help="writes the figures there too")
    result.add_argument("--markdown", action="store_true", help="tables as a README has them")
    result.add_argument("--keep", action="store_true", help="the servers stay up at the end, until Enter or ^C")
    return result


def options(of):
    """What was asked for."""
    arguments = of.parse_args()
    if arguments.only == "ours" or shutil.which("mbsync") is None:
        arguments.peer_runs = 0
    return arguments


def numbers(text):
    return [int(word) for word in text.split(",")]


def words(text):
    return text.split(",")


def on_signals():
    """^C, SIGTERM and SIGHUP end the script through every `finally`."""
    def leave(number, _):
        sys.exit(128 + number)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def servers_place():
    """The servers' mail lies in memory where there is room: their disk is not what is measured. POSTERN_BENCH_MAIL names
    another folder."""
    place = os.environ.get("POSTERN_BENCH_MAIL", "/dev/shm")
    with contextlib.suppress(OSError):
        if "POSTERN_BENCH_MAIL" in os.environ or shutil.disk_usage(place).free > 3e9:
            return {"TMPDIR": place}
    return {}


def remove(folder):
    """Removes a folder, its files side by side: where the disk is told of each file that goes, one after the other takes
    minutes for a Maildir."""
    files = [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(os.unlink, files, chunksize=64))
    shutil.rmtree(folder, ignore_errors=True)


def fsync_ms():
    """Milliseconds until a small write is on the disk that the vaults and Maildirs are on."""
    took = []
    with tempfile.TemporaryFile() as file:
        for _ in range(20):
            file.write(bytes(4096))
            file.flush()
            started = time.monotonic()
            os.fsync(file.fileno())
            took.append(time.monotonic() - started)
    return median(took) * 1000


class Lab:
    """Two Dovecots on loopback, driven by lines on the laboratory's standard input (see lab_main.cc)."""

    def __init__(self, durable=False):
        """`durable`: servers that write mail with fsync, and to the disk: where it is they that are waited for."""
        if os.environ.get("POSTERN_WITHOUT_DOVECOT"):
            sys.exit(77)  # what ctest takes for skipped
        on_signals()
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # for hundreds of accounts
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-bench-"))
        # In a session of its own: ^C is for the script, which then ends the laboratory in order.
        self.process = subprocess.Popen([LAB, "servers", self.folder / "lab", *(["durable"] if durable else [])], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, start_new_session=True,
                                        env=os.environ | ({} if durable else servers_place()))
        self.stack = contextlib.ExitStack()
        self.lines = {}  # by role and round-trip time
        try:
            self.settings = dict(pair.split("=", 1) for pair in self._answer().split())
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.process.wait()
        remove(self.folder)

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

    def line(self, rtt, role="source"):
        """A new delaying proxy to a server; ends with the laboratory."""
        return self.stack.enter_context(Line(int(self.settings[f"{role}_imaps"]), rtt))

    def port(self, role="source", rtt=0):
        """The server's own port, or with `rtt` that of a long line to it."""
        if rtt == 0 and (role, rtt) not in self.lines:
            return int(self.settings[f"{role}_imaps"])
        if (role, rtt) not in self.lines:
            self.lines[role, rtt] = self.line(rtt, role)
        return self.lines[role, rtt].port

    def config(self, name, users=None, port=None, target=False, source=None, vault=None, **top):
        """Writes a configuration over a new vault, or over that of the configuration `vault`, and gives its path; JSON is
        YAML. `target`: True for an account of the same name there, or keys of its side; `source` and `top` add keys."""
        folder = self.folder / name
        folder.mkdir()

        def side(user, number):
            return {"host": "localhost", "port": number, "tls_ca_file": self.settings["ca"], "user": user,
                    "password_file": self.settings["password_file"]}

        accounts = []
        for user in users or [self.settings["user"]]:
            account = {"name": user, "source": side(user, port or self.port()) | (source or {})}
            if target:
                account["target"] = side(user, self.port("target")) | (target if isinstance(target, dict) else {})
            accounts.append(account)
        path = folder / "postern.yaml"
        where = {"path": str((vault.parent if vault else folder) / "vault")}
        path.write_text(json.dumps({"vault": where, "accounts": accounts} | top, indent=1))
        return path

    def drain_command(self, port=None, user=None, connections=1):
        """The throw-away client: FETCH everything, keep nothing."""
        return [LAB, "drain", port or self.port(), user or self.settings["user"], self.settings["password_file"],
                connections]

    def server_cpu(self, role="source"):
        """Seconds of processor that this Dovecot has used so far, with its processes that have ended."""
        return tree_cpu(int(self.settings[f"{role}_pid"]))

    def stay(self):
        """For --keep: says what there is and waits."""
        print(f"\nThe servers stay up: {json.dumps(self.settings, indent=1)}")
        for config in sorted(self.folder.glob("*/postern.yaml")):
            print(f"  rm -rf {config.parent}/vault; {POSTERN} -c {config} sync --pull-only")
        print("Enter or ^C ends them.", flush=True)
        with contextlib.suppress(EOFError):
            input()


def tree_cpu(root):
    """Seconds of processor of a process, its living descendants and those it has waited for."""
    ticks, children = {}, {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = pathlib.Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
            ticks[int(entry)] = sum(int(field) for field in fields[11:15])
            children.setdefault(int(fields[1]), []).append(int(entry))
    total, ahead = 0, [root]
    while ahead:
        process = ahead.pop()
        total += ticks.get(process, 0)
        ahead += children.get(process, [])
    return total / os.sysconf("SC_CLK_TCK")


class Line:
    """A delaying proxy to a port of this machine (tests/support/delay_proxy)."""

    def __init__(self, to, rtt):
        self.process = subprocess.Popen([DELAY_PROXY, "--to", str(to), "--rtt", f"{rtt}ms"], stdout=subprocess.PIPE,
                                        text=True, start_new_session=True)
        self.port = self._answer()["port"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()

    def _answer(self):
        return {name: int(value) for name, value in (pair.split("=") for pair in self.process.stdout.readline().split())}

    def passed(self):
        """connections, octets to_server and to_client, turns (how often a client spoke after it had heard its server)."""
        self.process.send_signal(signal.SIGUSR1)
        return self._answer()


# A process that starts a command, waits for it, and reports on the descriptor that it is given. The kernel counts the memory of whoever
# starts a program into the program's peak: this one holds 9 MiB, where the benchmark itself may have grown to any size.
LAUNCHER = """
import os, sys, time
report = int(sys.argv[1])
os.set_inheritable(report, False)
started = time.monotonic()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
wall = time.monotonic() - started
figures = (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))
os.write(report, " ".join(map(str, figures)).encode())
"""


class Run:
    """One finished command: seconds of wall clock and of processor, mebibytes at its peak, what it printed. `limit`: one
    that takes longer is stopped, and `late`."""

    def __init__(self, command, check=True, limit=None, server=None, settle=True):
        if settle:
            os.sync()  # what others have written before is not written on this one's account
        served = server.server_cpu() if server else 0
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            figures = self._launch([str(part) for part in command], out, err, limit or 1e6)
            self.late = not figures
            if self.late:
                figures = [limit, 0, 0, -signal.SIGKILL]
            self.wall, self.cpu, self.peak_mib = (float(figure) for figure in figures[:3])
            self.code = int(figures[3])
            self.server_cpu = server.server_cpu() - served if server else None
            out.seek(0)
            err.seek(0)
            self.stdout = out.read().decode(errors="replace")
            self.stderr = err.read().decode(errors="replace")
        if check and self.code != 0 and not self.late:
            raise RuntimeError(f"{command} exited with {self.code}: {self.stderr or self.stdout}")

    @staticmethod
    def _launch(command, out, err, limit):
        """Wall, processor, peak and exit status; none of a command that had to be stopped."""
        read, write = os.pipe()
        try:
            launcher = subprocess.Popen([sys.executable, "-I", "-S", "-c", LAUNCHER, str(write), *command], stdout=out, stderr=err,
                                        stdin=subprocess.DEVNULL, pass_fds=[write], start_new_session=True)
        finally:
            os.close(write)
        with open(read) as report:
            try:
                launcher.wait(limit)
            except subprocess.TimeoutExpired:
                return []
            finally:
                with contextlib.suppress(ProcessLookupError):  # what it started is of its session
                    os.killpg(launcher.pid, signal.SIGKILL)
                launcher.wait()
            figures = report.read().split()
        if not figures:
            raise RuntimeError(f"{command} could not be started: {os.pread(err.fileno(), 1000, 0).decode(errors='replace')}")
        return figures


class Sync(Run):
    """`postern sync`, and what it reports. An account that did not end in `ok` fails the benchmark."""

    def __init__(self, config, server=None, replay=False):
        super().__init__([POSTERN, "-c", config, "sync", *([] if replay else ["--pull-only"]), "--json"], server=server)
        self.accounts = json.loads(self.stdout)["accounts"]
        for account in self.accounts:
            if account["state"] != "ok":
                raise RuntimeError(f"a pass that is not ok: {json.dumps(account)}")

    def __getitem__(self, name):
        """The sum of a counter over the accounts' sources."""
        return sum(account["source"].get(name, 0) for account in self.accounts)

    def target(self, name):
        """The sum of a counter over the accounts' targets."""
        return sum(account["target"].get(name, 0) for account in self.accounts)


def must(what, actual, wanted):
    """A benchmark that measures something else than it says is worse than none."""
    if actual != wanted:
        raise RuntimeError(f"{what}: {actual} instead of {wanted}")


def median(values):
    return statistics.median(list(values))


def table(title, rows):
    """Lines of a name and a text."""
    print(f"\n{title}")
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"  {name:<{width}}  {text}")


def grid(title, rows, markdown=False):
    """Dictionaries with the same keys, as columns."""
    print(f"\n{title}")
    if markdown:
        print("\n| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
        for row in rows:
            print("| " + " | ".join(str(cell) for cell in row.values()) + " |")
        return
    cells = [list(rows[0])] + [[str(row[name]) for name in rows[0]] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    for line in cells:
        print("  " + "  ".join(f"{cell:>{width}}" if i else f"{cell:<{width}}"
                               for i, (cell, width) in enumerate(zip(line, widths))))


def finish(arguments, lab, figures):
    """The end of each benchmark, inside the laboratory: --json, --keep."""
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    sys.stdout.flush()
    if arguments.keep:
        lab.stay()
