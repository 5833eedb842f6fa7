#pragma once

// Internal to this folder: the only header that includes yaml-cpp.

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/mistake.h"

namespace postern::config {

/// Collects mistakes, each once however often the same place is read.
class MistakeList {
 public:
  explicit MistakeList(std::string file) : file_(std::move(file)) {}
  void add(const YAML::Mark& mark, std::string text, Mistake::Severity severity = Mistake::Severity::error);
  /// In the order of the file.
  std::vector<Mistake> take();

 private:
  std::string file_;
  std::vector<Mistake> mistakes_;
};

/// One mapping of the file, read key by key with its values checked; a key that it lacks is taken from the mapping of
/// the same kind under `defaults`, if there is one. Every mistake goes to the list with its place; a reader gets
/// nullopt.
class Section {
 public:
  /// `path` is how messages call it ("accounts[0].source"); `keys` names its list in the schema. An `own` that is null
  /// or undefined counts as empty; `where` is then the place of the section. Unknown, refused and doubled keys of `own`
  /// are reported at once.
  Section(MistakeList& mistakes, std::string path, std::string_view keys, YAML::Node own, YAML::Node inherited,
          YAML::Mark where, std::string inherited_path = "defaults");

  bool has(std::string_view key) const { return static_cast<bool>(find(key)); }
  bool has_own(std::string_view key) const { return static_cast<bool>(child(own_, key)); }
  /// The value or an undefined node.
  YAML::Node find(std::string_view key) const;
  /// A mapping under `key`: the own one, with the inherited one behind it.
  Section section(std::string_view key, std::string_view keys) const;

  std::optional<std::string> text(std::string_view key) const;
  /// Reports a missing key.
  std::string required_text(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::uint64_t> number(std::string_view key, std::uint64_t least, std::uint64_t most) const;
  std::optional<std::chrono::seconds> duration(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;

  template <class T>
  std::optional<T> choice(std::string_view key, const std::vector<std::pair<std::string_view, T>>& choices) const {
    const auto word = text(key);
    if (!word) return std::nullopt;
    std::vector<std::string_view> names;
    for (const auto& [name, value] : choices) {
      if (name == *word) return value;
      names.push_back(name);
    }
    not_one_of(key, *word, names);
    return std::nullopt;
  }

  void error(std::string_view key, const std::string& what) const;
  void warning(std::string_view key, const std::string& what) const;
  /// About the section as a whole.
  void error(const std::string& what) const;
  /// How messages call the value under `key`, by where it stands: "accounts[0].source.tls", "defaults.source.tls".
  std::string path_of(std::string_view key) const;

 private:
  static YAML::Node child(const YAML::Node& map, std::string_view key);
  YAML::Mark mark_of(std::string_view key) const;
  void check_keys(std::string_view keys) const;
  void not_one_of(std::string_view key, const std::string& word, const std::vector<std::string_view>& names) const;

  MistakeList* mistakes_;
  std::string path_;
  YAML::Node own_;
  YAML::Node inherited_;
  YAML::Mark where_;
  std::string inherited_path_;
};

}  // namespace postern::config
