#pragma once
// The protocol book, trunk tests: what the shell asks, what comes back, and where the permit of a test call comes from.
#include <functional>
#include <optional>
#include <string>

#include "actors/contracts/caf.hpp"
#include "core/call/trunk_test.hpp"

namespace dunlin {

/// Makes a test call's record durable. Thread safe; implemented by storage/.
class TestReservations {
 public:
  virtual ~TestReservations() = default;
  /// Stores the test; when it is on disk its permit waits on the desk and `done` is called, on the journal's thread.
  virtual void reserve(const TrunkTest& test, MonoTime slot_expires_at, std::function<void(Status)> done) = 0;
};

namespace msg {

/// One call over this trunk to one of its test numbers; answered by TrunkTestDone when it is over.
struct TestTrunk { std::string trunk; std::string number; };
struct TrunkTestDone { TrunkTest test; LegId leg; std::optional<Error> error; };

}  // namespace msg
}  // namespace dunlin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::TestTrunk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::TrunkTestDone)
