#include "core/case/case_draft.hpp"

#include <array>

namespace dunlin {
namespace {

template <class Enum>
struct Named {
  Enum value;
  std::string_view name;
};

constexpr std::array<Named<PhoneType>, 4> phone_types{{
    {PhoneType::mobile, "mobile"},
    {PhoneType::home, "home"},
    {PhoneType::work, "work"},
    {PhoneType::other, "other"},
}};
constexpr std::array<Named<PartyRole>, 5> party_roles{{
    {PartyRole::debtor, "debtor"},
    {PartyRole::guarantor, "guarantor"},
    {PartyRole::relative, "relative"},
    {PartyRole::work, "work"},
    {PartyRole::other, "other"},
}};
constexpr std::array<Named<PersonKeyKind>, 5> key_kinds{{
    {PersonKeyKind::inn, "inn"},
    {PersonKeyKind::passport, "passport"},
    {PersonKeyKind::snils, "snils"},
    {PersonKeyKind::name_birth, "name_birth"},
    {PersonKeyKind::source_client, "source_client"},
}};

template <class Table, class Enum>
std::string_view name_in(const Table& table, Enum value) {
  for (const auto& entry : table) {
    if (entry.value == value) return entry.name;
  }
  return "unknown";
}

}  // namespace

std::string_view to_string(PhoneType type) { return name_in(phone_types, type); }
std::string_view to_string(PartyRole role) { return name_in(party_roles, role); }
std::string_view to_string(PersonKeyKind kind) { return name_in(key_kinds, kind); }

Result<PhoneType> parse_phone_type(std::string_view name) {
  for (const auto& entry : phone_types) {
    if (entry.name == name) return entry.value;
  }
  return invalid_input("unknown phone type \"" + std::string(name.substr(0, 40)) + "\"");
}

Result<PartyRole> parse_party_role(std::string_view name) {
  for (const auto& entry : party_roles) {
    if (entry.name == name) return entry.value;
  }
  return invalid_input("unknown phone owner \"" + std::string(name.substr(0, 40)) + "\"");
}

}  // namespace dunlin
