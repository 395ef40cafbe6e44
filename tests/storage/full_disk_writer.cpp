// A disk that is really full: a small tmpfs in namespaces of its own, filled to the brim and emptied again. Exit 0: the
// journal refused, lost nothing and recovered; 77: the system gives no namespaces; else the number of the broken claim.
// Argument: an empty folder to mount on. Run by full_disk_test.
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "storage/store.hpp"

namespace {

using namespace dunlin;

constexpr int no_namespaces = 77;

class Writer {
 public:
  explicit Writer(EmbeddedJournal& journal) : journal_(journal) {}

  Status write(std::size_t bytes) {
    CommitRequest request;
    request.case_id = CaseId(256);
    request.expected_version = version_;
    EventDraft event;
    event.body.assign(bytes, 'x');
    request.events.push_back(std::move(event));
    const auto receipt = journal_.commit_and_wait(std::move(request));
    if (!receipt) return receipt.error();
    version_ = receipt->version;
    return Done{};
  }
  std::uint64_t version() const { return version_; }

 private:
  EmbeddedJournal& journal_;
  std::uint64_t version_ = 0;
};

bool fill_up(const std::filesystem::path& file) {
  std::ofstream out(file, std::ios::binary);
  const std::string block(16'384, 'f');
  while (*free_space_of(file.parent_path()) > 4 * block.size() && out) out << block << std::flush;
  return out.good();
}

bool recovers(Writer& writer) {
  for (int tries = 0; tries < 60; ++tries) {
    if (writer.write(10).ok()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  return false;
}

/// The present user owns the namespace's files; without a mapping nothing can be created there.
bool enter_own_namespaces() {
  const auto user = std::to_string(::getuid());
  const auto group = std::to_string(::getgid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " + user + " 1";
  std::ofstream groups("/proc/self/gid_map");
  groups << "0 " + group + " 1" << std::flush;
  return groups.good();
}

int run(const std::filesystem::path& disk) {
  StorageSettings settings;
  settings.path = disk / "data";
  settings.min_free_bytes = 0;
  settings.min_start_bytes = 0;
  settings.write_buffer_bytes = 1u << 20;
  std::uint64_t acknowledged = 0;
  {
    auto store = Store::open(settings);
    if (!store) return 1;
    Writer writer((*store)->journal());
    if (!writer.write(100).ok() || !fill_up(disk / "fill")) return 2;
    Status last = Done{};
    while (last.ok()) last = writer.write(20'000);
    if (last.error().code != Errc::unavailable) return 3;
    if (!(*store)->journal().stats().is_refusing) return 4;
    if (!(*store)->history().verify_chain(0).ok()) return 5;
    std::filesystem::remove(disk / "fill");
    if (!recovers(writer)) return 6;
    if (!(*store)->history().verify_chain(0).ok()) return 7;
    acknowledged = writer.version();
  }
  const auto again = Store::open(settings);
  if (!again || !(*again)->history().verify_chain(0).ok()) return 8;
  return *(*again)->history().case_version(CaseId(256)) == acknowledged ? 0 : 9;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 10;
  if (!enter_own_namespaces()) return no_namespaces;
  if (::mount("none", argv[1], "tmpfs", 0, "size=40m") != 0) return no_namespaces;
  return run(argv[1]);
}
