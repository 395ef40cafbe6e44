// A table of law cases of any bytes: judged or named as faulty, never read past its end.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "config/law_check.hpp"
#include "config/rule_loader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto rules = dunlin::load_rule_set();
  if (!rules.ok()) __builtin_trap();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto report = dunlin::run_law_check(bytes, *rules);
  if (report.ok() && report->to_csv().empty()) __builtin_trap();
  return 0;
}
