#include "storage/options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "storage/crc32c.h"

namespace postern::storage {
namespace {

/// RocksDB's own log has no reader here: what matters comes back as a Status or by the listener, and a vault should not
/// gather log files.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // 16 KiB: entries and history are scanned in order, and a larger block compresses better.
  table.block_size = 16u << 10;
  // Ten bits a key: one look-up in a hundred for an unknown digest reads a block in vain. Existence checks of new
  // messages are the hot path, and almost all of them are of unknown digests.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Filters and indexes live in the bounded cache: memory stays flat however large the vault grows.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = false;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  return table;
}

/// Digests come in no order. A place in the memtable's list remembered for each first octet spares most of the way to
/// the next one's.
std::shared_ptr<const rocksdb::SliceTransform> digest_hints() {
  return std::shared_ptr<const rocksdb::SliceTransform>(rocksdb::NewFixedPrefixTransform(1));
}

}  // namespace

rocksdb::DBOptions database_options(const VaultOptions& options) {
  link_crc32c();
  rocksdb::DBOptions db;
  db.env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  db.info_log = std::make_shared<NoLog>();
  db.info_log_level = rocksdb::FATAL_LEVEL;
  // A torn tail of the newest log is what a crash leaves and is not acknowledged; damage anywhere else must be refused,
  // not rolled back in silence.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // A log that was synced and is missing or shorter at the next start is noticed.
  db.track_and_verify_wals_in_manifest = true;
  // Whole-file checksums from the first day, so that a copied vault can be compared file by file.
  db.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  db.paranoid_checks = true;
  db.verify_sst_unique_id_in_manifest = true;
  // Bounded handles: a large vault has thousands of files. A reader beside a writer keeps every file open instead,
  // because the writer may delete what it still reads.
  db.max_open_files = options.mode == VaultOptions::Mode::read_only ? -1 : 256;
  // Tables are opened at start by this many threads for each of the sixteen families; the default of 16 makes nearly
  // two hundred threads for a handful of files and costs most of a short command's time.
  db.max_file_opening_threads = 1;
  // Two jobs: one flush and one compaction. More would take the cores from hashing.
  db.max_background_jobs = 2;
  // Logs that small families keep alive are given up in time: bounds the replay at start to about a fifth of a second.
  db.max_total_wal_size = 32u << 20;
  db.recycle_log_file_num = 0;  // recycled logs cannot be told from damage with the recovery mode above
  db.keep_log_file_num = 1;
  db.bytes_per_sync = 1u << 20;  // spreads write-back so that a log's sync does not wait behind a flush
  // All memtables together; see the budget in README.md.
  db.db_write_buffer_size = 2 * options.write_buffer_octets;
  db.db_host_id = "";  // which machine wrote a file is nobody's business
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  // Only the committer writes: the concurrency machinery costs and gives nothing.
  db.allow_concurrent_memtable_write = false;
  db.enable_write_thread_adaptive_yield = false;
  // Reads are checked one by one; an eager walk over every file would make starting slow.
  db.skip_stats_update_on_db_open = true;
  db.skip_checking_sst_file_sizes_on_db_open = false;
  return db;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const VaultOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions cf;
  rocksdb::BlockBasedTableOptions table = table_options(cache);
  cf.level_compaction_dynamic_level_bytes = true;  // space within 1.1 of the data
  cf.max_write_buffer_number = 2;
  // Families of small records: rarely more than a few KiB between flushes.
  cf.write_buffer_size = options.write_buffer_octets / 4;
  cf.arena_block_size = 32u << 10;  // sixteen families times the default of 1 MiB would be a fifth of the memory budget
  // In every level, also where few octets are: a vault that was filled once stays in the upper ones. What is left to
  // compress beside digests is little, and costs little.
  cf.compression = rocksdb::kZSTD;
  switch (family) {
    case Family::chunk:
      cf.write_buffer_size = options.write_buffer_octets;
      cf.arena_block_size = 256u << 10;
      // Larger values are compressed already, or do not shrink, and lie in blob files; most rows say where in a pack
      // their octets are.
      // Compaction then moves keys instead of mail, which is written once and rarely deleted. Below this a blob's own
      // header and second copy of the key cost more than the rewriting does.
      cf.enable_blob_files = true;
      cf.min_blob_size = 4u << 10;
      cf.blob_compression_type = rocksdb::kNoCompression;
      cf.memtable_whole_key_filtering = true;
      cf.memtable_prefix_bloom_size_ratio = 0.02;
      cf.memtable_insert_with_hint_prefix_extractor = digest_hints();
      break;
    case Family::pack:
      cf.write_buffer_size = options.write_buffer_octets;
      cf.arena_block_size = 256u << 10;
      // Compressed already. Their keys only grow: tables follow one another, so that compaction moves whole files, and
      // blob files would spare nothing.
      cf.compression = rocksdb::kNoCompression;
      cf.bottommost_compression = rocksdb::kNoCompression;
      table.filter_policy = nullptr;  // who looks for a pack knows that it is there
      break;
    case Family::object:
      // Nearly every look-up is of a digest that is not there: answered by a Bloom filter in memtables too.
      cf.memtable_whole_key_filtering = true;
      cf.memtable_prefix_bloom_size_ratio = 0.1;
      cf.memtable_insert_with_hint_prefix_extractor = digest_hints();
      break;
    case Family::entry:
    case Family::binding:
      cf.write_buffer_size = options.write_buffer_octets / 2;
      break;
    case Family::history:
      cf.write_buffer_size = options.write_buffer_octets / 2;
      table.filter_policy = nullptr;  // only scanned
      break;
    default:
      break;
  }
  cf.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return cf;
}

}  // namespace postern::storage
