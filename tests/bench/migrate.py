#!/usr/bin/env python3
"""./dev bench migrate: from one IMAP server to another, an empty vault between them, and then flags that changed; beside
mbsync, which copies without a vault."""

import peer
from harness import SHAPES, Lab, Run, Sync, finish, grid, median, must, options, parser, remove, words

CAPTION = """server to server over TLS, both Dovecot, {servers}, medians of {runs} rounds (mbsync: {peer_runs}); seconds of the whole process, vault and replay included
  ×: mbsync by postern; commands: to the source + to the target; no change: a pass with nothing new"""
FLAGS_CAPTION = """flags of {count:,} messages changed at the source, then brought to the target"""
FLAGS_USER = "alice"  # whose flags the laboratory changes


def new_user(lab, name):
    """An account of the target without mail."""
    lab.ask(f"mailboxes target 1 0 {name}")
    return name


class Case:
    """One account, copied anew into an empty one of the target in each round."""

    def __init__(self, lab, arguments, shape, messages):
        self.lab, self.arguments, self.shape, self.messages = lab, arguments, shape, messages
        self.runs, self.quiet, self.peers, self.peers_quiet = [], [], [], []

    def config(self, turn):
        wide = {"connections": self.arguments.connections}
        return self.lab.config(f"{self.shape}-{turn}", [self.shape], source=wide, target=wide | {"user": new_user(self.lab, f"{self.shape}-ours-{turn}")})

    def round(self, turn):
        config = self.config(turn)
        self.runs.append(Sync(config, replay=True, server=self.lab))
        must(f"messages of {self.shape} appended", self.runs[-1].target("appended"), self.messages)
        self.quiet.append(Sync(config, replay=True))
        must("messages appended by a second pass", self.quiet[-1].target("appended"), 0)
        remove(config.parent)
        if turn < self.arguments.peer_runs:
            bridge = peer.MbsyncBridge(self.lab, f"{self.shape}-{turn}-mbsync", self.shape,
                                       new_user(self.lab, f"{self.shape}-mbsync-{turn}"))
            self.peers.append(bridge.sync(self.arguments.peer_limit))
            if not self.peers[-1].late:
                self.peers_quiet.append(bridge.sync(self.arguments.peer_limit))
            bridge.remove()

    def figures(self):
        wall = median(run.wall for run in self.runs)
        last = self.runs[-1]
        mbsync = median(run.wall for run in self.peers) if self.peers else None
        return {"shape": self.shape, "messages": self.messages, "octets": last["bytes_fetched"], "seconds": wall,
                "messages_per_second": self.messages / wall, "cpu": median(run.cpu for run in self.runs),
                "peak_mib": median(run.peak_mib for run in self.runs), "source_commands": last["commands"],
                "target_commands": last.target("commands"), "no_change_seconds": median(run.wall for run in self.quiet),
                "mbsync": mbsync, "mbsync_late": any(run.late for run in self.peers),
                "mbsync_peak_mib": median(run.peak_mib for run in self.peers) if self.peers_quiet else None,
                "mbsync_no_change_seconds": median(run.wall for run in self.peers_quiet) if self.peers_quiet else None,
                "ratio": mbsync / wall if mbsync else None}


def row(figures):
    late = "> " if figures["mbsync_late"] else ""

    def known(value, text="{:.2f}"):
        return "–" if value is None else text.format(value)
    return {"account": figures["shape"], "messages": f"{figures['messages']:,}", "MB": f"{figures['octets'] / 1e6:.0f}",
            "postern": f"{figures['seconds']:.2f}", "msg/s": f"{figures['messages_per_second']:,.0f}", "cpu": f"{figures['cpu']:.2f}",
            "MiB": f"{figures['peak_mib']:.0f}", "commands": f"{figures['source_commands']} + {figures['target_commands']}",
            "no change": f"{figures['no_change_seconds']:.3f}", "mbsync": late + known(figures["mbsync"]),
            "×": late + known(figures["ratio"], "{:.1f}"), "its MiB": known(figures["mbsync_peak_mib"], "{:.0f}"),
            "its no change": known(figures["mbsync_no_change_seconds"])}


def change_flags(lab, arguments):
    """Both have copied the account before."""
    config = lab.config("flags", [FLAGS_USER], target={"user": new_user(lab, "flags-ours")})
    Sync(config, replay=True)
    bridge = peer.MbsyncBridge(lab, "flags-mbsync", FLAGS_USER, new_user(lab, "flags-mbsync")) if arguments.peer_runs else None
    if bridge and bridge.sync(arguments.peer_limit).late:
        bridge = None
    changed = int(lab.ask(f"flags source {arguments.flags}"))
    run = Sync(config, replay=True, server=lab)
    must("flags updated at the target", run.target("flag_updates"), changed)
    theirs = bridge.sync(arguments.peer_limit) if bridge else None
    return {"story": "flags", "count": changed, "seconds": run.wall, "source_commands": run["commands"],
            "target_commands": run.target("commands"), "peak_mib": run.peak_mib, "mbsync": theirs.wall if theirs else None,
            "mbsync_late": bool(theirs and theirs.late)}


def flags_row(figures):
    late = "> " if figures["mbsync_late"] else ""
    return {"changed": f"{figures['count']:,}", "postern": f"{figures['seconds']:.2f}",
            "commands": f"{figures['source_commands']} + {figures['target_commands']}", "MiB": f"{figures['peak_mib']:.0f}",
            "mbsync": "–" if figures["mbsync"] is None else f"{late}{figures['mbsync']:.2f}"}


def main():
    asked = parser(__doc__)
    asked.add_argument("--shape", type=words, default="real", help=f"which accounts, of {', '.join(SHAPES)}")
    asked.add_argument("--scale", type=float, default=1, help="1: as many messages as the shapes have")
    asked.add_argument("--flags", type=int, default=10_000, help="how many messages' flags are changed; 0: none")
    asked.add_argument("--volatile", action="store_true", help="the servers keep mail in memory, without fsync")
    arguments = options(asked)

    with Lab(durable=not arguments.volatile) as lab:
        cases = []
        for shape in arguments.shape:
            said = lab.ask(f"shape source {shape} {arguments.scale} {shape}")
            print(f"{shape}: {said}", flush=True)
            Run(lab.drain_command(user=shape))  # the server indexes on first contact; nobody is charged for it
            cases.append(Case(lab, arguments, shape, int(said.split()[0])))
        for turn in range(arguments.runs):
            for case in cases:
                print(f"round {turn + 1} of {arguments.runs}: {case.shape}", flush=True)
                case.round(turn)
        figures = [case.figures() for case in cases] if arguments.runs else []
        if figures:
            grid(CAPTION.format(**vars(arguments), servers="mail in memory" if arguments.volatile else "mail on the disk with fsync"), [row(f) for f in figures], arguments.markdown)
        if arguments.flags and arguments.runs:
            lab.ask(f"shape source many {arguments.flags / 40_000} {FLAGS_USER}")
            Run(lab.drain_command(user=FLAGS_USER))
            flags = change_flags(lab, arguments)
            grid(FLAGS_CAPTION.format(**flags), [flags_row(flags)], arguments.markdown)
            figures.append(flags)
        if arguments.keep:
            for case in cases:
                case.config("keep")
        finish(arguments, lab, figures)


if __name__ == "__main__":
    main()
