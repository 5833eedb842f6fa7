#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "storage/vault_impl.h"

namespace postern::storage {

/// What the parts of a check share: one view of the database, and the report.
class CheckContext {
 public:
  CheckContext(const Database& database, std::shared_ptr<const Compression> compression, const CheckOptions& options,
               std::map<AccountId, std::string> accounts)
      : database(database),
        compression(std::move(compression)),
        options(options),
        view(database),
        accounts_(std::move(accounts)) {}

  const Database& database;
  const std::shared_ptr<const Compression> compression;
  const CheckOptions& options;
  const View view;
  CheckReport report;

  void problem(std::string kind, std::string digest, std::string detail);
  /// The same for an object's content; the places of the message are added to it by touched().
  void content_problem(std::string kind, const Digest& object, std::string detail);
  /// Whether a message has damaged content; then touched() says that it stands at a place.
  bool is_damaged(const Digest& object) const { return damaged_.contains(object); }
  void touched(const Digest& object, const std::string& place);
  /// False when the caller wants the check to end.
  bool progress(std::uint64_t objects, std::uint64_t octets) const {
    return !options.progress || options.progress(objects, octets);
  }

  /// Scans a whole family. A row that `visit` refuses is a problem, and the scan goes on; so is a family that RocksDB
  /// cannot read to its end.
  using Visitor = std::function<Result<void>(ByteView key, ByteView value)>;
  void scan(Family family, const Visitor& visit);
  Result<std::optional<Bytes>> get(Family family, ByteView key) const { return database.get(family, key, view.get()); }

  struct Object {
    bool there = false;
    std::optional<std::uint64_t> size = std::nullopt;  // unless its recipe is damaged, which has been reported
  };
  /// What entries and history name is looked up twice a message: those noted while the objects were walked are
  /// remembered, as many as there is room for.
  void note(const Digest& object, std::uint64_t size) {
    if (sizes_.size() < kMostNoted) sizes_.emplace(object, size);
  }
  Result<Object> find_object(const Digest& digest) const;
  /// "alice", or "account 3".
  std::string name(AccountId account) const;

 private:
  static constexpr std::size_t kMostNoted = 200'000;  // 13 MiB
  const std::map<AccountId, std::string> accounts_;
  std::unordered_map<Digest, std::uint64_t> sizes_;
  std::unordered_multimap<Digest, std::size_t> damaged_;  // object to its problems
};

/// Objects and chunks: everything there, and with read_data everything right.
Result<void> check_content(CheckContext& context);
/// Everything that refers: entries, history, snapshots, cursors, bindings, totals.
void check_rows(CheckContext& context);

}  // namespace postern::storage
