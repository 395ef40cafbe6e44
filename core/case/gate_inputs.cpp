#include "core/case/gate_inputs.hpp"

#include <charconv>

namespace dunlin {
namespace {

constexpr std::size_t most_bytes = 4096;

template <class Take>
bool for_words(std::string_view text, char separator, Take take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (!take(text.substr(0, end))) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

std::optional<int> read_number(std::string_view text) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_read = !text.empty() && fault == std::errc() && end == text.data() + text.size() && value >= 0;
  return is_read ? std::optional<int>(value) : std::nullopt;
}

bool take_word(std::string_view name, std::string_view value, GateInputs& inputs) {
  if (name == "channel") {
    const auto channel = parse_channel(value);
    inputs.channel = channel.value_or(Channel::call);
    return channel.has_value();
  }
  if (name == "organisation") {
    const auto organisation = parse_organisation(value);
    inputs.organisation = organisation.value_or(Organisation::unknown);
    return organisation.has_value();
  }
  if (name == "packs") {
    return for_words(value, ',', [&](std::string_view pack) { return inputs.jurisdictions.emplace_back(pack), true; });
  }
  if (name == "number") {
    return for_words(value, ',', [&](std::string_view region) { return inputs.number_regions.emplace_back(region), true; });
  }
  if (name == "facts") {
    return for_words(value, ',', [&](std::string_view word) {
      const auto fact = parse_fact(word);
      if (fact) inputs.facts.add(*fact);
      return fact.has_value();
    });
  }
  if (name == "ring_s") return (inputs.ring_timeout_s = read_number(value)).has_value();
  const auto rate = parse_fact_rate(name);
  return rate && (inputs.rates[static_cast<std::size_t>(*rate)] = read_number(value)).has_value();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

std::string names_of(const FactSet& facts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < fact_count; ++i) {
    if (facts.has(static_cast<Fact>(i))) names.emplace_back(to_string(static_cast<Fact>(i)));
  }
  return joined(names);
}

}  // namespace

GateInputs inputs_of(const ContactQuery& query) {
  GateInputs inputs;
  inputs.channel = query.channel;
  inputs.organisation = query.organisation;
  inputs.jurisdictions = query.person.jurisdictions;
  inputs.facts = query.facts;
  inputs.ring_timeout_s = query.ring_timeout_s;
  inputs.rates = query.rates;
  return inputs;
}

std::string write_gate_inputs(const GateInputs& inputs) {
  std::string text = "channel=" + std::string(to_string(inputs.channel)) + " organisation=";
  text += to_string(inputs.organisation);
  if (!inputs.jurisdictions.empty()) text += " packs=" + joined(inputs.jurisdictions);
  if (!inputs.number_regions.empty()) text += " number=" + joined(inputs.number_regions);
  if (!inputs.facts.is_empty()) text += " facts=" + names_of(inputs.facts);
  if (inputs.ring_timeout_s) text += " ring_s=" + std::to_string(*inputs.ring_timeout_s);
  for (std::size_t i = 0; i < fact_rate_count; ++i) {
    if (!inputs.rates[i]) continue;
    text += " " + std::string(to_string(static_cast<FactRate>(i))) + "=" + std::to_string(*inputs.rates[i]);
  }
  return text;
}

Result<GateInputs> read_gate_inputs(std::string_view text) {
  GateInputs inputs;
  const bool is_read = text.size() <= most_bytes && for_words(text, ' ', [&](std::string_view word) {
    const std::size_t equals = word.find('=');
    return equals != std::string_view::npos && take_word(word.substr(0, equals), word.substr(equals + 1), inputs);
  });
  if (!is_read || write_gate_inputs(inputs) != text) return Error{Errc::corrupt, "the inputs of a decision are unreadable"};
  return inputs;
}

}  // namespace dunlin
