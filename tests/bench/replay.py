#!/usr/bin/env python3
"""./dev bench replay: from the vault to a server, with MULTIAPPEND unless told otherwise, and a pass with nothing to do."""

import argparse
import json

from harness import POSTERN, Lab, Run, table


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="many", choices=["real", "many", "att", "wide"])
    parser.add_argument("--scale", type=float, default=0.25, help="1: as many messages as the shape has (default 0.25)")
    parser.add_argument("--one-by-one", action="store_true", help="as if the server had no MULTIAPPEND: pipelined APPENDs")
    arguments = parser.parse_args()
    target = {"disable": ["MULTIAPPEND"]} if arguments.one_by_one else True

    with Lab() as lab:
        print(lab.ask(f"shape source {arguments.shape} {arguments.scale}"))
        config = lab.config("replay", target=target)
        Run([POSTERN, "-c", config, "sync", "--pull-only"])
        replay = Run([POSTERN, "-c", config, "sync", "--replay-only", "--json"])
        again = Run([POSTERN, "-c", config, "sync", "--json"])
        changed = lab.ask("flags source 10000")
        flags = Run([POSTERN, "-c", config, "sync", "--json"])

    report = json.loads(replay.stdout)["accounts"][0]
    idle = json.loads(again.stdout)["accounts"][0]
    flagged = json.loads(flags.stdout)["accounts"][0]
    appended = report["target"]["appended"]
    table(f"replay, {arguments.shape}", [
        ("appended", f"{appended} in {replay.wall:.2f} s, {appended / replay.wall:.0f} messages/s, "
                     f"{report['target'].get('commands', '?')} commands"),
        ("peak memory", f"{replay.peak_mib:.0f} MiB"),
        ("pass with nothing new", f"{again.wall * 1000:.0f} ms as a whole process, {idle['seconds'] * 1000:.0f} ms the pass, "
                                  f"{idle['source'].get('commands', '?')} + {idle['target'].get('commands', '?')} commands"),
        (f"{changed} flags changed", f"{flags.wall:.2f} s, {flagged['target']['flag_updates']} updates, "
                                     f"{flagged['target'].get('commands', '?')} commands"),
    ])


if __name__ == "__main__":
    main()
