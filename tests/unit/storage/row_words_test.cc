// The worked examples of storage/FORMAT.md, read back in words.

#include "storage/row_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace postern::storage {
namespace {

const std::string kDigest = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafa0a1a2a3a4a5a6a7a8a9aaabacadaeaf";

/// FORMAT.md's way of writing octets: blanks are for the reader, D is the digest.
Bytes octets(std::string digits) {
  digits = std::regex_replace(digits, std::regex("D"), kDigest);
  std::erase(digits, ' ');
  return from_hex(digits).value();
}

std::string sentence(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : ", ") + word.name + " " + word.value;
  return std::regex_replace(text, std::regex(kDigest), "D");
}

struct Example {
  Family family;
  const char *key, *value;
  const char *key_words, *record_words;
};

const Example kExamples[] = {
    {Family::chunk, "D", "01 00 07 68656c6c6f0d0a", "digest D", "codec 0 stored, size 7, octets 7"},
    {Family::chunk, "D", "01 03 07 ac02 e807", "digest D", "codec 3 within a pack, size 7, pack 300, after 1000"},
    {Family::pack, "00000000 0000012c", "01 00 07 68656c6c6f0d0a", "pack 300", "codec 0 stored, size 7, octets 7"},
    {Family::object, "D", "01 8b07 04 ac02 e807 8407 04 ad02 00 07", "digest D",
     "size 907, piece.1 pack 300 after 1000, 900 octets, piece.2 pack 301 after 0, 7 octets"},
    {Family::object, "D", "01 e724 00", "digest D", "size 4711, piece.1 chunk D, 4711 octets"},
    {Family::object, "D", "01 2e 03 0b 010008613a20620d0a0d0a 01 D 1b 02 08 1b 03 09", "digest D",
     "size 46, piece.1 inlined, 8 octets, piece.2 chunk D, 27 octets, base64.1 27 octets after 8, lines of 36 "
     "characters"},
    {Family::mailbox, "00000001 00000001",
     "01 0f 05494e424f58 00 2f 01 0e5c4861734e6f4368696c6472656e 01 01 08 03 ac02 00", "account 1, mailbox 1",
     "name INBOX, delimiter /, subscribed yes, selectable yes, present yes, attributes (\\HasNoChildren), uidvalidity "
     "1, cursor.uidvalidity 1, cursor.uidnext 8, cursor.messages 3, cursor.highestmodseq 300, cursor.flags_swept "
     "1970-01-01T00:00:00.000Z"},
    {Family::mailbox, "00000001 00000001", "01 16 05494e424f58 00 2f 00 01 024631", "account 1, mailbox 1",
     "name INBOX, delimiter /, subscribed no, selectable yes, present yes, attributes (), uidvalidity 1, mailboxid F1"},
    {Family::entry, "00000001 00000001 00000001 00000007", "01 00 D e724 eeb2a6d607 78 ac02 05 81 01 0524576f726b",
     "account 1, mailbox 1, uidvalidity 1, uid 7",
     "vanished no, digest D, size 4711, internaldate 2002-08-22T12:36:23+01:00, modseq 300, changed 5, flags ($Work "
     "\\Seen)"},
    {Family::history, "00000001 0000000000000005", "01 02 80a0abfef962 01 01 07 01", "account 1, sequence 5",
     "kind 2 flags changed, time 2023-11-14T22:13:20.000Z, mailbox 1, uidvalidity 1, uid 7, flags (\\Seen)"},
    {Family::snapshot, "00000001 8000018bcfe56800", "01 05 01 e724", "account 1, time 2023-11-14T22:13:20.000Z",
     "sequence 5, entries 1, octets 4711"},
    {Family::binding, "00000001 00000001 02 00000001 00000001 00000007", "01 09 0c 01",
     "account 1, target 1, kind 2 binding, mailbox 1, uidvalidity 1, uid 7",
     "there.uidvalidity 9, there.uid 12, agreed (\\Seen), altered no, leaving no"},
    {Family::binding, "00000001 00000001 03 00000001 00000001 00000007", "01 D 09 0c 80a0abfef962 01 00 00",
     "account 1, target 1, kind 3 doubt, mailbox 1, uidvalidity 1, uid 7",
     "digest D, there.uidvalidity 9, there.uidnext 12, time 2023-11-14T22:13:20.000Z, unanswered 1, unshown 0, "
     "reported "},
    {Family::intent, "00000001 00000001 0000000000000003", "01 01 09 0c 80a0abfef962 01  01 01 07 D e724 01",
     "account 1, target 1, intent 3",
     "mailbox 1, there.uidvalidity 9, there.uidnext 12, time 2023-11-14T22:13:20.000Z, item.1 mailbox 1, UIDVALIDITY "
     "1, UID 7, digest D, 4711 octets, flags (\\Seen)"},
    {Family::store_intent, "00000001 00000001 0000000000000003", "01 01 09 80a0abfef962 01 04 02 0202 0300 00 ac02",
     "account 1, target 1, intent 3",
     "mailbox 1, there.uidvalidity 9, time 2023-11-14T22:13:20.000Z, add (\\Seen), remove (\\Flagged), there.uids "
     "3:5,9, at_source no, since 300"},
    {Family::guard, "00000001 00000001 00000001", "01 00 02 01 01001d 1e 80a0abfef962 05656d707479",
     "account 1, target 1, mailbox 1",
     "let_through no, reason 2 the mailbox became empty, uidvalidity 1, uids 1:30, of 30, since "
     "2023-11-14T22:13:20.000Z, seen empty"},
    {Family::audit, "00000001 0000000000000001", "01 02 80a0abfef962 01 01 01 07 D 05494e424f58 09 0c",
     "account 1, sequence 1",
     "action 2 expunged, time 2023-11-14T22:13:20.000Z, target 1, mailbox 1, uidvalidity 1, uid 7, digest D, "
     "there.mailbox INBOX, there.uidvalidity 9, there.uid 12"},
    {Family::quarantine, "00000001 00000001 00000001 00000007 03 00000001", "01 02 80a0abfef962 80a0abfef962 026e6f",
     "account 1, mailbox 1, uidvalidity 1, uid 7, stage 3 append, target 1",
     "attempts 2, first 2023-11-14T22:13:20.000Z, next_try 2023-11-14T22:13:20.000Z, reason no"},
    {Family::stats, "00000001 01", "01 01 e724", "account 1, kind 1 totals", "entries 1, octets 4711"},
    {Family::stats, "00000001 03", "01 03682075", "account 1, kind 3 origin", "origin h u"},
    {Family::identity, "00000001 4d36643939", "01 D e724", "account 1, emailid M6d99", "digest D, size 4711"},
    {Family::meta, "666f726d6174", "00000004", "name format", "format 4"},
    {Family::meta, "6163636f756e742f616c696365", "01 01", "account alice", "account 1"},
    {Family::meta, "64696374696f6e6172792f00000001", "01 01 03 616263", "dictionary 1", "use 1 headers, octets 3"},
};

TEST(RowWords, SayTheExamplesOfTheFormatPage) {
  for (const Example& example : kExamples) {
    const RowWords row = words_of_row(example.family, octets(example.key), octets(example.value));
    EXPECT_EQ(sentence(row.key), example.key_words);
    EXPECT_EQ(sentence(row.record), example.record_words);
    EXPECT_EQ(row.damage, "") << example.key_words;
  }
}

TEST(RowWords, ARecordThatIsCutOffSaysSoAndKeepsItsKey) {
  for (const Example& example : kExamples) {
    const Bytes whole = octets(example.value);
    if (example.family == Family::chunk || example.family == Family::pack)
      continue;  // its octets are looked at by `check --read-data`
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const RowWords row = words_of_row(example.family, octets(example.key), whole.substr(0, size));
      if (row.damage.empty()) continue;  // an optional tail is all that is gone
      EXPECT_TRUE(row.record.empty());
    }
    const RowWords none = words_of_row(example.family, octets(example.key), "");
    EXPECT_NE(none.damage, "") << example.key_words;
  }
}

TEST(RowWords, AKeyOfNoFamilyIsShownAsOctets) {
  for (std::size_t family = 0; family < kFamilyNames.size(); ++family) {
    for (const Bytes& key : {Bytes(""), Bytes("\x01\x02"), Bytes(21, '\xff')}) {
      const RowWords row = words_of_row(static_cast<Family>(family), key, "\x01");
      EXPECT_NE(row.damage, "") << kFamilyNames[family] << " " << to_hex(key);
    }
  }
  EXPECT_EQ(sentence(words_of_row(Family::entry, "\x01\x02", "").key), "octets 0102");
}

TEST(RowWords, TimesBeforeTheEpochAndBeyondTheCalendar) {
  const auto snapshot_at = [](std::string_view key) {
    return words_of_row(Family::snapshot, octets("00000001" + std::string(key)), octets("01 05 01 00")).key[1].value;
  };
  EXPECT_EQ(snapshot_at("7fffffffffffffff"), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(snapshot_at("ffffffffffffffff"), "9223372036854775807 ms");
  EXPECT_EQ(snapshot_at("0000000000000000"), "-9223372036854775808 ms");
}

}  // namespace
}  // namespace postern::storage
