#!/usr/bin/env python3
"""No binary may bring in OpenSSL beside BoringSSL: their unversioned symbols would be bound into each other.
Nor may its library search path have an empty element, which the loader reads as the current folder.
Arguments: binaries to look at."""

import re
import subprocess
import sys

from tree import finish

FORBIDDEN = ("libssl.so.3", "libcrypto.so.3", "libssl.so.1", "libcrypto.so.1", "libgnutls", "libcurl")

if __name__ == "__main__":
    problems = []
    for binary in sys.argv[1:]:
        listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
        problems += [f"{binary}: {line.strip()}" for line in listed.splitlines()
                     if any(name in line for name in FORBIDDEN) or "not found" in line]
        dynamic = subprocess.run(["readelf", "-dW", binary], capture_output=True, text=True, check=True).stdout
        for path in re.findall(r"R(?:UN)?PATH.*\[(.*)\]", dynamic):
            if not all(element.startswith(("/", "$ORIGIN")) for element in path.split(":")):
                problems.append(f"{binary}: the library search path is {path!r}")
    finish(problems, len(sys.argv) - 1)
