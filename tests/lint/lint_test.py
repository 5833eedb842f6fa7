#!/usr/bin/env python3
"""The lints themselves: a rule that finds nothing in a broken file is no rule."""

import pathlib
import tempfile
import unittest
from unittest import mock

import include_directions


class IncludeDirections(unittest.TestCase):
    def problems(self, path, text):
        with tempfile.TemporaryDirectory() as root:
            file = pathlib.Path(root, path)
            file.parent.mkdir(parents=True)
            file.write_text(text)
            with mock.patch.object(include_directions, "ROOT", pathlib.Path(root)):
                return list(include_directions.check(path))

    def test_a_protocol_machine_must_not_know_io(self):
        found = self.problems("core/protocol/imap/session.cc", '#include "core/io/stream.h"\n')
        self.assertEqual(len(found), 1)
        self.assertIn("pure", found[0])

    def test_the_engine_must_not_know_the_vault(self):
        self.assertTrue(self.problems("core/sync/engine/source_pass.cc", '#include "storage/vault.h"\n'))

    def test_rocksdb_stays_in_storage(self):
        self.assertTrue(self.problems("daemon/main.cc", "#include <rocksdb/db.h>\n"))
        self.assertFalse(self.problems("storage/vault.cc", "#include <rocksdb/db.h>\n"))

    def test_includes_are_written_from_the_root(self):
        self.assertTrue(self.problems("core/mail/uid_set.cc", '#include "uid_set.h"\n'))

    def test_scram_may_use_crypto_and_imap_may_not(self):
        text = '#include "core/crypto/hmac.h"\n'
        self.assertFalse(self.problems("core/protocol/sasl/scram.cc", text))
        self.assertTrue(self.problems("core/protocol/imap/session.cc", text))


if __name__ == "__main__":
    unittest.main()
