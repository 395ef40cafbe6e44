// kill -9 in mid-flight, again and again on one store: nothing acknowledged is lost, nothing is half there.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

constexpr int kills = 10;

struct Acknowledged {
  std::map<CaseId, std::uint64_t> versions;            ///< The greatest per case.
  std::map<ShardIndex, std::uint64_t> last_sequences;  ///< The greatest per shard.
  std::uint64_t commits = 0;
};

/// Runs the writer, kills it after the pause, and notes what it had acknowledged.
void run_and_kill(const std::filesystem::path& folder, int round, std::chrono::milliseconds pause, Acknowledged& acks) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  const auto seed = std::to_string(round);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe_ends[1], STDOUT_FILENO);
    ::execl(CRASH_WRITER, CRASH_WRITER, folder.c_str(), seed.c_str(), nullptr);
    std::_Exit(127);
  }
  ::close(pipe_ends[1]);
  std::thread killer([child, pause] {
    std::this_thread::sleep_for(pause);
    ::kill(child, SIGKILL);
  });
  std::string output;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(pipe_ends[0], buffer, sizeof(buffer))) > 0;) {
    output.append(buffer, static_cast<std::size_t>(got));
  }
  killer.join();
  ::close(pipe_ends[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with " << WEXITSTATUS(status);
  std::istringstream lines(output);
  std::string word;
  std::uint64_t case_number = 0;
  std::uint64_t version = 0;
  ShardIndex shard = 0;
  std::uint64_t sequence = 0;
  while (lines >> word >> case_number >> version >> shard >> sequence) {
    auto& known = acks.versions[CaseId(case_number)];
    known = std::max(known, version);
    auto& last = acks.last_sequences[shard];
    last = std::max(last, sequence);
    ++acks.commits;
  }
}

void check_case(const HistoryLog& history, CaseId case_id) {
  const auto events = history.case_events(case_id);
  ASSERT_TRUE(events.ok()) << events.error().detail;
  for (std::size_t i = 0; i < events->size(); ++i) {
    EXPECT_EQ((*events)[i].version, i + 1);
    EXPECT_EQ((*events)[i].body, case_id.str() + "/" + std::to_string(i + 1));
  }
  const auto view = history.case_view(case_id);
  ASSERT_TRUE(view.ok()) << view.error().detail;
  EXPECT_EQ(view->version, events->size()) << "a batch was applied in part";
  EXPECT_EQ(view->bytes, case_id.str() + "@" + std::to_string(events->size()));
  const auto due = history.due_rows(case_id);
  ASSERT_TRUE(due.ok());
  ASSERT_EQ(due->size(), 1u);
  EXPECT_EQ((*due)[0].due_at.ms, static_cast<std::int64_t>(events->size()));
}

void check_store(const std::filesystem::path& folder, const Acknowledged& acks) {
  const auto store = open_store(settings_for(folder));
  ASSERT_NE(store, nullptr);
  const auto& history = store->history();
  for (const auto& [case_id, version] : acks.versions) {
    EXPECT_GE(*history.case_version(case_id), version) << case_id.str() << " lost an acknowledged event";
  }
  std::uint64_t events_read = 0;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const auto verified = history.verify_chain(shard);
    EXPECT_TRUE(verified.ok()) << (verified.ok() ? "" : verified.error().detail);
    const auto tail = history.tail(shard, 0, 1'000'000);
    ASSERT_TRUE(tail.ok()) << tail.error().detail;
    events_read += tail->events.size();
    const auto known = acks.last_sequences.find(shard);
    if (known != acks.last_sequences.end()) {
      EXPECT_GE(tail->next_after, known->second);
    }
    ASSERT_TRUE(history.each_case(shard, [&history](CaseId case_id) {
      check_case(history, case_id);
      return true;
    }).ok());
  }
  EXPECT_EQ(history.counts()->events, events_read);
}

TEST(CrashedWriter, KeepsEverythingAcknowledgedAndNothingInHalves) {
  const TemporaryFolder folder;
  std::mt19937 random(20261121);
  Acknowledged acks;
  for (int round = 0; round < kills; ++round) {
    run_and_kill(folder.path(), round, std::chrono::milliseconds(150 + random() % 500), acks);
    if (HasFatalFailure()) return;
    check_store(folder.path(), acks);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(acks.commits, 100u) << "the writer did too little for the test to mean anything";
}

}  // namespace
}  // namespace dunlin::storage_test
