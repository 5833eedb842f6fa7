#include "core/mail/fold_case.h"

#include <gtest/gtest.h>

#include <utility>

namespace postern {
namespace {

TEST(FoldCase, Table) {
  const std::pair<const char*, const char*> rows[] = {
      {"Work", "work"},
      {"ENTWÜRFE", "entwürfe"},
      {"ÉLÉMENTS ENVOYÉS", "éléments envoyés"},
      {"Straße", "straße"},
      {"ŽÁDNÁ", "žádná"},
      {"ŁÓDŹ", "łódź"},
      {"ĹĽŃŇ", "ĺľńň"},
      {"İŞ", "iş"},
      {"ŸÞØ", "ÿþø"},
      {"ΑΡΧΕΊΟ Σς", "αρχείο σσ"},
      {"ОТПРАВЛЕННЫЕ", "отправленные"},
      {"ЄІЇҐ", "єіїґ"},
      {"ՀԱՅ", "հայ"},
      {"ĐẶNG", "đặng"},
      {"ＡＢＣ", "ａｂｃ"},
      {"送信済み", "送信済み"},
      {"a×b÷c", "a×b÷c"},
      {"\xff\xc3Z", "\xff\xc3z"},
      {"", ""},
      {"ĸŉſ", "ĸŉſ"},
      {"ӀӁ", "ӀӁ"},
  };
  for (const auto& [text, folded] : rows) EXPECT_EQ(fold_case(text), folded);
}

TEST(FoldCase, IsTheSameTwice) {
  for (std::uint32_t c = 0x20; c < 0x11000; c += 1) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      text = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
              static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      continue;
    }
    const std::string once = fold_case(text);
    EXPECT_EQ(fold_case(once), once) << std::hex << c;
  }
}

}  // namespace
}  // namespace postern
