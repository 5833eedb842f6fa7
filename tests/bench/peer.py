"""mbsync, the client that the figures stand beside."""

import copy
import os

from harness import Run, remove


class Mbsync:
    """A channel from an account of the laboratory into a Maildir; not compressed, as ours are not unless asked to."""

    def __init__(self, lab, name, user, port=None, fsync=True):
        self.lab, self.name, self.user, self.fsync = lab, name, user, fsync
        self.folder = lab.folder / name
        (self.folder / "mail").mkdir(parents=True)
        self.config = self.folder / "mbsyncrc"
        self._write(port or lab.port())

    def _write(self, port):
        self.config.write_text(f"""FSync {'yes' if self.fsync else 'no'}

{self._store("source", port, self.user)}
MaildirStore here
Path {self.folder}/mail/
Inbox {self.folder}/mail/INBOX
SubFolders Verbatim

Channel pull
Far :source:
Near :here:
Patterns *
Create Near
SyncState *
""")

    def _store(self, name, port, user):
        return f"""IMAPAccount {name}
Host localhost
Port {port}
User {user}
PassCmd "cat {self.lab.settings['password_file']}"
SSLType IMAPS
DisableExtension COMPRESS=DEFLATE
CertificateFile {self.lab.settings['ca']}

IMAPStore {name}
Account {name}
"""

    def over(self, port, name):
        """The same Maildir, from another port: another configuration file."""
        other = copy.copy(self)
        other.config = self.folder / f"mbsyncrc-{name}"
        other._write(port)
        return other

    def sync(self, limit, check=True):
        return Run(["mbsync", "-q", "-c", self.config, "pull"], check=check, limit=limit)

    def messages(self):
        """How many it has stored so far."""
        return sum(len(files) for path, _, files in os.walk(self.folder / "mail")
                   if os.path.basename(path) in ("cur", "new"))

    def remove(self):
        remove(self.folder)


class MbsyncBridge(Mbsync):
    """A channel from an account of the source to `target_user` of the target; what it knows lies on disk, without fsync."""

    def __init__(self, lab, name, user, target_user):
        self.target_user = target_user
        super().__init__(lab, name, user, fsync=False)

    def _write(self, port):
        self.config.write_text(f"""FSync no

{self._store("source", port, self.user)}
{self._store("target", self.lab.port("target"), self.target_user)}
Channel pull
Far :source:
Near :target:
Patterns *
Create Near
SyncState {self.folder}/state-
""")
