#!/usr/bin/env python3
"""Reads an IMAP account with Python's own imaplib and prints what is there in the JSON lines of `postern ls --json`: an
independent witness for tests, the demo and the benchmarks. Opens every mailbox read-only. See compare.py.

  imap_oracle.py --port 143 --user alice --password-file FILE [--tls implicit|starttls|none] [--ca FILE] [--account NAME]
"""

import argparse
import base64
import datetime
import hashlib
import imaplib
import json
import re
import ssl
import sys

imaplib._MAXLINE = 100_000_000  # its default refuses the answer of a mailbox with many messages


def decode_name(wire):
    """Modified UTF-7 (RFC 3501, 5.1.3) to text."""
    def shifted(match):
        digits = match.group(1)
        if not digits:
            return "&"
        digits = digits.replace(",", "/")
        return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-16-be")
    return re.sub(r"&([^-]*)-", shifted, wire)


def quoted(name):
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def connect(arguments):
    context = None
    if arguments.tls != "none":
        context = ssl.create_default_context(cafile=arguments.ca)
        if not arguments.ca:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if arguments.tls == "implicit":
        server = imaplib.IMAP4_SSL(arguments.host, arguments.port, ssl_context=context)
    else:
        server = imaplib.IMAP4(arguments.host, arguments.port)
    if arguments.tls == "starttls":
        server.starttls(context)
    with open(arguments.password_file, encoding="utf-8") as file:
        server.login(arguments.user, file.readline().rstrip("\r\n"))
    return server


def must(result, what):
    status, data = result
    if status != "OK":
        sys.exit(f"{what}: {status} {data}")
    return data


def selectable_mailboxes(server):
    for line in must(server.list(), "LIST"):
        text = b"".join(line) if isinstance(line, tuple) else line
        if text is None:
            continue
        attributes, rest = re.match(rb'\(([^)]*)\) (?:"(?:\\.|[^"])*"|NIL) (.*)', text, re.S).groups()
        if re.search(rb"\\(Noselect|NonExistent)\b", attributes, re.I):
            continue
        literal = re.match(rb"\{\d+\}(.*)", rest, re.S)
        if literal:
            yield literal.group(1).decode("latin-1")
        elif rest.startswith(b'"'):
            yield re.sub(r"\\(.)", r"\1", rest[1:-1].decode("latin-1"))
        else:
            yield rest.decode("latin-1")


def zoned(date_time):
    return datetime.datetime.strptime(date_time.strip(), "%d-%b-%Y %H:%M:%S %z").isoformat()


def messages(server, uids, batch=200):
    for start in range(0, len(uids), batch):
        wanted = ",".join(uids[start:start + batch])
        data = must(server.uid("FETCH", wanted, "(UID FLAGS INTERNALDATE BODY.PEEK[])"), "UID FETCH")
        for head, octets, tail in triples(data):
            items = head + tail
            yield (int(re.search(rb"\bUID (\d+)", items).group(1)), octets,
                   re.search(rb"\bFLAGS \(([^)]*)\)", items).group(1).decode().split(),
                   re.search(rb'\bINTERNALDATE "([^"]+)"', items).group(1).decode())


def triples(data):
    """imaplib gives (head, literal) and then the rest of each response."""
    for i, part in enumerate(data):
        if isinstance(part, tuple):
            tail = data[i + 1] if i + 1 < len(data) and isinstance(data[i + 1], bytes) else b""
            yield part[0], part[1], tail


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--tls", choices=["implicit", "starttls", "none"], default="none")
    parser.add_argument("--ca", help="PEM file to verify the certificate with; without one it is not verified")
    parser.add_argument("--account", help="the account's name in the output (default: the user)")
    arguments = parser.parse_args()
    account = arguments.account or arguments.user

    server = connect(arguments)
    entries = []
    for wire in selectable_mailboxes(server):
        must(server.select(quoted(wire), readonly=True), f"EXAMINE {wire}")
        uidvalidity = int(server.response("UIDVALIDITY")[1][0])
        uids = must(server.uid("SEARCH", None, "ALL"), "UID SEARCH")[0].decode().split()
        for uid, octets, flags, date in messages(server, uids):
            entries.append({"account": account, "mailbox": decode_name(wire), "uidvalidity": uidvalidity, "uid": uid,
                            "digest": hashlib.sha256(octets).hexdigest(), "size": len(octets),
                            "flags": sorted((f for f in flags if f.lower() != "\\recent"), key=str.lower),
                            "internaldate": zoned(date)})
    server.logout()
    for entry in sorted(entries, key=lambda e: (e["mailbox"], e["uidvalidity"], e["uid"])):
        print(json.dumps(entry, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
