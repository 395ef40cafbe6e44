// dunlin-pacing: the pacing command on standard input and output (docs/pacing-protocol.md).
#include <iostream>

#include "api/pacing_command.hpp"

int main(int argc, char** argv) {
  if (argc > 2) {
    std::cerr << "usage: dunlin-pacing [predictive|progressive]\n";
    return 2;
  }
  const auto kind = dunlin::parse_pacing_policy(argc == 2 ? argv[1] : "predictive");
  if (!kind) {
    std::cerr << kind.error().detail << "\n";
    return 2;
  }
  std::ios::sync_with_stdio(false);
  return dunlin::run_pacing_command(std::cin, std::cout, std::cerr, *kind);
}
