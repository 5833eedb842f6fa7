#include <fmt/format.h>

#include <filesystem>
#include <ostream>

#include "daemon/cli/commands.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/vault_view.h"
#include "daemon/export/exporter.h"
#include "daemon/render/quantity.h"

namespace postern::daemon {

namespace {

struct Written {
  std::uint64_t messages = 0;
  std::uint64_t octets = 0;
  std::uint64_t mailboxes = 0;
};

class Export {
 public:
  Export(const ExportCommand& command, Console& console) : command_(command), console_(console) {
    exporter_ = command.format == ExportCommand::Format::eml ? make_eml_exporter(command.to)
                                                             : make_maildir_exporter(command.to);
  }

  Result<void> run(const OpenAccount& account) {
    const auto view = AccountView::open(*account.vault, account.id, command_.at, SystemClock().wall());
    if (!view) return fail(view.error());
    std::vector<MailboxRecord> mailboxes = view->mailboxes();
    if (!command_.mailbox.empty()) {
      auto one = view->mailbox(command_.mailbox);
      if (!one) return fail(std::move(one.error()));
      mailboxes = {std::move(*one)};
    }
    if (auto prepared = prepare_empty_folder(command_.to); !prepared) return prepared;
    for (const MailboxRecord& mailbox : mailboxes) {
      auto done = write(*account.vault, *view, mailbox);
      if (!done) return fail(std::move(done.error().at(mailbox.name.display())));
    }
    return exporter_->finish();
  }

  const Written& written() const { return written_; }
  std::uint64_t keywords_lost() const { return exporter_->keywords_lost(); }

 private:
  Result<void> write(const storage::Vault& vault, const AccountView& view, const MailboxRecord& mailbox) {
    if (auto begun = exporter_->begin(mailbox.name); !begun) return begun;
    Result<void> outcome;
    const auto add = [&](const Entry& entry) {
      auto reader = vault.open_object(entry.digest);
      outcome = reader ? exporter_->add(entry, **reader) : Result<void>(fail(std::move(reader.error())));
      if (!outcome) {
        outcome.error().at("UID " + std::to_string(entry.place.uid.value()));
        return false;
      }
      ++written_.messages;
      written_.octets += entry.size;
      show_progress();
      return true;
    };
    auto listed = view.for_each_entry(mailbox, add);
    if (!outcome) return outcome;
    if (!listed) return listed;
    ++written_.mailboxes;
    return exporter_->end();
  }

  void show_progress() {
    if (!console_.err_is_terminal || written_.messages % 100 != 0) return;
    console_.err << "\r\x1b[K" << with_thousands(written_.messages) << " messages, "
                 << octets_for_people(written_.octets) << std::flush;
  }

  const ExportCommand& command_;
  Console& console_;
  std::unique_ptr<Exporter> exporter_;
  Written written_;
};

}  // namespace

ExitStatus run_command(const ExportCommand& command, const config::Config& config, Console& console) {
  if (command.format == ExportCommand::Format::mbox) {
    return report(Error(ErrorKind::usage, "the format mbox is not part of this version")
                      .remedy("use maildir, or eml: both keep every octet"),
                  console);
  }
  const auto account = open_account(config, command.account);
  if (!account) return report(account.error(), console);
  Export job(command, console);
  auto done = job.run(*account);
  if (console.err_is_terminal) console.err << "\r\x1b[K";
  if (!done) return report(done.error().at(command.account), console);
  console.out << fmt::format("{}: {} messages, {}, in {} mailboxes written to {}\n", command.account,
                             with_thousands(job.written().messages), octets_for_people(job.written().octets),
                             job.written().mailboxes, command.to);
  if (job.keywords_lost() == 0) return ExitStatus::done;
  console.err << fmt::format("postern: {} messages have keywords that a Maildir has no room for (26 a mailbox)\n",
                             with_thousands(job.keywords_lost()));
  return ExitStatus::attention;
}

}  // namespace postern::daemon
