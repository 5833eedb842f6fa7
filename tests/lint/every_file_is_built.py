#!/usr/bin/env python3
"""Every .cc file is part of a target: a test that is not compiled cannot fail. Argument: compile_commands.json."""

import json
import os
import sys

from tree import ROOT, files, finish

ONLY_ELSEWHERE = {"tests/fuzz/replay_main.cc"}  # not part of a libFuzzer build

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as commands:
        built = {os.path.realpath(os.path.join(c["directory"], c["file"])) for c in json.load(commands)}
    sources = files(".cc")
    missing = [path for path in sources if os.path.realpath(ROOT / path) not in built and path not in ONLY_ELSEWHERE]
    finish([f"{path}: in no target; list it in its folder's CMakeLists.txt" for path in missing], len(sources))
