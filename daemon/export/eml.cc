#include <string>

#include "daemon/export/exporter.h"
#include "daemon/export/file_batch.h"
#include "daemon/export/file_names.h"

namespace postern::daemon {

namespace {

namespace fs = std::filesystem;

class EmlExporter final : public Exporter {
 public:
  explicit EmlExporter(fs::path root) : root_(std::move(root)), batch_(root_) {}

  Result<void> begin(const MailboxName& mailbox) override {
    folder_ = root_;
    for (const std::string& component : mailbox.components()) {
      folder_ /= folder_component(component);
      if (auto made = make_folders(folder_); !made) return made;
    }
    return {};
  }

  Result<void> add(const Entry& entry, storage::ObjectReader& octets) override {
    // A folder of a mailbox never ends in ".eml": its dots are encoded.
    const std::string uid = std::to_string(entry.place.uid.value());
    return batch_.add(folder_ / (uid + ".eml.part"), folder_ / (uid + ".eml"), octets, entry.internaldate);
  }

  Result<void> end() override {
    if (auto flushed = batch_.flush(); !flushed) return flushed;
    return sync_folder(folder_);
  }

  Result<void> finish() override { return sync_folder(root_); }

 private:
  fs::path root_;
  FileBatch batch_;
  fs::path folder_;
};

}  // namespace

std::unique_ptr<Exporter> make_eml_exporter(fs::path root) { return std::make_unique<EmlExporter>(std::move(root)); }

}  // namespace postern::daemon
