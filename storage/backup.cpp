#include "storage/backup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "storage/bytes.hpp"
#include "storage/cipher.hpp"
#include "storage/crc32c.hpp"
#include "storage/database.hpp"
#include "storage/history_log.hpp"
#include "storage/store.hpp"

namespace dunlin {
namespace {

constexpr std::string_view first_line = "dunlin-backup 1";
constexpr std::string_view manifest_name = "manifest.txt";
constexpr std::string_view key_reminder =
    "note The installation key is not in this folder: keep the line of `dunlin key export` apart from it. "
    "Delete copies of keys/ after 30 days, or erased persons come back with them.";

Error at_file(const std::filesystem::path& file, const std::error_code& failure) {
  return {Errc::unavailable, file.string() + ": " + failure.message()};
}

Error damaged_manifest(const std::filesystem::path& file, std::string_view why) {
  return {Errc::corrupt, file.string() + " is not a whole backup manifest: " + std::string(why)};
}

Status require_empty(const std::filesystem::path& folder) {
  std::error_code failure;
  if (!std::filesystem::exists(folder, failure)) return Done{};
  const bool is_empty = std::filesystem::is_directory(folder, failure) && std::filesystem::is_empty(folder, failure);
  if (failure) return at_file(folder, failure);
  if (!is_empty) return Error{Errc::conflict, folder.string() + " is not empty: choose a new folder"};
  return Done{};
}

/// A restore goes into an empty folder, or one to which the recordings, which no backup holds, have been copied back already.
Status require_empty_but_for_recordings(const std::filesystem::path& folder) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder, failure)) return require_empty(folder);
  for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
    if (entry->path().filename() == "recordings") continue;
    return Error{Errc::conflict, folder.string() + " is not empty: choose a new folder, or one that holds nothing but recordings/"};
  }
  if (failure) return at_file(folder, failure);
  return Done{};
}

/// Everything written to the file system of the folder is on its disk afterwards.
Status sync_disk_of(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_synced = fd >= 0 && ::syncfs(fd) == 0;
  const std::error_code failure(errno, std::generic_category());
  if (fd >= 0) ::close(fd);
  if (!is_synced) return at_file(folder, failure);
  return Done{};
}

/// A checkpoint shares its table files with the living store, and then one damaged_manifest block is damaged_manifest in both: every
/// shared file becomes a copy of its own.
Status unshare_files(const std::filesystem::path& folder) {
  std::error_code failure;
  for (std::filesystem::directory_iterator file(folder, failure), end; !failure && file != end; file.increment(failure)) {
    if (!file->is_regular_file() || file->hard_link_count() < 2) continue;
    auto own = file->path();
    own += ".copy";
    std::filesystem::copy_file(file->path(), own, failure);
    if (!failure) std::filesystem::rename(own, file->path(), failure);
    if (failure) return at_file(file->path(), failure);
  }
  if (failure) return at_file(folder, failure);
  return Done{};
}

Status copy_database(const Database& database, const std::filesystem::path& target) {
  const auto copied = database.checkpoint(target);
  if (!copied) return copied;
  const auto unshared = unshare_files(target);
  if (!unshared) return unshared;
  // A copy of damaged_manifest data must not push out the last whole one.
  return database.verify();
}

/// Before anybody relies on it: the copy opens and every block of it reads.
Status verify_database(const std::filesystem::path& folder) {
  DatabaseOptions options;
  options.path = folder;
  options.may_create = false;
  const auto database = Database::open(options);
  if (!database) return database.error();
  return (*database)->verify();
}

std::string checksum_line(std::string_view text) {
  return "checksum " + to_hex(ByteWriter().u32(crc32c(text)).take()) + "\n";
}

std::string manifest_text(const BackupReport& report) {
  std::string text = std::string(first_line) + "\n";
  text += "format " + std::to_string(report.format_version) + "\n";
  text += "store " + report.store_id + "\n";
  text += "key " + report.key_fingerprint + "\n";
  text += "taken_at " + report.taken_at + "\n";
  text += "cases " + std::to_string(report.cases) + "\n";
  text += "events " + std::to_string(report.events) + "\n";
  for (const auto& recording : report.recordings) {
    text += "recording " + recording.sha256_hex + " " + std::to_string(recording.bytes) + " " + recording.name + "\n";
  }
  text += std::string(key_reminder) + "\n";
  return text + checksum_line(text);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_word(std::string_view& line) {
  const auto space = line.find(' ');
  const auto word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

std::optional<BackedUpRecording> parse_recording(std::string_view line) {
  BackedUpRecording recording;
  recording.sha256_hex = std::string(take_word(line));
  const auto bytes = parse_number(take_word(line));
  if (!bytes || line.empty()) return std::nullopt;
  recording.bytes = *bytes;
  recording.name = std::string(line);
  return recording;
}

/// False: the line is not understood.
bool read_line(std::string_view line, BackupReport& report) {
  const auto name = take_word(line);
  const auto number = parse_number(line);
  if (name == "store") report.store_id = std::string(line);
  if (name == "key") report.key_fingerprint = std::string(line);
  if (name == "taken_at") report.taken_at = std::string(line);
  if (name == "format" && number) report.format_version = static_cast<std::uint32_t>(*number);
  if (name == "cases" && number) report.cases = *number;
  if (name == "events" && number) report.events = *number;
  if (name == "recording") {
    auto recording = parse_recording(line);
    if (!recording) return false;
    report.recordings.push_back(std::move(*recording));
  }
  return true;
}

Status write_manifest(const std::filesystem::path& file, const BackupReport& report) {
  std::ofstream out(file, std::ios::binary);
  out << manifest_text(report);
  out.close();
  if (!out) return Error{Errc::unavailable, "cannot write " + file.string()};
  return Done{};
}

}  // namespace

Result<BackupReport> write_backup(const BackupSource& source, const BackupRequest& request) {
  const auto emptiness = require_empty(request.target);
  if (!emptiness) return emptiness.error();
  for (const auto& recording : request.recordings) {
    if (recording.name.find('\n') != std::string::npos) return invalid_input("a recording's name holds a line break");
  }
  std::error_code failure;
  std::filesystem::create_directories(request.target, failure);
  if (failure) return at_file(request.target, failure);
  BackupReport report;
  const auto counts = source.log.counts();
  if (!counts) return counts.error();
  report.cases = counts->cases;
  report.events = counts->events;
  report.format_version = storage_format_version;
  report.store_id = source.store_id;
  report.key_fingerprint = source.key_fingerprint;
  report.taken_at = format_utc(request.taken_at);
  report.recordings = request.recordings;
  // History first: a case's key is stored before its first event, so the later copy holds every key the former needs.
  const auto history = copy_database(source.history, request.target / "history");
  if (!history) return history.error();
  const auto keys = copy_database(source.keys, request.target / "keys");
  if (!keys) return keys.error();
  const auto written = write_manifest(request.target / manifest_name, report);
  if (!written) return written.error();
  const auto synced = sync_disk_of(request.target);
  if (!synced) return synced.error();
  return report;
}

Result<BackupReport> read_manifest(const std::filesystem::path& backup) {
  const auto file = backup / manifest_name;
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{Errc::not_found, "no backup manifest " + file.string()};
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto checksum_at = text.rfind("checksum ");
  if (checksum_at == std::string::npos) return damaged_manifest(file, "no checksum");
  std::string_view rest = std::string_view(text).substr(0, checksum_at);
  if (text.substr(checksum_at) != checksum_line(rest)) return damaged_manifest(file, "the checksum differs");
  BackupReport report;
  bool is_first = true;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const bool is_understood = is_first ? line == first_line : read_line(line, report);
    if (!is_understood) return damaged_manifest(file, "a line is not understood");
    is_first = false;
  }
  if (report.format_version == 0 || report.store_id.empty()) return damaged_manifest(file, "format or store is missing");
  if (report.format_version > storage_format_version) {
    return Error{Errc::denied, "the backup has data format " + std::to_string(report.format_version) +
                                   ", this program reads up to " + std::to_string(storage_format_version) +
                                   ": use the newer Dunlin"};
  }
  return report;
}

Result<BackupReport> restore_backup(const std::filesystem::path& backup, const std::filesystem::path& target) {
  auto report = read_manifest(backup);
  if (!report) return report;
  const auto emptiness = require_empty_but_for_recordings(target);
  if (!emptiness) return emptiness.error();
  std::error_code failure;
  std::filesystem::create_directories(target, failure);
  if (failure) return at_file(target, failure);
  for (const auto* part : {"history", "keys"}) {
    std::filesystem::copy(backup / part, target / part, std::filesystem::copy_options::recursive, failure);
    if (failure) return at_file(target / part, failure);
    const auto whole = verify_database(target / part);
    if (!whole) return whole.error();
  }
  const auto synced = sync_disk_of(target);
  if (!synced) return synced.error();
  return report;
}

}  // namespace dunlin
