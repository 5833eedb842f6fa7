#!/usr/bin/env python3
"""Checks who may include whom. The table is the one of CONTRIBUTING.md; each broken rule prints its reason."""

import re

from tree import ROOT, files, finish

# Longest matching folder wins. Each folder may include itself and those named.
MAY_INCLUDE = {
    "core/base": (set(), "base knows nothing else"),
    "core/mail": ({"core/base"}, "mail is the vocabulary: values over base alone"),
    "core/crypto": ({"core/base"}, "crypto wraps BoringSSL for octets, it knows no mail"),
    "core/protocol/sasl": ({"core/base", "core/mail", "core/crypto"}, "a protocol machine is pure; SCRAM alone needs crypto"),
    "core/protocol": ({"core/base", "core/mail"}, "a protocol machine is pure: no IO, no threads, no clock"),
    "core/io": ({"core/base"}, "io moves octets and knows no protocol"),
    "core/client": ({"core/base", "core/mail", "core/protocol", "core/io"}, "a client is a protocol machine run over a stream"),
    "core/sync/planner": ({"core/base", "core/mail"}, "the planner decides: no IO, no clock"),
    "core/sync": ({"core/base", "core/mail", "core/io"}, "the engine knows ports, not IMAP, not RocksDB"),
    "core/config": ({"core/base", "core/mail"}, "config turns a file into values"),
    "core/metrics": ({"core/base"}, "metrics counts what it is told"),
    "storage": ({"core/base", "core/mail", "core/crypto", "core/protocol/mime"}, "the vault stores mail and does no IO on the network"),
    "daemon": ({"core", "storage"}, "daemon is where parts are put together"),
    "tests": ({"core", "storage", "daemon"}, "tests see everything"),
}

# Outside headers that belong to one place.
OWNED = {
    "uv.h": (("core/io", "tests/support/io"), "libuv stays behind core/io"),
    "openssl/ssl.h": (("core/io", "tests/support"), "TLS is set up in one place"),
    "openssl/": (("core/crypto", "core/io", "tests/support"), "BoringSSL stays behind core/crypto and core/io"),
    "rocksdb/": (("storage", "tests/unit/storage", "tests/bench", "tests/support/faulty_disk", "tests/support/postern"), "RocksDB stays behind storage"),
    "boost/": (("core/protocol/http",), "Boost is used for HTTP parsing alone"),
    "re2/": (("core/config",), "regular expressions are the configuration's"),
    "yaml-cpp/": (("core/config", "tests/unit/config"), "YAML stays behind config"),
    "prometheus/": (("core/metrics",), "the registry stays behind metrics"),
    "ares.h": (("core/io",), "DNS stays behind core/io"),
    "zlib.h": (("core/io", "tests/unit/io"), "DEFLATE stays behind core/io"),
    "spdlog/": (("core/base",), "logging goes through core/base/log.h"),
    "CLI/": (("daemon",), "the command line belongs to the daemon"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def under(path, folder):
    return path == folder or path.startswith(folder + "/")


def rule_for(path):
    matching = [folder for folder in MAY_INCLUDE if under(path, folder)]
    return max(matching, key=len) if matching else None


def check(path):
    home = rule_for(path)
    allowed, reason = MAY_INCLUDE[home]
    for number, line in enumerate((ROOT / path).read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, header = match.groups()
        if kind == '"':
            target = rule_for(header)
            if target is None:
                yield f"{path}:{number}: \"{header}\": write includes from the root"
            elif not under(header, home) and not any(under(header, folder) for folder in allowed):
                yield f"{path}:{number}: {home} may not include {target}: {reason}"
            elif home == "core/protocol" and not same_machine(path, header) and under(header, "core/protocol"):
                yield f"{path}:{number}: one protocol machine may not include another"
        owned = [key for key in OWNED if header.startswith(key)]
        if owned:
            owners, why = OWNED[max(owned, key=len)]
            if not any(under(path, owner) for owner in owners):
                yield f"{path}:{number}: <{header}>: {why}"


def same_machine(path, header):
    return path.split("/")[:3] == header.split("/")[:3]


if __name__ == "__main__":
    sources = files(".h", ".cc")
    finish([problem for path in sources for problem in check(path)], len(sources))
