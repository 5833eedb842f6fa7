#!/usr/bin/env python3
"""Compares two mailbox listings in the JSON lines of `postern ls --json`, for tests, the demo and the benchmarks.

  compare.py --exact A B      the same entries: mailbox, UIDVALIDITY, UID, digest, size, flags, INTERNALDATE
  compare.py --content A B    the same messages whatever their UIDs, as a migration leaves them: mailbox, digest, flags and
                              the instant of INTERNALDATE, each as often in A as in B

Prints what differs, at most twenty lines, and exits with 1; with 0 when nothing does.
"""

import argparse
import collections
import datetime
import json
import sys


def instant(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def flags(entry):
    return tuple(sorted(flag.lower() for flag in entry["flags"]))


def exact(entry):
    return (entry["mailbox"], entry["uidvalidity"], entry["uid"], entry["digest"], entry["size"], flags(entry),
            instant(entry["internaldate"]))


def content(entry):
    return (entry["mailbox"], entry["digest"], flags(entry), instant(entry["internaldate"]))


def load(path, key):
    with open(path, encoding="utf-8") as lines:
        return collections.Counter(key(json.loads(line)) for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--exact", action="store_const", const=exact, dest="key")
    how.add_argument("--content", action="store_const", const=content, dest="key")
    parser.add_argument("a")
    parser.add_argument("b")
    arguments = parser.parse_args()

    a, b = load(arguments.a, arguments.key), load(arguments.b, arguments.key)
    differing = [("only in", arguments.a, entry) for entry in (a - b).elements()]
    differing += [("only in", arguments.b, entry) for entry in (b - a).elements()]
    for line in differing[:20]:
        print(*line)
    if len(differing) > 20:
        print(f"… and {len(differing) - 20} more")
    print(f"{sum(a.values())} and {sum(b.values())} entries, {len(differing)} differ")
    return 1 if differing or not a else 0


if __name__ == "__main__":
    sys.exit(main())
