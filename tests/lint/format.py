#!/usr/bin/env python3
"""Every C++ file is as clang-format leaves it. Argument: the clang-format to use."""

import subprocess
import sys

from tree import ROOT, files, finish

if __name__ == "__main__":
    sources = files(".h", ".cc")
    run = subprocess.run([sys.argv[1], "--dry-run", "--Werror", *sources], cwd=ROOT, capture_output=True, text=True, check=False)
    wrong = sorted({line.split(":")[0] for line in run.stderr.splitlines() if "error:" in line})
    finish([f"{path}: run ./dev format" for path in wrong], len(sources))
