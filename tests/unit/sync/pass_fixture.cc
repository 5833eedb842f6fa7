#include "tests/unit/sync/pass_fixture.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace postern::testing {
namespace {

using Row = std::tuple<std::string, std::string, std::int64_t>;  // digest, flags, instant

std::vector<Row> rows(const ModelMailbox& box) {
  std::vector<Row> all;
  for (const auto& [uid, message] : box.messages) {
    all.emplace_back(digest_of(message.octets).to_hex(), message.flags.to_string(), message.date.unix_seconds);
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<Row> rows(const std::vector<Entry>& entries) {
  std::vector<Row> all;
  for (const Entry& entry : entries) {
    all.emplace_back(entry.digest.to_hex(), entry.flags.to_string(), entry.internaldate.unix_seconds);
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string counts(std::string_view what, const std::string& name, std::size_t is, std::size_t should) {
  return std::string(what) + " " + name + " differs: " + std::to_string(is) + " messages, not " +
         std::to_string(should) + "\n";
}

}  // namespace

std::string difference(const World& world) {
  std::string text;
  for (const auto& [name, box] : world.source.boxes()) {
    const auto held = world.vault.present(name);
    if (rows(box) != rows(held)) text += counts("vault", name, held.size(), box.messages.size());
    if (!world.with_target) continue;
    const auto there = world.target.boxes().find(name);
    if (there == world.target.boxes().end()) {
      text += "target lacks " + name + "\n";
      continue;
    }
    if (rows(box) != rows(there->second)) {
      text += counts("target", name, there->second.messages.size(), box.messages.size());
    }
    if (box.subscribed && !there->second.subscribed) text += "target " + name + " is not subscribed\n";
  }
  for (const auto& [id, state] : world.vault.targets) {
    if (!state.intents.empty()) text += "intents are left\n";
  }
  return text;
}

}  // namespace postern::testing
