#pragma once

// The fields of each record in words, in the order and by the names of FORMAT.md. Pure.

#include <string>
#include <vector>

#include "core/mail/records.h"
#include "storage/changes.h"
#include "storage/chunk_codec.h"
#include "storage/dictionary.h"
#include "storage/object_codec.h"
#include "storage/records_codec.h"
#include "storage/row_words.h"
#include "storage/target_codec.h"

namespace postern::storage {

std::vector<Word> words(const Recipe& recipe);
std::vector<Word> words(const MailboxRecord& record);
std::vector<Word> words(const Entry& entry);
std::vector<Word> words(const HistoryRow& row);
std::vector<Word> words(const SnapshotRecord& record);
std::vector<Word> words(const TargetRow& row);
std::vector<Word> words(const TargetMailboxRecord& record);
std::vector<Word> words(const Binding& binding);
std::vector<Word> words(const Doubt& doubt);
std::vector<Word> words(const Intent& intent);
std::vector<Word> words(const StoreIntent& intent);
std::vector<Word> words(const GuardHold& hold);
std::vector<Word> words(const AuditRecord& record);
std::vector<Word> words(const QuarantineRecord& record);
std::vector<Word> words(const AccountTotals& totals);
std::vector<Word> words(const PassSummary& pass);
std::vector<Word> words(const std::string& origin);
std::vector<Word> words(const IdentityRow& row);
std::vector<Word> words(AccountId account);
std::vector<Word> words(const DictionaryRecord& record);
std::vector<Word> words(const ChunkHeader& header);

}  // namespace postern::storage
