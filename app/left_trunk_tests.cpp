#include "app/left_trunk_tests.hpp"

#include "core/call/trunk_test.hpp"
#include "core/case/outcome.hpp"

namespace dunlin {

Result<std::size_t> settle_left_trunk_tests(Store& store) {
  const auto stored = store.documents().list(TrunkTest::document_kind);
  if (!stored) return stored.error();
  std::size_t settled = 0;
  for (const Document& document : *stored) {
    auto test = decode_trunk_test(document.bytes);
    if (!test || !test->result.empty()) continue;
    test->result = to_string(Outcome::unknown_after_failure);
    test->cause = "the node ended during the test";
    const auto written = store.documents().put_and_wait({document.kind, document.id, encode(*test), document.revision});
    if (!written) return written.error();
    ++settled;
  }
  return settled;
}

}  // namespace dunlin
