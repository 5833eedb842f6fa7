#include "storage/words.h"

#include <cstdint>

namespace postern::storage {
namespace {

constexpr std::int64_t kYear1 = -62'135'596'800'000, kYear9999 = 253'402'300'799'999;  // in ms since 1970

}  // namespace

std::string text(WallTime value) {
  const std::int64_t count = value.time_since_epoch().count();  // any 64 bits: looked at before it is reckoned with
  if (count < kYear1 || count > kYear9999) return std::to_string(count) + " ms";
  const std::int64_t milliseconds = (count % 1'000 + 1'000) % 1'000;
  const std::string digits = std::to_string(1'000 + milliseconds).substr(1);
  return InternalDate{(count - milliseconds) / 1'000, 0}.to_rfc3339().substr(0, 19) + "." + digits + "Z";
}

std::string_view meaning(HistoryRecord::Kind kind) {
  switch (kind) {
    case HistoryRecord::Kind::appended:
      return "appended";
    case HistoryRecord::Kind::flags_changed:
      return "flags changed";
    case HistoryRecord::Kind::vanished:
      return "vanished";
    case HistoryRecord::Kind::mailbox_created:
      return "mailbox created";
    case HistoryRecord::Kind::mailbox_renamed:
      return "mailbox renamed";
    case HistoryRecord::Kind::mailbox_deleted:
      return "mailbox deleted";
    case HistoryRecord::Kind::new_generation:
      return "new generation";
  }
  return "";
}

std::string_view meaning(AuditRecord::Action action) {
  switch (action) {
    case AuditRecord::Action::trashed:
      return "moved to the trash";
    case AuditRecord::Action::expunged:
      return "expunged";
    case AuditRecord::Action::flagged_deleted:
      return "flagged \\Deleted";
    case AuditRecord::Action::source_expunged:
      return "expunged at the source";
    case AuditRecord::Action::moved:
      return "moved";
    case AuditRecord::Action::second_copy:
      return "second copy found";
  }
  return "";
}

std::string_view meaning(GuardHold::Reason reason) {
  switch (reason) {
    case GuardHold::Reason::many:
      return "too many at once";
    case GuardHold::Reason::emptied:
      return "the mailbox became empty";
    case GuardHold::Reason::mailboxes_vanished:
      return "mailboxes vanished";
    case GuardHold::Reason::other_account:
      return "the source is another account";
    case GuardHold::Reason::server_reverted:
      return "the source went back to an earlier state";
  }
  return "";
}

std::string_view meaning(QuarantineRecord::Stage stage) {
  switch (stage) {
    case QuarantineRecord::Stage::fetch:
      return "fetch";
    case QuarantineRecord::Stage::store:
      return "store";
    case QuarantineRecord::Stage::append:
      return "append";
  }
  return "";
}

std::string_view meaning(PassSummary::State state) {
  switch (state) {
    case PassSummary::State::ok:
      return "ok";
    case PassSummary::State::attention:
      return "attention";
    case PassSummary::State::failed:
      return "failed";
  }
  return "";
}

std::string_view meaning(BindingKind kind) {
  switch (kind) {
    case BindingKind::target:
      return "target";
    case BindingKind::mailbox:
      return "its mailbox";
    case BindingKind::binding:
      return "binding";
    case BindingKind::doubt:
      return "doubt";
  }
  return "";
}

std::string_view meaning(StatsKind kind) {
  switch (kind) {
    case StatsKind::totals:
      return "totals";
    case StatsKind::pass:
      return "last pass";
    case StatsKind::origin:
      return "origin";
  }
  return "";
}

std::string_view meaning(ChunkCodec codec) {
  switch (codec) {
    case ChunkCodec::stored:
      return "stored";
    case ChunkCodec::zstd:
      return "zstd";
    case ChunkCodec::zstd_dictionary:
      return "zstd with a dictionary";
    case ChunkCodec::slice:
      return "within a pack";
  }
  return "";
}

std::string_view meaning(DictionaryUse use) {
  switch (use) {
    case DictionaryUse::header:
      return "headers";
    case DictionaryUse::text:
      return "text";
  }
  return "";
}

}  // namespace postern::storage
