#!/usr/bin/env python3
"""No source file above 800 lines: it has become two things. Lists those above 400 as a hint."""

from tree import ROOT, files, finish

CAP = 800
HINT = 400

if __name__ == "__main__":
    sources = files(".h", ".cc", ".py", ".sh")
    lengths = {path: len((ROOT / path).read_text(errors="replace").splitlines()) for path in sources}
    for path, length in sorted(lengths.items(), key=lambda item: -item[1]):
        if HINT < length <= CAP:
            print(f"note: {path} has {length} lines")
    finish([f"{path}: {length} lines, the cap is {CAP}" for path, length in lengths.items() if length > CAP], len(sources))
