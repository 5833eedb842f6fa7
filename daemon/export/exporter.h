#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "core/base/result.h"
#include "core/mail/records.h"
#include "storage/object_reader.h"

namespace postern::daemon {

/// Writes mailboxes as files below one folder: for each mailbox begin(), add()…, end(); last, finish(). Blocking; one
/// thread. After an error it is of no more use.
class Exporter {
 public:
  virtual ~Exporter() = default;
  virtual Result<void> begin(const MailboxName& mailbox) = 0;
  virtual Result<void> add(const Entry& entry, storage::ObjectReader& octets) = 0;
  virtual Result<void> end() = 0;
  /// Everything is on the disk when it succeeds.
  virtual Result<void> finish() = 0;
  /// Messages with a keyword that the format had no room for.
  virtual std::uint64_t keywords_lost() const { return 0; }
};

/// Maildir++: `root` is INBOX, the other mailboxes are folders in it. Keywords are letters explained in
/// dovecot-keywords, 26 a mailbox.
std::unique_ptr<Exporter> make_maildir_exporter(std::filesystem::path root);
/// One file a message, "7.eml" for UID 7, in a folder for each level of the mailbox's name. Flags are not kept.
std::unique_ptr<Exporter> make_eml_exporter(std::filesystem::path root);

/// Makes `path`, or sees that it is an empty folder.
Result<void> prepare_empty_folder(const std::filesystem::path& path);

}  // namespace postern::daemon
