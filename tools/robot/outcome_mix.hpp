#pragma once
// What robot agents say about their talks: a weighted mix of dispositions. Pure apart from reading the file.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/peer/dice.hpp"
#include "tools/peer/result.hpp"

namespace dunlin::robot {

class OutcomeMix {
 public:
  /// A mix like that of a soft-collection floor.
  OutcomeMix();
  /// TOML text with a [mix] table of outcome = weight.
  static peer::Result<OutcomeMix> parse(std::string_view toml_text);
  static peer::Result<OutcomeMix> load(const std::string& path);

  const std::string& pick(peer::Dice& dice) const;

 private:
  std::vector<std::pair<std::string, double>> weights_;
};

}  // namespace dunlin::robot
