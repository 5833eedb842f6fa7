#!/usr/bin/env python3
"""./dev bench store: what mail costs in the vault, and how fast it gets in and is read again; beside restic and borg, which
back the same mail up as Maildirs. The mail is real (see corpus.py); each figure is of a process of its own."""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile

import corpus
from harness import BUILD, Run, grid, must, on_signals, remove, servers_place, words

BENCH = BUILD / "tests" / "bench" / "store_bench"
PEERS = ("restic", "borg")

SIZES = """octets on disk in MB after the vault was closed, and what {peers} make of the same mail as Maildirs
  ÷: postern by restic"""
SPEED = """MB of message octets (lines end in CRLF) a second of processor, RocksDB's threads included; s: wall clock; MiB: peak memory
  fill: hashing, cutting, compressing, committing; check: --read-data; the processor time of restic and borg beside it"""
OPEN = """vaults of many small messages: milliseconds until a reader, then a writer is open, and until it has closed; MiB: peak of opening"""
LARGE = """messages of {mib} MiB, each next to nothing when compressed: what the vault's size alone costs"""


def bench(*arguments):
    """A run of store_bench, and the figures that it printed."""
    run = Run([BENCH, *arguments])
    run.figures = json.loads(run.stdout)
    return run


def octets(folder):
    return sum(os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(folder) for name in names)


def version(peer):
    number = Run([peer, "version" if peer == "restic" else "--version"], settle=False).stdout.split()[1]
    return f"restic {number}" if peer == "restic" else f"borg {number} (zstd,3)"


def back_up(peer, maildirs, work):
    """One backup of the tree into a new repository."""
    repository = work / peer
    os.environ.update(RESTIC_PASSWORD="bench", RESTIC_CACHE_DIR=str(work / "restic-cache"), BORG_BASE_DIR=str(work / "borg-base"),
                      BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK="yes")
    if peer == "restic":
        Run(["restic", "init", "-q", "-r", repository], settle=False)
        run = Run(["restic", "backup", "-q", "-r", repository, maildirs])
    else:
        Run(["borg", "init", "-e", "none", repository], settle=False)
        run = Run(["borg", "create", "--compression", "zstd,3", f"{repository}::bench", maildirs])
    figures = {"octets": octets(repository), "wall": run.wall, "cpu": run.cpu, "peak_mib": run.peak_mib}
    remove(repository)
    return figures


def measure(shape, maildirs, messages, peers, work):
    vault = work / "vault"
    fill = bench("fill", vault, maildirs)
    must(f"messages stored of {shape}", fill.figures["messages"], messages)
    size = octets(vault)
    check = bench("check", vault)
    must(f"problems in the vault of {shape}", check.figures["problems"], 0)
    remove(vault)
    return {"shape": shape, "messages": messages, "message_octets": fill.figures["octets"], "octets": size,
            "fill": fill.figures | {"peak_mib": fill.peak_mib}, "check": check.figures | {"peak_mib": check.peak_mib},
            "dictionaries": fill.figures["dictionaries"],
            "peers": {peer: back_up(peer, maildirs, work) for peer in peers}}


def size_row(f):
    row = {"shape": f["shape"], "messages": f"{f['messages']:,}", "MB": f"{f['message_octets'] / 1e6:.1f}",
           "postern": f"{f['octets'] / 1e6:.2f}"}
    for peer, figures in f["peers"].items():
        row[peer] = f"{figures['octets'] / 1e6:.2f}"
    if "restic" in f["peers"]:
        row["÷"] = f"{f['octets'] / f['peers']['restic']['octets']:.2f}"
    return row


def speed(figures):
    return figures["octets"] / 1e6 / max(figures["cpu"], 0.001)


def speed_row(f):
    fill, check = f["fill"], f["check"]
    row = {"shape": f["shape"], "fill": f"{speed(fill):.0f}", "s": f"{fill['wall'] + fill['close_wall']:.2f}", "MiB": f"{fill['peak_mib']:.0f}",
           "check": f"{speed(check):.0f}", "check s": f"{check['wall']:.2f}", "check MiB": f"{check['peak_mib']:.0f}"}
    for peer, figures in f["peers"].items():
        row[peer] = f"{f['message_octets'] / 1e6 / max(figures['cpu'], 0.001):.0f}"
        row[f"{peer} MiB"] = f"{figures['peak_mib']:.0f}"
    return row


def opening(count, work):
    vault = work / "vault"
    fill = bench("entries", vault, count)
    runs = sorted((bench("open", vault) for _ in range(3)), key=lambda run: run.figures["read"])
    must("entries", runs[1].figures["entries"], count)
    size = octets(vault)
    remove(vault)
    return {"entries": count, "octets": size, "fill": fill.figures | {"peak_mib": fill.peak_mib},
            "open": runs[1].figures | {"peak_mib": runs[1].peak_mib}}


def opening_row(f):
    return {"entries": f"{f['entries']:,}", "MB": f"{f['octets'] / 1e6:.1f}", "messages/s": f"{f['entries'] / f['fill']['wall']:,.0f}",
            "fill MiB": f"{f['fill']['peak_mib']:.0f}", "read ms": f"{f['open']['read'] * 1000:.0f}",
            "write ms": f"{f['open']['write'] * 1000:.0f}", "close ms": f"{f['open']['close'] * 1000:.0f}",
            "MiB": f"{f['open']['peak_mib']:.0f}"}


def large(gigabytes, mib, work):
    vault = work / "vault"
    count = max(1, round(gigabytes * 1e9 / (mib << 20)))
    fill = bench("large", vault, count, mib)
    must("large messages", fill.figures["messages"], count)
    opened = bench("open", vault)
    size = octets(vault)
    remove(vault)
    return {"messages": count, "mib": mib, "octets": size, "fill": fill.figures | {"peak_mib": fill.peak_mib},
            "open": opened.figures | {"peak_mib": opened.peak_mib}}


def large_row(f):
    return {"messages": f["messages"], "GB": f"{f['fill']['octets'] / 1e9:.1f}", "vault MB": f"{f['octets'] / 1e6:.1f}",
            "MB/s a core": f"{speed(f['fill']):.0f}", "s": f"{f['fill']['wall']:.1f}", "MiB": f"{f['fill']['peak_mib']:.0f}",
            "read ms": f"{f['open']['read'] * 1000:.0f}", "write ms": f"{f['open']['write'] * 1000:.0f}"}


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    asked.add_argument("--shape", type=words, default=",".join(corpus.SHAPES), help="which mail; empty: none")
    asked.add_argument("--scale", type=float, default=1, help="1: as many messages as the shapes have")
    asked.add_argument("--entries", type=words, default="100000,1000000", help="sizes of the vaults that are opened; empty: none")
    asked.add_argument("--large", type=float, default=0, metavar="GB", help="so many GB of large messages; 100 takes minutes")
    asked.add_argument("--large-mib", type=int, default=256, help="the size of each of them")
    asked.add_argument("--only", choices=["ours", "all"], default="all", help="ours: without restic and borg")
    asked.add_argument("--corpus", type=pathlib.Path, help="a folder of messages in files, instead of the npm package's")
    asked.add_argument("--json", metavar="FILE", type=pathlib.Path, help="writes the figures there too")
    asked.add_argument("--markdown", action="store_true", help="tables as a README has them")
    arguments = asked.parse_args()
    peers = [peer for peer in PEERS if arguments.only == "all" and shutil.which(peer)]

    on_signals()
    figures = {"shapes": [], "opening": [], "large": []}
    work = pathlib.Path(tempfile.mkdtemp(prefix="postern-bench-"))
    mail = pathlib.Path(tempfile.mkdtemp(prefix="postern-bench-mail-", dir=servers_place().get("TMPDIR")))
    try:
        shapes = [shape for shape in arguments.shape if shape]
        messages = corpus.read(arguments.corpus or corpus.fetch(BUILD / "corpus")) if shapes else []
        if shapes and not messages:
            sys.exit(f"no messages in {arguments.corpus}")
        for shape in shapes:
            count, size = corpus.make(shape, messages, arguments.scale, mail / shape)
            print(f"{shape}: {count:,} messages, {size / 1e6:.1f} MB as Maildirs", flush=True)
            figures["shapes"].append(measure(shape, mail / shape, count, peers, work))
            remove(mail / shape)
        if figures["shapes"]:
            versions = " and ".join(map(version, peers)) or "nobody (neither restic nor borg is here)"
            grid(SIZES.format(peers=versions), [size_row(f) for f in figures["shapes"]], arguments.markdown)
            grid(SPEED, [speed_row(f) for f in figures["shapes"]], arguments.markdown)
        figures["opening"] = [opening(int(count), work) for count in arguments.entries if count]
        if figures["opening"]:
            grid(OPEN, [opening_row(f) for f in figures["opening"]], arguments.markdown)
        if arguments.large:
            figures["large"] = [large(arguments.large, arguments.large_mib, work)]
            grid(LARGE.format(mib=arguments.large_mib), [large_row(f) for f in figures["large"]], arguments.markdown)
        if arguments.json:
            arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    finally:
        remove(work)
        remove(mail)


if __name__ == "__main__":
    main()
