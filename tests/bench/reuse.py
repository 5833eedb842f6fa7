#!/usr/bin/env python3
"""./dev bench reuse: a tree of mailboxes renamed, messages moved, mailboxes made anew under another UIDVALIDITY: how much
of the mail crosses the line a second time, beside mbsync."""

import imaplib
import ssl

import peer
from harness import Lab, Run, Sync, finish, grid, must, options, parser

CAPTION = """mail that only changed its place; everything is held before
  fetched: octets of bodies that were fetched again, as a share of those concerned; line: octets that the server sent, as a share of
  the same; reused: bodies_reused of the messages concerned"""


class Mailer:
    """A person's mail program that moves things."""

    def __init__(self, lab, user):
        self.imap = imaplib.IMAP4_SSL("localhost", lab.port(), ssl_context=ssl.create_default_context(cafile=lab.settings["ca"]))
        self.imap.login(user, "any")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.imap.logout()

    def do(self, command, *arguments):
        word, said = getattr(self.imap, command)(*arguments)
        if word != "OK":
            raise RuntimeError(f"{command} {arguments}: {word} {said}")
        return said

    def move(self, mailbox, to, count=None):
        """The oldest `count` messages, or all."""
        self.do("select", f'"{mailbox}"')
        uids = self.do("uid", "SEARCH", "ALL")[0].split()[:count]
        self.do("uid", "MOVE", b",".join(uids).decode(), f'"{to}"')
        self.do("unselect")
        return len(uids)


def rename_tree(mailer, scale):
    mailer.do("rename", '"Clients 0"', '"Archive"')


def move_messages(mailer, scale):
    mailer.do("create", "Moved")
    must("messages moved", mailer.move("INBOX", "Moved", round(5_000 * scale)), round(5_000 * scale))


def recreate(mailer, scale):
    """As when a person restores a mailbox: the same messages under another UIDVALIDITY, with UIDs of their own."""
    old, new = "Clients 0/Client 1", "Clients 0/Restored"
    mailer.do("create", f'"{new}"')
    mailer.move(old, new)
    mailer.do("delete", f'"{old}"')
    mailer.do("rename", f'"{new}"', f'"{old}"')


# What is done, to mailboxes and messages at scale 1, and how many of these messages it concerns.
STORIES = {
    "tree of 20 renamed": (rename_tree, 21, 4_200, 20 / 21),
    "5,000 moved": (move_messages, 1, 10_000, 1 / 2),
    "mailbox made anew": (recreate, 2, 10_000, 1 / 2),
    "UIDVALIDITY changed": (None, 2, 10_000, 1 / 2),  # by the server's administrator: the UIDs stay
}


def line_octets(line, work):
    before = line.passed()["to_client"]
    result = work()
    return result, line.passed()["to_client"] - before


def tell(lab, arguments, number, title):
    """One story, by us and by mbsync."""
    change, mailboxes, messages, share = STORIES[title]
    user, messages = f"reuse{number}", max(round(messages * arguments.scale), mailboxes)
    lab.ask(f"mailboxes source {mailboxes} {messages} {user}")
    Run(lab.drain_command(user=user))
    line = lab.line(arguments.rtt[0])
    config = lab.config(user, [user], line.port, source={"connections": arguments.connections})
    first = Sync(config)
    must("messages fetched", first["messages_fetched"], messages)
    mbsync = peer.Mbsync(lab, f"mbsync-{user}", user, line.port, fsync=False) if arguments.peer_runs else None
    if mbsync and mbsync.sync(arguments.peer_limit).late:
        mbsync = None
    if change:
        with Mailer(lab, user) as mailer:
            change(mailer, arguments.scale)
    else:
        lab.ask(f"uidvalidity source {user} 1999999999 Clients 0/Client 1")
    again, octets = line_octets(line, lambda: Sync(config))
    concerned = first["bytes_fetched"] * share
    figures = {"story": title, "messages": round(messages * share), "octets": concerned, "seconds": again.wall,
               "messages_fetched": again["messages_fetched"], "bytes_fetched": again["bytes_fetched"],
               "fetched_share": again["bytes_fetched"] / concerned, "line_octets": octets,
               "line_share": octets / concerned, "bodies_reused": again["bodies_reused"],
               "commands": again["commands"], "mbsync": None}
    quiet = Sync(config)
    must("messages fetched by the pass after it", quiet["messages_fetched"], 0)
    if mbsync:
        run, octets = line_octets(line, lambda: mbsync.sync(arguments.peer_limit, check=False))
        figures["mbsync"] = {"seconds": run.wall, "late": run.late, "exit": run.code, "line_share": octets / concerned,
                             "said": run.stderr.strip()[-500:]}
    return figures


def row(figures):
    def of_peer(name):
        run = figures["mbsync"]
        if run is None:
            return "–"
        if name == "line":
            return f"{run['line_share']:.1%}"
        return f"{'> ' if run['late'] else ''}{run['seconds']:.2f}{' (fails)' if run['exit'] and not run['late'] else ''}"
    return {"story": figures["story"], "messages": f"{figures['messages']:,}", "MB": f"{figures['octets'] / 1e6:.1f}",
            "fetched": f"{figures['fetched_share']:.2%}", "line": f"{figures['line_share']:.2%}",
            "reused": f"{figures['bodies_reused']:,}", "seconds": f"{figures['seconds']:.2f}",
            "commands": figures["commands"], "mbsync line": of_peer("line"), "mbsync seconds": of_peer("seconds")}


def main():
    asked = parser(__doc__, runs=1)
    asked.add_argument("--scale", type=float, default=1, help="1: 4,200 messages in the tree, 5,000 moved, 5,000 made anew")
    arguments = options(asked)
    with Lab() as lab:
        figures = []
        for number, title in enumerate(STORIES if arguments.runs else []):
            print(title, flush=True)
            figures.append(tell(lab, arguments, number, title))
        if figures:
            grid(CAPTION, [row(f) for f in figures], arguments.markdown)
        for f in figures:
            if f["mbsync"] and f["mbsync"]["exit"] != 0:
                print(f"  mbsync, {f['story']}: {f['mbsync']['said'].splitlines()[-1:] or 'stopped'}")
        finish(arguments, lab, figures)


if __name__ == "__main__":
    main()
