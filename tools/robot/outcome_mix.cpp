#include "tools/robot/outcome_mix.hpp"

#include <fstream>
#include <sstream>

#include <toml++/toml.h>

namespace dunlin::robot {

OutcomeMix::OutcomeMix()
    : weights_{{"rpc_promise", 35}, {"rpc_refusal", 20},         {"rpc_callback", 15},
               {"wrong_number", 5}, {"third_party_refused", 10}, {"hung_up_at_identification", 15}} {}

peer::Result<OutcomeMix> OutcomeMix::parse(std::string_view toml_text) {
  toml::table root;
  try {
    root = toml::parse(toml_text);
  } catch (const toml::parse_error& error) {
    return peer::Failure{"line " + std::to_string(error.source().begin.line) + ": " +
                         std::string(error.description())};
  }
  const auto* mix = root["mix"].as_table();
  if (mix == nullptr) return peer::Failure{"no [mix] table"};
  OutcomeMix made;
  made.weights_.clear();
  double total = 0;
  for (const auto& [key, node] : *mix) {
    const auto weight = node.value<double>();
    if (!weight || *weight < 0) return peer::Failure{"weights must be numbers from 0 up"};
    made.weights_.emplace_back(std::string(key.str()), *weight);
    total += *weight;
  }
  if (total <= 0) return peer::Failure{"[mix] needs a weight above 0"};
  return made;
}

peer::Result<OutcomeMix> OutcomeMix::load(const std::string& path) {
  const std::ifstream file(path);
  if (!file) return peer::Failure{"cannot read outcomes " + path};
  std::ostringstream text;
  text << file.rdbuf();
  auto mix = parse(text.str());
  if (!mix) return peer::Failure{path + ": " + mix.failure().text};
  return mix;
}

const std::string& OutcomeMix::pick(peer::Dice& dice) const {
  double total = 0;
  for (const auto& item : weights_) total += item.second;
  double place = dice.uniform() * total;
  for (const auto& [name, weight] : weights_) {
    place -= weight;
    if (place < 0) return name;
  }
  return weights_.back().first;
}

}  // namespace dunlin::robot
