#!/usr/bin/env python3
"""./dev bench quiet: passes that find nothing new, over many mailboxes and long lines: round trips, commands and
processor, with LIST-STATUS and without; beside mbsync."""

import base64
import contextlib
import pathlib
import re
import socket
import ssl
import subprocess
import time
import urllib.request

import peer
from harness import POSTERN, Lab, Run, Sync, finish, grid, median, must, numbers, options, parser

CAPTION = """passes that find nothing new, medians of {runs} rounds
  turns: how often the client spoke after it had heard the server, opening the connection not counted; turns - login: without those of
  a client that only logs in and out again; seconds: the whole process; pass: from connecting to the report; cpu ms: of the process, and
  above a pass of one mailbox; server ms: Dovecot's processor"""
MASKS = {"LIST-STATUS": [], "STATUS": ["LIST-STATUS"]}  # the way the mailboxes are asked about: capabilities masked for it


def log_in_and_out(lab, port, user):
    """The least that a client can do: TLS, PLAIN with the initial response, LOGOUT."""
    context = ssl.create_default_context(cafile=lab.settings["ca"])
    token = base64.b64encode(f"\0{user}\0password".encode()).decode()
    with socket.create_connection(("localhost", port)) as raw, context.wrap_socket(raw, server_hostname="localhost") as tls:
        file = tls.makefile("rwb")
        for command, end in ((None, b"* OK"), (f"a AUTHENTICATE PLAIN {token}", b"a OK"), ("b LOGOUT", b"b OK")):
            if command:
                file.write(command.encode() + b"\r\n")
                file.flush()
            while not (line := file.readline()).startswith(end):
                if not line:
                    raise RuntimeError("the server closed the connection")


class Case:
    """One account over one line, asked one way."""

    def __init__(self, lab, mailboxes, rtt, way, config, mbsync):
        self.lab, self.mailboxes, self.rtt, self.way, self.config, self.mbsync = lab, mailboxes, rtt, way, config, mbsync
        self.user = user_of(mailboxes)
        self.passes, self.turns, self.login_turns, self.logins, self.peers = [], [], [], [], []

    def counted(self, work):
        """Does it; gives its result and the turns that it took on the line."""
        line = self.lab.lines.get(("source", self.rtt))
        before = line.passed()["turns"]
        result = work()
        return result, line.passed()["turns"] - before

    def round(self, peer_limit):
        started = time.monotonic()
        _, turns = self.counted(lambda: log_in_and_out(self.lab, self.lab.port(rtt=self.rtt), self.user))
        self.logins.append(time.monotonic() - started)
        self.login_turns.append(turns)
        done, turns = self.counted(lambda: Sync(self.config, server=self.lab))
        must("messages fetched by a pass with nothing new", done["messages_fetched"], 0)
        must("mailboxes", done["mailboxes"], self.mailboxes)
        self.passes.append(done)
        self.turns.append(turns)
        if self.mbsync and peer_limit:
            self.peers.append(self.mbsync.sync(peer_limit))

    def figures(self, alone):
        """`alone`: the median processor seconds of a pass of one mailbox."""
        cpu = median(run.cpu for run in self.passes)
        return {"mailboxes": self.mailboxes, "rtt_ms": self.rtt, "way": self.way,
                "turns": median(self.turns), "login_turns": median(self.login_turns),
                "seconds": median(run.wall for run in self.passes),
                "pass_seconds": median(run.accounts[0]["seconds"] for run in self.passes),
                "login_seconds": median(self.logins), "commands": self.passes[-1]["commands"], "cpu": cpu,
                "cpu_above_one_mailbox": cpu - alone if alone is not None else None,
                "server_cpu": median(run.server_cpu for run in self.passes),
                "peak_mib": median(run.peak_mib for run in self.passes),
                "mbsync": median(run.wall for run in self.peers) if self.peers else None,
                "mbsync_late": any(run.late for run in self.peers),
                "mbsync_cpu": median(run.cpu for run in self.peers) if self.peers else None}


def user_of(mailboxes):
    return f"quiet{mailboxes}"


def row(figures):
    def ms(seconds):
        return "–" if seconds is None else f"{seconds * 1000:.1f}"
    late = "> " if figures["mbsync_late"] else ""
    return {"mailboxes": f"{figures['mailboxes']:,}", "rtt": f"{figures['rtt_ms']} ms", "asked by": figures["way"],
            "turns": f"{figures['turns']:g}", "turns - login": f"{figures['turns'] - figures['login_turns']:g}",
            "seconds": f"{figures['seconds']:.3f}", "pass": f"{figures['pass_seconds']:.3f}",
            "login alone": f"{figures['login_seconds']:.3f}", "commands": figures["commands"],
            "cpu ms": ms(figures["cpu"]), "above one": ms(figures["cpu_above_one_mailbox"]),
            "server ms": ms(figures["server_cpu"]), "MiB": f"{figures['peak_mib']:.0f}",
            "mbsync": "–" if figures["mbsync"] is None else f"{late}{figures['mbsync']:.2f}",
            "its cpu ms": ms(figures["mbsync_cpu"])}


class Daemon:
    """`postern run` with a pass a second, and what it has spent."""

    def __init__(self, config, port):
        self.url = f"http://127.0.0.1:{port}/metrics"
        self.process = subprocess.Popen([POSTERN, "-c", config, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def passes(self):
        with contextlib.suppress(OSError):
            text = urllib.request.urlopen(self.url, timeout=5).read().decode()
            return int(sum(float(n) for n in re.findall(r'^postern_sync_passes_total\{[^}]*state="ok"\} (\S+)', text, re.M)))
        return 0

    def spent(self):
        """Passes that are done, and the seconds of processor so far, by the kernel's nanoseconds."""
        tasks = pathlib.Path("/proc", str(self.process.pid), "task").glob("*/schedstat")
        return self.passes(), sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def settle(self):
        """Until the first pass is done."""
        deadline = time.monotonic() + 60
        while self.passes() < 1:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the daemon makes no passes")
            time.sleep(0.1)


def daemon_figures(lab, vault, mailboxes, seconds):
    """What a pass costs in a process that is there already: its processor in so many seconds, by the passes in them."""
    port = lab.settings["free_port"]
    config = lab.config(f"daemon-{mailboxes}", [user_of(mailboxes)], vault=vault, listen=f"127.0.0.1:{port}",
                        defaults={"schedule": {"every": "1s"}})
    with Daemon(config, port) as daemon:
        daemon.settle()
        before, spent = daemon.spent()
        time.sleep(seconds)  # asking for the passes meanwhile would cost processor too
        after, total = daemon.spent()
        if after == before:
            raise RuntimeError(f"no pass of {mailboxes} mailboxes ended within {seconds} s")
        return {"mailboxes": mailboxes, "daemon_cpu_per_pass": (total - spent) / (after - before)}


def prepare(lab, mailboxes, arguments):
    """Makes the account and pulls it, by us and by mbsync. Gives the configuration, which owns the vault."""
    user = user_of(mailboxes)
    messages = max(mailboxes, 2_000) if mailboxes > 1 else 10
    print(f"{mailboxes} mailboxes: {lab.ask(f'mailboxes source {mailboxes} {messages} {user}')}", flush=True)
    Run(lab.drain_command(user=user))
    vault = lab.config(f"vault-{mailboxes}", [user], source={"connections": arguments.connections})
    first = Sync(vault)
    must("messages fetched", first["messages_fetched"], messages)
    print(f"  pulled in {first.wall:.1f} s", flush=True)
    if arguments.peer_runs == 0 or mailboxes == 1:
        return vault, None
    mbsync = peer.Mbsync(lab, f"mbsync-{mailboxes}", user, fsync=False)
    limit = 4 * arguments.peer_limit  # a first pull is longer than a pass
    if mbsync.sync(limit).late:
        print(f"  mbsync has not pulled them within {limit:g} s (4 × --peer-limit); left out", flush=True)
        return vault, None
    return vault, mbsync


def cases_of(lab, mailboxes, rtt, vault, mbsync):
    """The same vault and the same Maildir behind one line."""
    port = lab.port(rtt=rtt)
    for way, masked in MASKS.items():
        config = lab.config(f"{vault.parent.name}-{way}-{rtt}ms", [user_of(mailboxes)], port, source={"disable": masked},
                            vault=vault)
        yield Case(lab, mailboxes, rtt, way, config, mbsync.over(port, rtt) if mbsync and not masked else None)


def main():
    asked = parser(__doc__, rtt="0,50,200", runs=5)
    asked.add_argument("--mailboxes", type=numbers, default="400,5000", help="how many, of each account")
    asked.add_argument("--daemon-seconds", type=float, default=8, help="how long `postern run` is watched")
    arguments = options(asked)

    with Lab() as lab:
        lab.lines["source", 0] = lab.line(0)  # counts turns on the short line too
        cases, pulled = [], {}
        for mailboxes in [1, *arguments.mailboxes]:
            vault, mbsync = prepare(lab, mailboxes, arguments)
            pulled[mailboxes] = vault
            for rtt in arguments.rtt if mailboxes > 1 else [0]:
                cases += cases_of(lab, mailboxes, rtt, vault, mbsync)
        for turn in range(arguments.runs):
            print(f"round {turn + 1} of {arguments.runs}", flush=True)
            for case in cases:
                case.round(arguments.peer_limit if turn < arguments.peer_runs else None)
        figures = []
        if arguments.runs:
            alone = median(run.cpu for case in cases if case.mailboxes == 1 for run in case.passes)
            figures = [case.figures(alone) for case in cases]
            daemons = [daemon_figures(lab, vault, mailboxes, arguments.daemon_seconds)
                       for mailboxes, vault in pulled.items()]
            grid(CAPTION.format(**vars(arguments)), [row(f) for f in figures], arguments.markdown)
            grid("the same in `postern run` with a pass a second, over the short line", [
                {"mailboxes": f"{d['mailboxes']:,}", "cpu ms a pass": f"{d['daemon_cpu_per_pass'] * 1000:.1f}"} for d in daemons], arguments.markdown)
            figures += daemons
        finish(arguments, lab, figures)


if __name__ == "__main__":
    main()
