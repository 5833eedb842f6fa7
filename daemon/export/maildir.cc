#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "daemon/export/exporter.h"
#include "daemon/export/file_batch.h"
#include "daemon/export/file_names.h"

namespace postern::daemon {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostKeywords = 26;  // letters a to z

class MaildirExporter final : public Exporter {
 public:
  explicit MaildirExporter(fs::path root) : root_(std::move(root)), batch_(root_) {}

  Result<void> begin(const MailboxName& mailbox) override {
    keywords_.clear();
    const std::string name = maildir_folder(mailbox);
    folder_ = name.empty() ? root_ : root_ / name;
    if (!name.empty()) {
      if (auto made = make_folder(folder_); !made) return made;
      // Tells delivery agents that this is a folder of a Maildir++, not one of its own.
      if (auto marked = write_text(folder_ / "maildirfolder", ""); !marked) return marked;
    }
    return make_parts();
  }

  Result<void> add(const Entry& entry, storage::ObjectReader& octets) override {
    const std::string base = maildir_base_name(entry);
    const std::string letters = maildir_flag_letters(entry.flags) + keyword_letters(entry.flags);
    return batch_.add(folder_ / "tmp" / base, folder_ / "cur" / (base + ":2," + letters), octets, entry.internaldate);
  }

  Result<void> end() override {
    if (auto flushed = batch_.flush(); !flushed) return flushed;
    if (!keywords_.empty()) {
      std::string lines;
      for (std::size_t i = 0; i < keywords_.size(); ++i) lines += fmt::format("{} {}\n", i, keywords_[i]);
      if (auto written = write_text(folder_ / "dovecot-keywords", lines); !written) return written;
    }
    return sync_folder(folder_);
  }

  Result<void> finish() override {
    // A Maildir without an INBOX is none to most programs.
    std::error_code failed;
    if (!fs::exists(root_ / "cur", failed)) {
      folder_ = root_;
      if (auto made = make_parts(); !made) return made;
    }
    return sync_folder(root_);
  }

  std::uint64_t keywords_lost() const override { return keywords_lost_; }

 private:
  Result<void> make_parts() {
    for (const char* part : {"tmp", "new", "cur"}) {
      if (auto made = make_folder(folder_ / part); !made) return made;
    }
    return {};
  }

  std::string keyword_letters(const FlagSet& flags) {
    std::string letters;
    bool lost = false;
    for (const std::string& flag : flags) {
      if (!is_maildir_keyword(flag)) continue;
      auto known = std::find_if(keywords_.begin(), keywords_.end(),
                                [&](const std::string& keyword) { return ascii_iequals(keyword, flag); });
      if (known == keywords_.end()) {
        if (keywords_.size() == kMostKeywords || !is_valid_flag(flag)) {
          lost = true;
          continue;
        }
        known = keywords_.insert(keywords_.end(), flag);
      }
      letters += static_cast<char>('a' + (known - keywords_.begin()));
    }
    std::sort(letters.begin(), letters.end());
    if (lost) ++keywords_lost_;
    return letters;
  }

  fs::path root_;
  FileBatch batch_;
  fs::path folder_;
  std::vector<std::string> keywords_;
  std::uint64_t keywords_lost_ = 0;
};

}  // namespace

std::unique_ptr<Exporter> make_maildir_exporter(fs::path root) {
  return std::make_unique<MaildirExporter>(std::move(root));
}

Result<void> prepare_empty_folder(const fs::path& path) {
  if (auto made = make_folders(path); !made) return made;
  std::error_code failed;
  const bool empty = fs::is_empty(path, failed);
  if (failed) return fail(ErrorKind::store, path.string() + ": cannot be listed: " + failed.message());
  if (!empty) {
    return fail(Error(ErrorKind::usage, "is not empty")
                    .at(path.string())
                    .remedy("export to a folder that is empty or not there yet; nothing was written"));
  }
  return {};
}

}  // namespace postern::daemon
