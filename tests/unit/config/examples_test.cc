// The files of config-examples are part of the documentation: they are valid, and the reference knows every key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <set>
#include <string>

#include "core/config/load.h"
#include "core/config/schema.h"

namespace postern::config {
namespace {

const std::filesystem::path kExamples = POSTERN_SOURCE_DIR "/config-examples";

void collect(const YAML::Node& node, const std::string& prefix, std::set<std::string>& paths) {
  if (node.IsMap()) {
    for (const auto& item : node) {
      const std::string path = (prefix.empty() ? "" : prefix + ".") + item.first.Scalar();
      paths.insert(path);
      collect(item.second, path, paths);
    }
  } else if (node.IsSequence()) {
    paths.insert(prefix + "[]");
    for (const auto& item : node) collect(item, prefix + "[]", paths);
  }
}

/// The same key under `defaults` and under an account is one key to the reader.
std::string without_place(const std::string& path) {
  for (const std::string place : {"accounts[].", "defaults."}) {
    if (path.starts_with(place)) return path.substr(place.size());
  }
  return path;
}

TEST(ExamplesTest, EveryExampleIsValidWithoutAWarning) {
  int examples = 0;
  for (const auto& file : std::filesystem::directory_iterator(kExamples)) {
    if (file.path().extension() != ".yaml") continue;
    ++examples;
    const Loaded loaded = load_file(file.path().string());
    for (const Mistake& mistake : loaded.mistakes) ADD_FAILURE() << mistake.to_string();
    EXPECT_TRUE(loaded.config.has_value()) << file.path();
  }
  EXPECT_GE(examples, 5);
}

TEST(ExamplesTest, TheReferenceHasEveryKey) {
  std::set<std::string> paths;
  collect(YAML::LoadFile((kExamples / "reference.yaml").string()), "", paths);
  std::set<std::string> shown;
  for (const std::string& path : paths) shown.insert(without_place(path));
  for (const std::string& key : supported_paths()) {
    EXPECT_TRUE(shown.contains(without_place(key))) << key << " is not in config-examples/reference.yaml";
  }
}

}  // namespace
}  // namespace postern::config
