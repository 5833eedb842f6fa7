#!/usr/bin/env python3
"""./dev bench pull: accounts over TLS into the vault, on a short and on a long line, beside a client that throws
everything away and beside mbsync, in turn in one run."""

import peer
from harness import SHAPES, Lab, Run, Sync, finish, fsync_ms, grid, median, must, options, parser, remove, words

CAPTION = """pull over TLS, medians of {runs} rounds (mbsync: {peer_runs}); seconds unless said; a small write is on the disk after {fsync_ms:.1f} ms
  ceiling 1, {connections}: the client that throws everything away, over 1 and {connections} connections, commands always ahead of the answers
  ×: postern by ceiling 1, of the same round; cpu, server: seconds of processor of postern and of Dovecot; pass: one with nothing new"""


class Case:
    """One shape over one line, and all that was measured on it."""

    def __init__(self, lab, arguments, shape, rtt, messages):
        self.lab, self.arguments, self.shape, self.rtt, self.messages = lab, arguments, shape, rtt, messages
        self.port = lab.port(rtt=rtt)
        self.ceilings, self.wider, self.pulls, self.passes = [], [], [], []
        self.peers = {True: [], False: []}  # by fsync
        self.name = f"{shape}-{rtt}ms"

    def config(self, turn):
        return self.lab.config(f"{self.name}-{turn}", [self.shape], self.port,
                               source={"connections": self.arguments.connections})

    def drain(self, connections):
        return Run(self.lab.drain_command(self.port, self.shape, connections))

    def round(self, turn):
        self.ceilings.append(self.drain(1))
        config = self.config(turn)
        self.pulls.append(Sync(config, server=self.lab))
        must(f"messages fetched of {self.shape}", self.pulls[-1]["messages_fetched"], self.messages)
        self.passes.append(Sync(config))
        must("messages fetched by a second pass", self.passes[-1]["messages_fetched"], 0)
        self.wider.append(self.drain(self.arguments.connections))
        remove(config.parent)
        if turn < self.arguments.peer_runs:
            for fsync, runs in self.peers.items():
                runs.append(self.peer(f"{self.name}-{turn}-mbsync-{fsync}", fsync))

    def peer(self, name, fsync):
        mbsync = peer.Mbsync(self.lab, name, self.shape, self.port, fsync)
        run = mbsync.sync(self.arguments.peer_limit)
        run.messages = mbsync.messages()
        if not run.late:
            must("messages fetched by mbsync", run.messages, self.messages)
        mbsync.remove()
        return run

    def figures(self):
        def peers(runs):
            return {"seconds": median(r.wall for r in runs), "late": any(r.late for r in runs),
                    "messages": min(r.messages for r in runs)} if runs else None
        wall = median(run.wall for run in self.pulls)
        last = self.pulls[-1]
        return {"shape": self.shape, "rtt_ms": self.rtt, "messages": self.messages, "octets": last["bytes_fetched"],
                "ceiling": median(run.wall for run in self.ceilings), "wider": median(run.wall for run in self.wider),
                "seconds": wall, "ratio": median(a.wall / b.wall for a, b in zip(self.pulls, self.ceilings)),
                "messages_per_second": self.messages / wall, "cpu": median(run.cpu for run in self.pulls),
                "server_cpu": median(run.server_cpu for run in self.pulls),
                "peak_mib": median(run.peak_mib for run in self.pulls), "commands": last["commands"],
                "pass_seconds": median(run.wall for run in self.passes), "pass_commands": self.passes[-1]["commands"],
                "mbsync": peers(self.peers[True]), "mbsync_without_fsync": peers(self.peers[False])}


def row(figures, connections):
    def of_peer(run):
        if run is None:
            return "–"
        return f"> {run['seconds']:.0f} ({run['messages']:,} msg)" if run["late"] else f"{run['seconds']:.2f}"
    return {"shape": figures["shape"], "rtt": f"{figures['rtt_ms']} ms", "messages": f"{figures['messages']:,}",
            "MB": f"{figures['octets'] / 1e6:.0f}", "ceiling 1": f"{figures['ceiling']:.2f}",
            f"ceiling {connections}": f"{figures['wider']:.2f}", "postern": f"{figures['seconds']:.2f}",
            "×": f"{figures['ratio']:.2f}", "msg/s": f"{figures['messages_per_second']:,.0f}",
            "cpu": f"{figures['cpu']:.2f}", "server": f"{figures['server_cpu']:.2f}",
            "MiB": f"{figures['peak_mib']:.0f}", "commands": figures["commands"],
            "pass": f"{figures['pass_seconds']:.3f}", "mbsync": of_peer(figures["mbsync"]),
            "no fsync": of_peer(figures["mbsync_without_fsync"])}


def main():
    asked = parser(__doc__, rtt="0,50")
    asked.add_argument("--shape", type=words, default=",".join(SHAPES), help="which accounts")
    asked.add_argument("--scale", type=float, default=1, help="1: as many messages as the shapes have")
    arguments = options(asked)

    with Lab() as lab:
        cases = []
        for shape in arguments.shape:
            said = lab.ask(f"shape source {shape} {arguments.scale} {shape}")
            print(f"{shape}: {said}", flush=True)
            # The server indexes on first contact; nobody is charged for it.
            drained = Run(lab.drain_command(user=shape)).stdout
            messages = int(said.split()[0])
            must("messages of the throw-away client", int(drained.split()[0]), messages)
            cases += [Case(lab, arguments, shape, rtt, messages) for rtt in arguments.rtt]
        for turn in range(arguments.runs):
            for case in cases:
                print(f"round {turn + 1} of {arguments.runs}: {case.name}", flush=True)
                case.round(turn)
        figures = [case.figures() for case in cases] if arguments.runs else []
        if figures:
            grid(CAPTION.format(**vars(arguments), fsync_ms=fsync_ms()), [row(f, arguments.connections) for f in figures], arguments.markdown)
        if arguments.keep:
            for case in cases:
                case.config("keep")
        finish(arguments, lab, figures)


if __name__ == "__main__":
    main()
