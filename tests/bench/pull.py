#!/usr/bin/env python3
"""./dev bench pull: a mailbox over TLS into the vault, beside a client that throws everything away, in turn in one run."""

import argparse
import json
import shutil

from harness import POSTERN, Lab, Run, median, table


def mbsync_config(lab, folder):
    settings = lab.settings
    text = f"""IMAPAccount source
Host localhost
Port {lab.port('source')}
User {settings['user']}
PassCmd "cat {settings['password_file']}"
SSLType IMAPS
CertificateFile {settings['ca']}

IMAPStore source
Account source

MaildirStore here
Path {folder}/mail/
Inbox {folder}/mail/INBOX
SubFolders Verbatim

Channel pull
Far :source:
Near :here:
Patterns *
Create Near
SyncState *
"""
    (folder / "mail").mkdir(parents=True)
    path = folder / "mbsyncrc"
    path.write_text(text)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="many", choices=["real", "many", "att", "wide"])
    parser.add_argument("--scale", type=float, default=0.25, help="1: as many messages as the shape has (default 0.25)")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()

    with Lab() as lab:
        print(lab.ask(f"shape source {arguments.shape} {arguments.scale}"))
        Run(lab.drain_command("source"))  # the server indexes on first contact; neither side is charged for it
        drains, pulls, passes, peers = [], [], [], []
        for turn in range(arguments.runs):
            drains.append(Run(lab.drain_command("source")))
            config = lab.config(f"pull-{turn}")
            pulls.append(Run([POSTERN, "-c", config, "sync", "--pull-only", "--json"]))
            passes.append(Run([POSTERN, "-c", config, "sync", "--pull-only", "--json"]))
            if shutil.which("mbsync"):
                folder = lab.folder / f"mbsync-{turn}"
                peers.append(Run(["mbsync", "-q", "-c", mbsync_config(lab, folder), "pull"]))
        report = json.loads(pulls[-1].stdout)["accounts"][0]
        second = json.loads(passes[-1].stdout)["accounts"][0]

    fetched = report["source"]["messages_fetched"]
    wall = median(run.wall for run in pulls)
    rows = [
        ("messages, octets", f"{fetched}, {report['source']['bytes_fetched']}"),
        ("throw-away client", f"{median(run.wall for run in drains):.2f} s"),
        ("postern, durable", f"{wall:.2f} s, {fetched / wall:.0f} messages/s, "
                             f"{median(a.wall / b.wall for a, b in zip(pulls, drains)):.2f} × the throw-away client"),
        ("postern, processor", f"{median(run.cpu for run in pulls):.2f} s"),
        ("postern, peak memory", f"{median(run.peak_mib for run in pulls):.0f} MiB"),
        ("pass with nothing new", f"{median(run.wall for run in passes) * 1000:.0f} ms as a whole process, "
                                  f"{second['seconds'] * 1000:.0f} ms the pass, {second['source'].get('commands', '?')} commands"),
    ]
    if peers:
        rows.append(("mbsync to Maildir", f"{median(run.wall for run in peers):.2f} s"))
    table(f"pull, {arguments.shape}, median of {arguments.runs}", rows)


if __name__ == "__main__":
    main()
