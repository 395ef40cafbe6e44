#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

TEST(FullDisk, RefusesLosesNothingAndRecoversWhenThereIsRoomAgain) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(FULL_DISK_WRITER, FULL_DISK_WRITER, folder.path().c_str(), nullptr);
    std::_Exit(127);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << "the writer died of signal " << WTERMSIG(status);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "this system gives no user namespaces: a full disk cannot be made";
  EXPECT_EQ(WEXITSTATUS(status), 0) << "claim number in full_disk_writer.cpp";
}

}  // namespace
}  // namespace dunlin::storage_test
