#!/usr/bin/env python3
"""README's tables of figures, from what the benchmarks wrote with --json: figures.py [FILE…], each named pull.json,
quiet.json, fleet.json or reuse.json. ./dev bench all runs the four and then this."""

import json
import os
import pathlib
import sys


def table(head, rows):
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |"
                     for row in [head, ["---"] * len(head), *rows])


def peer(run):
    if run is None:
        return "–"
    if run["late"]:
        done = f", {run['messages']:,} messages by then" if "messages" in run else ""
        return f"> {run['seconds']:.0f} s{done}"
    return f"{run['seconds']:.1f} s" + (" (fails)" if run.get("exit") else "")


def pull(figures):
    return table(["account", "round trip", "Postern", "× ceiling", "processor", "peak memory", "throw-away client",
                  "mbsync", "mbsync without fsync"],
                 [[f"{f['shape']}: {f['messages']:,} messages, {f['octets'] / 1e6:.0f} MB", f"{f['rtt_ms']} ms",
                   f"{f['seconds']:.2f} s, {f['messages_per_second']:,.0f}/s", f"{f['ratio']:.2f}", f"{f['cpu']:.2f} s",
                   f"{f['peak_mib']:.0f} MiB", f"{f['ceiling']:.2f} s", peer(f["mbsync"]), peer(f["mbsync_without_fsync"])]
                  for f in figures])


def quiet(figures):
    daemon = {f["mailboxes"]: f["daemon_cpu_per_pass"] for f in figures if "daemon_cpu_per_pass" in f}

    def mbsync(f):
        return "–" if f["mbsync"] is None else f"{'> ' if f['mbsync_late'] else ''}{f['mbsync']:.2f} s"
    return table(["mailboxes", "round trip", "asked by", "round trips beyond the login", "commands", "pass", "processor in the daemon",
                  "mbsync"],
                 [[f"{f['mailboxes']:,}", f"{f['rtt_ms']} ms", f["way"], f"{f['turns'] - f['login_turns']:g}", f["commands"],
                   f"{f['pass_seconds'] * 1000:.0f} ms",
                   f"{daemon[f['mailboxes']] * 1000:.1f} ms" if f["way"] == "LIST-STATUS" else "", mbsync(f)]
                  for f in figures if "way" in f and f["mailboxes"] > 1])


def fleet(figures):
    return table(["accounts at once", "messages", "seconds", "messages/s", "peak memory", "each further account"],
                 [[f["accounts"], f"{f['messages']:,}", f"{f['seconds']:.2f}", f"{f['messages_per_second']:,.0f}",
                   f"{f['peak_mib']:.0f} MiB",
                   "–" if f["mib_a_further_account"] is None else f"{f['mib_a_further_account']:.2f} MiB"] for f in figures])


def reuse(figures):
    return table(["what happened", "messages", "bodies fetched again", "octets on the line", "seconds", "mbsync"],
                 [[f["story"], f"{f['messages']:,}", f"{f['fetched_share']:.1%}", f"{f['line_share']:.1%}",
                   f"{f['seconds']:.2f}",
                   "–" if f["mbsync"] is None else f"{f['mbsync']['line_share']:.1%}, {peer(f['mbsync'])}"] for f in figures])


def main():
    if os.environ.get("POSTERN_WITHOUT_DOVECOT"):
        sys.exit(77)  # nothing was measured
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        print(f"\n`./dev bench {path.stem}`\n\n{globals()[path.stem](json.loads(path.read_text()))}")


if __name__ == "__main__":
    main()
