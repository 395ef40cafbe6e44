#include "config/zone_data.hpp"

#include <chrono>
#include <exception>
#include <fstream>

#include <date/tz.h>

namespace dunlin {
namespace {

constexpr const char* oldest_tzdata = "2024a";
/// The file of the system's tzdata whose first line says "# version 2026a".
constexpr const char* version_file = "/usr/share/zoneinfo/tzdata.zi";
constexpr const char* version_prefix = "# version ";

UtcTime to_utc(date::sys_seconds time) { return {time.time_since_epoch().count() * 1000}; }

date::sys_seconds start_of_year(int year) {
  return date::sys_days(date::year(year) / date::January / 1);
}

ZoneTable read_zone(const date::time_zone& zone, date::sys_seconds from, date::sys_seconds to) {
  ZoneTable table;
  table.name = zone.name();
  date::sys_info info = zone.get_info(from);
  table.first_offset_s = static_cast<int>(info.offset.count());
  int offset_s = table.first_offset_s;
  while (info.end < to) {
    const date::sys_seconds at = info.end;
    info = zone.get_info(at);
    const int next_s = static_cast<int>(info.offset.count());
    if (next_s != offset_s) table.transitions.push_back({to_utc(at), next_s});
    offset_s = next_s;
    if (info.end <= at) break;  // A damaged zone must not hold the start-up.
  }
  return table;
}

/// date-tz cannot tell the version of the system's compiled zones; the text file beside them can.
std::string version_of(const date::tzdb& database) {
  if (is_recent_tzdata(database.version)) return database.version;
  std::ifstream stream(version_file);
  std::string line;
  std::getline(stream, line);
  if (line.rfind(version_prefix, 0) == 0) return line.substr(std::string(version_prefix).size());
  return database.version;
}

/// What 2024a brought: Almaty left +06:00 on 1 March 2024. The zones themselves must know it, whatever a file says.
bool knows_2024a(const ZoneBook& book) {
  const ZoneTable* almaty = book.find("Asia/Almaty");
  return almaty != nullptr && almaty->offset_at(to_utc(start_of_year(2025))) == 5 * 3600;
}

}  // namespace

bool is_recent_tzdata(const std::string& version) {
  const bool is_version = version.size() >= 5 && version.compare(0, 2, "20") == 0;
  return is_version && version.compare(oldest_tzdata) >= 0;
}

Result<std::shared_ptr<const ZoneBook>> load_zone_book() {
  const date::sys_seconds from = start_of_year(2000);
  const date::sys_seconds to = start_of_year(2038);
  try {
    const date::tzdb& database = date::get_tzdb();
    auto book = std::make_shared<ZoneBook>();
    book->tzdata_version = version_of(database);
    book->known_until = to_utc(to);
    for (const date::time_zone& zone : database.zones) {
      book->zones.emplace(zone.name(), read_zone(zone, from, to));
    }
    if (!is_recent_tzdata(book->tzdata_version) || !knows_2024a(*book)) {
      return Error{Errc::unavailable, "tzdata " + book->tzdata_version + " is older than " + oldest_tzdata +
                                          "; install the package tzdata"};
    }
    return std::shared_ptr<const ZoneBook>(std::move(book));
  } catch (const std::exception& fault) {
    return Error{Errc::unavailable, std::string("tzdata cannot be read: ") + fault.what()};
  }
}

}  // namespace dunlin
