#include "tests/support/test_disk.hpp"

#include <stdlib.h>

#include <fstream>

#include "core/base/check.hpp"

namespace dunlin::test {
namespace {

std::filesystem::path new_folder() {
  std::error_code failure;
  const std::filesystem::path in_memory = "/dev/shm";
  const bool has_memory = std::filesystem::is_directory(in_memory, failure);
  std::string pattern = ((has_memory ? in_memory : std::filesystem::temp_directory_path()) / "dunlin-disk-XXXXXX").string();
  DUNLIN_CHECK(::mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

void write_key(const std::filesystem::path& file) {
  std::ofstream(file, std::ios::binary) << std::string(32, 'k');
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
}

}  // namespace

TestDisk::TestDisk() : folder_(new_folder()) {
  write_key(folder_ / "installation.key");
  open();
}

TestDisk::~TestDisk() {
  close();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void TestDisk::open() {
  StorageSettings settings;
  settings.path = folder_;
  settings.min_free_bytes = 1;
  settings.min_start_bytes = 0;
  settings.cache_bytes = 4U << 20U;
  settings.write_buffer_bytes = 1U << 20U;
  settings.journal.free_space = [this](const std::filesystem::path&) -> Result<std::uint64_t> { return is_full ? 0 : 1ULL << 40U; };
  auto store = Store::open(std::move(settings));
  DUNLIN_CHECK(store.ok());
  store_ = std::move(*store);
}

CaseId TestDisk::case_id_for(const PersonKey& key) const {
  return store_->vault().case_id_for(std::string(to_string(key.kind)) + "|" + key.value);
}

Status TestDisk::put_document(const std::string& kind, const std::string& id, std::optional<std::string> bytes) {
  const auto revision = store_->documents().put_and_wait({kind, id, std::move(bytes), std::nullopt});
  return revision ? Status(Done{}) : Status(revision.error());
}

std::vector<CaseId> TestDisk::cases() const {
  std::vector<CaseId> ids;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const Status read = store_->history().each_case(shard, [&ids](CaseId id) {
      ids.push_back(id);
      return true;
    });
    DUNLIN_CHECK(read.ok());
  }
  return ids;
}

std::vector<StoredEvent> TestDisk::events_of(CaseId id) const {
  auto events = store_->history().case_events(id);
  return events ? std::move(*events) : std::vector<StoredEvent>{};
}

std::optional<std::string> TestDisk::view_of(CaseId id) const {
  auto view = store_->history().case_view(id);
  return view ? std::optional(std::move(view->bytes)) : std::nullopt;
}

}  // namespace dunlin::test
