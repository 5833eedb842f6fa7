#include "storage/record_words.h"

#include "storage/words.h"

namespace postern::storage {

std::vector<Word> words(const Recipe& recipe) {
  Words out;
  out.add("size", recipe.size);
  std::size_t number = 0;
  for (const Piece& piece : recipe.pieces) {
    const std::string name = "piece." + std::to_string(++number);
    const std::string what = piece.is_slice()
                                 ? "pack " + std::to_string(piece.pack) + " after " + std::to_string(piece.before)
                             : piece.is_inlined() ? "inlined"
                                                  : "chunk " + piece.chunk.to_hex();
    out.add(name, what + ", " + std::to_string(piece.size) + " octets");
  }
  number = 0;
  for (const mime::Base64Run& run : recipe.runs) {
    out.add("base64." + std::to_string(++number), std::to_string(run.octets) + " octets after " +
                                                      std::to_string(run.before) + ", lines of " +
                                                      std::to_string(run.layout.line) + " characters");
  }
  return out.take();
}

std::vector<Word> words(const MailboxRecord& record) {
  Words out;
  out.add("name", record.name);
  if (record.name.delimiter() != 0) out.add("delimiter", std::string(1, record.name.delimiter()));
  out.add("subscribed", record.subscribed).add("selectable", record.selectable).add("present", record.present);
  std::string attributes;
  for (const std::string& one : record.attributes) attributes += (attributes.empty() ? "" : " ") + one;
  out.add("attributes", "(" + attributes + ")").add("uidvalidity", record.uidvalidity);
  if (record.cursor) {
    out.add("cursor.uidvalidity", record.cursor->uidvalidity).add("cursor.uidnext", record.cursor->uidnext);
    out.add("cursor.messages", record.cursor->messages).add("cursor.highestmodseq", record.cursor->highestmodseq);
    out.add("cursor.flags_swept", record.cursor->flags_swept);
  }
  if (!record.mailbox_id.empty()) out.add("mailboxid", record.mailbox_id);
  return out.take();
}

std::vector<Word> words(const Entry& entry) {
  Words out;
  out.add("vanished", entry.vanished).add("digest", entry.digest).add("size", entry.size);
  out.add("internaldate", entry.internaldate).add("modseq", entry.modseq).add("changed", entry.changed);
  return out.add("flags", entry.flags).take();
}

std::vector<Word> words(const HistoryRow& row) {
  using Kind = HistoryRecord::Kind;
  const HistoryRecord& record = row.record;
  Words out;
  out.add_kind("kind", record.kind).add("time", record.at).add("mailbox", record.place.mailbox);
  const bool of_message =
      record.kind == Kind::appended || record.kind == Kind::flags_changed || record.kind == Kind::vanished;
  if (of_message || record.kind == Kind::new_generation) out.add("uidvalidity", record.place.uidvalidity);
  if (of_message) out.add("uid", record.place.uid);
  if (record.digest) out.add("digest", *record.digest).add("size", row.size).add("internaldate", row.internaldate);
  if (record.kind == Kind::appended || record.kind == Kind::flags_changed) out.add("flags", record.flags);
  if (record.kind == Kind::mailbox_created || record.kind == Kind::mailbox_renamed) out.add("name", record.name);
  return out.take();
}

std::vector<Word> words(const SnapshotRecord& record) {
  return Words().add("sequence", record.seq).add("entries", record.entries).add("octets", record.octets).take();
}

std::vector<Word> words(const TargetRow& row) { return Words().add("name", row.name).add("cursor", row.cursor).take(); }

std::vector<Word> words(const TargetMailboxRecord& record) {
  Words out;
  out.add("adopted", record.adopted).add("name", record.name).add("there.uidvalidity", record.uidvalidity);
  if (!record.source_name.empty()) out.add("source_name", record.source_name);
  if (record.subscribed) out.add("subscribed", *record.subscribed);
  if (!record.renaming_to.wire().empty()) out.add("renaming_to", record.renaming_to);
  if (!record.keyword_map.empty()) out.add("keyword_map", record.keyword_map);
  if (record.flags_read) {
    out.add("flags_read.highestmodseq", record.flags_read->highestmodseq);
    out.add("flags_read.uidnext", record.flags_read->uidnext).add("flags_read.swept", record.flags_read->swept);
  }
  if (record.uidnext != 0) out.add("there.uidnext", record.uidnext);
  return out.take();
}

std::vector<Word> words(const Binding& binding) {
  Words out;
  out.add("there.uidvalidity", binding.target_uidvalidity).add("there.uid", binding.target_uid);
  out.add("agreed", binding.agreed);
  if (binding.verified != WallTime()) out.add("verified", binding.verified);
  return out.add("altered", binding.altered).add("leaving", binding.leaving).take();
}

std::vector<Word> words(const Doubt& doubt) {
  Words out;
  out.add("digest", doubt.digest).add("there.uidvalidity", doubt.target_uidvalidity);
  out.add("there.uidnext", doubt.target_uidnext).add("time", doubt.at);
  out.add("unanswered", doubt.unanswered).add("unshown", doubt.unshown);
  return out.add("reported", doubt.reported).take();
}

std::vector<Word> words(const Intent& intent) {
  Words out;
  out.add("mailbox", intent.mailbox).add("there.uidvalidity", intent.target_uidvalidity);
  out.add("there.uidnext", intent.target_uidnext).add("time", intent.at);
  std::size_t number = 0;
  for (const Intent::Item& item : intent.items) {
    out.add("item." + std::to_string(++number), "mailbox " + text(item.place.mailbox) + ", UIDVALIDITY " +
                                                    text(item.place.uidvalidity) + ", UID " + text(item.place.uid) +
                                                    ", digest " + text(item.digest) + ", " + text(item.size) +
                                                    " octets, flags " + text(item.flags));
  }
  return out.take();
}

std::vector<Word> words(const StoreIntent& intent) {
  Words out;
  out.add("mailbox", intent.mailbox).add("there.uidvalidity", intent.uidvalidity).add("time", intent.at);
  out.add("add", intent.delta.add).add("remove", intent.delta.remove).add("there.uids", intent.uids);
  out.add("at_source", intent.at_source);
  if (intent.since != ModSeq()) out.add("since", intent.since);
  return out.take();
}

std::vector<Word> words(const GuardHold& hold) {
  Words out;
  out.add("let_through", hold.acknowledged).add_kind("reason", hold.reason).add("uidvalidity", hold.uidvalidity);
  return out.add("uids", hold.uids).add("of", hold.of).add("since", hold.since).add("seen", hold.detail).take();
}

std::vector<Word> words(const AuditRecord& record) {
  Words out;
  out.add_kind("action", record.action).add("time", record.at).add("target", record.target).add(record.place);
  out.add("digest", record.digest).add("there.mailbox", record.mailbox);
  return out.add("there.uidvalidity", record.uidvalidity).add("there.uid", record.uid).take();
}

std::vector<Word> words(const QuarantineRecord& record) {
  Words out;
  out.add("attempts", record.attempts).add("first", record.first).add("next_try", record.next_try);
  return out.add("reason", record.reason).take();
}

std::vector<Word> words(const AccountTotals& totals) {
  return Words().add("entries", totals.entries).add("octets", totals.octets).take();
}

std::vector<Word> words(const PassSummary& pass) {
  Words out;
  out.add_kind("state", pass.state).add("started", pass.started).add("ended", pass.ended);
  out.add("last_success", pass.last_success).add("messages_fetched", pass.messages_fetched);
  out.add("octets_fetched", pass.octets_fetched).add("appended", pass.appended).add("quarantined", pass.quarantined);
  return out.add("error", pass.error).take();
}

std::vector<Word> words(const std::string& origin) { return Words().add("origin", origin).take(); }

std::vector<Word> words(const IdentityRow& row) {
  return Words().add("digest", row.digest).add("size", row.size).take();
}

std::vector<Word> words(AccountId account) { return Words().add("account", account).take(); }

std::vector<Word> words(const DictionaryRecord& record) {
  return Words().add_kind("use", record.use).add("octets", record.octets.size()).take();
}

std::vector<Word> words(const ChunkHeader& header) {
  Words out;
  out.add_kind("codec", header.codec).add("size", header.size);
  if (header.codec == ChunkCodec::zstd_dictionary) out.add("dictionary", header.dictionary);
  if (header.codec == ChunkCodec::slice)
    return out.add("pack", header.slice.pack).add("after", header.slice.before).take();
  return out.add("octets", header.payload.size()).take();
}

}  // namespace postern::storage
