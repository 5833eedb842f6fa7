#include "core/config/yaml_section.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "core/base/escape.h"
#include "core/config/schema.h"
#include "core/config/suggest.h"
#include "core/config/units.h"

namespace postern::config {

namespace {

constexpr std::size_t kQuoted = 80;

std::string quoted(std::string_view text) { return "'" + escape_for_people(text, kQuoted) + "'"; }

YAML::Node nothing() { return YAML::Node(YAML::NodeType::Undefined); }

std::string_view kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a mapping";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Scalar:
      return "a plain value";
    default:
      return "nothing";
  }
}

}  // namespace

void MistakeList::add(const YAML::Mark& mark, std::string text, Mistake::Severity severity) {
  Mistake mistake{severity, file_, mark.is_null() ? 0 : mark.line + 1, mark.is_null() ? 0 : mark.column + 1,
                  std::move(text)};
  if (std::find(mistakes_.begin(), mistakes_.end(), mistake) == mistakes_.end())
    mistakes_.push_back(std::move(mistake));
}

std::vector<Mistake> MistakeList::take() {
  std::stable_sort(mistakes_.begin(), mistakes_.end(), [](const Mistake& a, const Mistake& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return std::move(mistakes_);
}

Section::Section(MistakeList& mistakes, std::string path, std::string_view keys, YAML::Node own, YAML::Node inherited,
                 YAML::Mark where, std::string inherited_path)
    : mistakes_(&mistakes),
      path_(std::move(path)),
      own_(nothing()),
      inherited_(nothing()),
      where_(where),
      inherited_path_(std::move(inherited_path)) {
  if (inherited.IsDefined() && inherited.IsMap()) inherited_.reset(inherited);
  if (!own.IsDefined() || own.IsNull()) return;
  where_ = own.Mark();
  if (!own.IsMap()) {
    error("must be a mapping of keys to values, not " + std::string(kind_of(own)));
    return;
  }
  own_.reset(own);
  check_keys(keys);
}

YAML::Node Section::child(const YAML::Node& map, std::string_view key) {
  if (!map.IsDefined() || !map.IsMap()) return nothing();
  for (const auto& item : map) {
    if (item.first.IsScalar() && item.first.Scalar() == key) return item.second;
  }
  return nothing();
}

YAML::Node Section::find(std::string_view key) const {
  YAML::Node own = child(own_, key);
  return own.IsDefined() ? own : child(inherited_, key);
}

Section Section::section(std::string_view key, std::string_view keys) const {
  const std::string own_path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  return {*mistakes_,
          own_path,
          keys,
          child(own_, key),
          child(inherited_, key),
          mark_of(key),
          inherited_path_ + "." + std::string(key)};
}

YAML::Mark Section::mark_of(std::string_view key) const {
  const YAML::Node node = find(key);
  return node.IsDefined() ? node.Mark() : where_;
}

std::string Section::path_of(std::string_view key) const {
  const std::string& section = !has_own(key) && has(key) ? inherited_path_ : path_;
  return section.empty() ? std::string(key) : section + "." + std::string(key);
}

void Section::check_keys(std::string_view keys) const {
  std::vector<std::string_view> names;
  for (const Key& key : keys_of(keys)) {
    if (key.refused.empty()) names.push_back(key.name);
  }
  std::vector<std::string> seen;
  const std::string prefix = path_.empty() ? "" : path_ + ": ";
  for (const auto& item : own_) {
    if (!item.first.IsScalar()) {
      mistakes_->add(item.first.Mark(), prefix + "a key must be a word, not " + std::string(kind_of(item.first)));
      continue;
    }
    const std::string& name = item.first.Scalar();
    const auto known = keys_of(keys);
    const auto key = std::find_if(known.begin(), known.end(), [&](const Key& k) { return k.name == name; });
    if (key == known.end()) {
      const std::string_view near = nearest(name, names);
      std::string text = prefix + "unknown key " + quoted(name);
      if (!near.empty()) text += "; did you mean '" + std::string(near) + "'?";
      mistakes_->add(item.first.Mark(), std::move(text));
    } else if (!key->refused.empty()) {
      const bool inline_secret = name == "password";
      mistakes_->add(item.first.Mark(), prefix + "'" + name + "' is " +
                                            (inline_secret ? "refused" : "not supported by this version") + "; " +
                                            std::string(key->refused));
    } else if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      mistakes_->add(item.first.Mark(), prefix + "the key '" + name + "' stands here twice");
    }
    seen.push_back(name);
  }
}

std::optional<std::string> Section::text(std::string_view key) const {
  const YAML::Node node = find(key);
  if (!node.IsDefined()) return std::nullopt;
  if (!node.IsScalar()) {
    error(key, "must be a plain value, not " + std::string(kind_of(node)));
    return std::nullopt;
  }
  const std::string& value = node.Scalar();
  if (value.empty()) {
    error(key, "must not be empty");
    return std::nullopt;
  }
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(value.begin(), value.end(), control)) {
    error(key, "must not hold control characters");
    return std::nullopt;
  }
  return value;
}

std::string Section::required_text(std::string_view key) const {
  if (!has(key)) error("the key '" + std::string(key) + "' is missing");
  return text(key).value_or("");
}

std::optional<bool> Section::boolean(std::string_view key) const {
  return choice<bool>(key, {{"true", true}, {"false", false}});
}

std::optional<std::uint64_t> Section::number(std::string_view key, std::uint64_t least, std::uint64_t most) const {
  const auto word = text(key);
  if (!word) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(word->data(), word->data() + word->size(), value);
  if (failed != std::errc() || end != word->data() + word->size() || value < least || value > most) {
    error(key, quoted(*word) + " is no number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
  }
  return value;
}

std::optional<std::chrono::seconds> Section::duration(std::string_view key) const {
  const auto word = text(key);
  if (!word) return std::nullopt;
  const auto value = parse_duration(*word);
  if (!value) {
    error(key, value.error().what());
    return std::nullopt;
  }
  return *value;
}

std::vector<std::string> Section::texts(std::string_view key) const {
  const YAML::Node node = find(key);
  std::vector<std::string> values;
  if (!node.IsDefined()) return values;
  if (!node.IsSequence()) {
    error(key, "must be a list such as [a, b], not " + std::string(kind_of(node)));
    return values;
  }
  for (const auto& item : node) {
    if (item.IsScalar() && !item.Scalar().empty() && item.Scalar().find('\0') == std::string::npos) {
      values.push_back(item.Scalar());
    } else {
      mistakes_->add(item.Mark(), path_of(key) + ": each item must be a plain value that is not empty");
    }
  }
  return values;
}

void Section::error(std::string_view key, const std::string& what) const {
  mistakes_->add(mark_of(key), path_of(key) + ": " + what);
}

void Section::warning(std::string_view key, const std::string& what) const {
  mistakes_->add(mark_of(key), path_of(key) + ": " + what, Mistake::Severity::warning);
}

void Section::error(const std::string& what) const {
  mistakes_->add(where_, path_.empty() ? what : path_ + ": " + what);
}

void Section::not_one_of(std::string_view key, const std::string& word,
                         const std::vector<std::string_view>& names) const {
  std::string list;
  for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  const std::string_view near = nearest(word, names);
  error(key,
        quoted(word) + " is none of " + list + (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
}

}  // namespace postern::config
