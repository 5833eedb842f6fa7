// The vault's dictionaries: read at its opening, trained while it is written.

#include "storage/keys.h"
#include "storage/vault_impl.h"

namespace postern::storage {
namespace {

std::vector<DictionaryUse> missing(const Compression& compression) {
  std::vector<DictionaryUse> missing;
  for (const auto use : {DictionaryUse::header, DictionaryUse::text}) {
    if (compression.latest(use) == nullptr) missing.push_back(use);
  }
  return missing;
}

}  // namespace

Result<void> Vault::Impl::load_compression() {
  auto loaded = std::make_shared<Compression>();
  loaded->level = options.compression.level;
  auto scanned =
      database->scan_prefix(Family::meta, kDictionaryMetaPrefix, [&](ByteView key, ByteView value) -> Result<bool> {
        const auto number = parse_dictionary_meta_key(key);
        if (!number) return fail(ErrorKind::store, "the vault holds a dictionary under a damaged key");
        auto record = decode_dictionary(value);
        if (!record) return fail(std::move(record).error());
        loaded->dictionaries.emplace(*number, std::make_shared<Dictionary>(*number, *record, loaded->small_level()));
        return true;
      });
  if (!scanned) return scanned;
  {
    const std::lock_guard lock(compression_mutex_);
    compression_ = loaded;
  }
  if (committer && options.compression.dictionary) {
    trainer = std::make_unique<DictionaryTrainer>(missing(*loaded),
                                                  [this](const DictionaryRecord& record) { add_dictionary(record); });
  }
  return {};
}

void Vault::Impl::add_dictionary(const DictionaryRecord& record) {
  const auto before = compression();
  const std::uint32_t number = before->dictionaries.empty() ? 1 : before->dictionaries.rbegin()->first + 1;
  auto written = write(
      [&](rocksdb::WriteBatch& batch) -> Result<Prepared> {
        batch.Put(handle(Family::meta), slice(dictionary_meta_key(number)), slice(encode_dictionary(record)));
        return Prepared::added;
      },
      false);
  // Without it everything works as before; the next opening trains one again.
  if (!written) return;
  auto after = std::make_shared<Compression>(*before);
  after->dictionaries.emplace(number, std::make_shared<Dictionary>(number, record, after->small_level()));
  const std::lock_guard lock(compression_mutex_);
  compression_ = std::move(after);
}

std::size_t Vault::dictionaries() const { return impl_->compression()->dictionaries.size(); }

}  // namespace postern::storage
