#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "core/base/bytes.h"
#include "core/base/escape.h"
#include "core/config/suggest.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/vault_view.h"
#include "daemon/render/json_text.h"
#include "daemon/render/quantity.h"
#include "daemon/render/table.h"
#include "storage/families.h"
#include "storage/row_words.h"

namespace postern::daemon {

namespace {

using storage::Family;
using storage::kFamilyNames;

constexpr std::size_t kPrinted = 4'096;  // octets of one value

Result<Family> family_named(const std::string& name) {
  const auto found = std::find(kFamilyNames.begin(), kFamilyNames.end(), name);
  if (found != kFamilyNames.end()) return static_cast<Family>(found - kFamilyNames.begin());
  std::string all;
  for (const std::string_view one : kFamilyNames) all += (all.empty() ? "" : ", ") + std::string(one);
  const std::string_view near = config::nearest(name, {kFamilyNames.begin(), kFamilyNames.end()});
  return fail(Error(ErrorKind::usage, "there is no family '" + escape_for_people(name, 128) + "'")
                  .remedy(near.empty() ? "they are " + all : "did you mean '" + std::string(near) + "'?"));
}

std::string sentence(const std::vector<storage::Word>& words) {
  std::string text;
  for (const storage::Word& word : words) {
    text += (text.empty() ? "" : ", ") + word.name + " " + escape_for_people(word.value, kPrinted);
  }
  return text;
}

std::string row_text(const storage::RowWords& row) {
  return sentence(row.key) + ": " +
         (row.damage.empty() ? sentence(row.record) : "damaged: " + escape_for_people(row.damage, kPrinted));
}

nlohmann::ordered_json to_json(const std::vector<storage::Word>& words) {
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();
  for (const storage::Word& word : words) fields[word.name] = word.value;
  return fields;
}

nlohmann::ordered_json to_json(std::string_view family, const storage::RowWords& row) {
  nlohmann::ordered_json line = {{"family", family}, {"key", to_json(row.key)}};
  if (row.damage.empty()) {
    line["record"] = to_json(row.record);
  } else {
    line["damage"] = row.damage;
  }
  return line;
}

/// Prints the rows; gives how many could not be read.
Result<std::uint64_t> print_rows(const DumpCommand& command, const storage::Vault& vault, Family family,
                                 ByteView prefix, std::ostream& out) {
  std::uint64_t rows = 0, damaged = 0;
  auto listed = vault.for_each_row(family, prefix, [&](ByteView key, ByteView value) {
    const storage::RowWords row = storage::words_of_row(family, key, value);
    if (!row.damage.empty()) ++damaged;
    if (command.json) {
      nlohmann::ordered_json line = to_json(command.family, row);
      if (command.octets) line["octets"] = {{"key", to_hex(key)}, {"value", to_hex(value)}};
      out << json_text(line) << '\n';
    } else {
      out << row_text(row) << '\n';
      if (command.octets) out << "  " << to_hex(key) << " → " << to_hex(value) << '\n';
    }
    return static_cast<bool>(out) && ++rows != command.limit;
  });
  if (!listed) return fail(std::move(listed.error()));
  return damaged;
}

Result<void> print_families(const DumpCommand& command, const storage::Vault& vault, std::ostream& out) {
  Table table({"family", "rows", "octets"}, {1, 2});
  for (std::size_t i = 0; i < kFamilyNames.size(); ++i) {
    std::uint64_t rows = 0, octets = 0;
    auto counted = vault.for_each_row(static_cast<Family>(i), {}, [&](ByteView key, ByteView value) {
      ++rows;
      octets += key.size() + value.size();
      return true;
    });
    if (!counted) return counted;
    if (command.json) {
      out << json_text({{"family", kFamilyNames[i]}, {"rows", rows}, {"octets", octets}}) << '\n';
    } else {
      table.add({std::string(kFamilyNames[i]), with_thousands(rows), with_thousands(octets)});
    }
  }
  if (!command.json) out << table.to_string();
  return {};
}

}  // namespace

ExitStatus run_command(const DumpCommand& command, const config::Config& config, Console& console) {
  const std::optional<Bytes> prefix = from_hex(command.key);
  if (!prefix) {
    return report(Error(ErrorKind::usage, "--key wants an even number of hexadecimal digits")
                      .remedy("take it from 'postern dump --octets'"),
                  console);
  }
  if (command.family.empty() && !command.key.empty()) {
    return report(Error(ErrorKind::usage, "--key needs a family").remedy("see 'postern dump'"), console);
  }
  std::optional<Family> family;
  if (!command.family.empty()) {
    auto named = family_named(command.family);
    if (!named) return report(named.error(), console);
    family = *named;
  }
  const auto vault = open_for_reading(config);
  if (!vault) return report(vault.error(), console);
  if (!family) {
    auto printed = print_families(command, **vault, console.out);
    return printed ? ExitStatus::done : report(printed.error(), console);
  }
  const auto damaged = print_rows(command, **vault, *family, *prefix, console.out);
  if (!damaged) return report(damaged.error(), console);
  if (*damaged == 0) return ExitStatus::done;
  return report(
      Error(ErrorKind::store, with_thousands(*damaged) + (*damaged == 1 ? " row" : " rows") + " cannot be read")
          .remedy("run 'postern check'"),
      console);
}

}  // namespace postern::daemon
