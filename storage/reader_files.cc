#include "storage/reader_files.h"

namespace postern::storage {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

IOStatus refused(const std::string& name) { return IOStatus::NotSupported("open for reading only", name); }

}  // namespace

ReaderFiles::ReaderFiles(rocksdb::Env* base, std::filesystem::path vault)
    : FileSystemWrapper(base != nullptr ? base->GetFileSystem() : rocksdb::FileSystem::Default()),
      vault_(std::move(vault)),
      manifest_(manifest()) {}

std::string ReaderFiles::manifest() const {
  std::string name;
  if (!rocksdb::ReadFileToString(target(), (vault_ / "CURRENT").string(), &name).ok()) return "";
  if (!name.empty() && name.back() == '\n') name.pop_back();
  std::uint64_t size = 0;
  if (!target()->GetFileSize((vault_ / name).string(), IOOptions(), &size, nullptr).ok()) return "";
  return name + " " + std::to_string(size);
}

IOStatus ReaderFiles::GetChildren(const std::string& folder, const IOOptions& options,
                                  std::vector<std::string>* children, IODebugContext* debug) {
  const IOStatus listed = FileSystemWrapper::GetChildren(folder, options, children, debug);
  if (listed.ok() && moved()) return IOStatus::Aborted("the writer has gone on", folder);
  return listed;
}

IOStatus ReaderFiles::NewWritableFile(const std::string& name, const FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return refused(name);
}
IOStatus ReaderFiles::ReopenWritableFile(const std::string& name, const FileOptions&,
                                         std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return refused(name);
}
IOStatus ReaderFiles::ReuseWritableFile(const std::string& name, const std::string&, const FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return refused(name);
}
IOStatus ReaderFiles::NewRandomRWFile(const std::string& name, const FileOptions&,
                                      std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) {
  return refused(name);
}
IOStatus ReaderFiles::DeleteFile(const std::string& name, const IOOptions&, IODebugContext*) { return refused(name); }
IOStatus ReaderFiles::Truncate(const std::string& name, std::size_t, const IOOptions&, IODebugContext*) {
  return refused(name);
}
IOStatus ReaderFiles::CreateDir(const std::string& name, const IOOptions&, IODebugContext*) { return refused(name); }
IOStatus ReaderFiles::CreateDirIfMissing(const std::string& name, const IOOptions&, IODebugContext*) {
  return refused(name);
}
IOStatus ReaderFiles::DeleteDir(const std::string& name, const IOOptions&, IODebugContext*) { return refused(name); }
IOStatus ReaderFiles::RenameFile(const std::string& name, const std::string&, const IOOptions&, IODebugContext*) {
  return refused(name);
}
IOStatus ReaderFiles::LinkFile(const std::string& name, const std::string&, const IOOptions&, IODebugContext*) {
  return refused(name);
}
IOStatus ReaderFiles::LockFile(const std::string& name, const IOOptions&, rocksdb::FileLock**, IODebugContext*) {
  return refused(name);
}

}  // namespace postern::storage
