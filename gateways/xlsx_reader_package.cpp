#include "gateways/xlsx_reader_package.hpp"

#include <array>
#include <expat.h>
#include <type_traits>
#include <zip.h>

namespace dunlin {
namespace {

constexpr std::size_t part_piece_bytes = 64 * 1024;
constexpr std::uint64_t ratio_free_bytes = 1ULL << 20;
constexpr int max_depth = 64;
constexpr zip_int64_t max_entries = 10'000;

std::string_view local(const char* name) {
  const std::string_view whole(name);
  const std::size_t colon = whole.rfind(':');
  return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

Error damaged() {
  return invalid_input(
      "Книга Excel повреждена или загружена не целиком: откройте её в Excel и сохраните заново.");
}
Error too_big() {
  return {Errc::exhausted,
          "Содержимое книги Excel слишком велико после распаковки: разделите файл на части."};
}

struct ParserFree {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using Parser = std::unique_ptr<std::remove_pointer_t<XML_Parser>, ParserFree>;

/// Expat's callbacks around one handler.
class Events {
 public:
  Events(XML_Parser parser, XmlHandler& handler) : parser_(parser), handler_(handler) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, &Events::start, &Events::end);
    XML_SetCharacterDataHandler(parser, &Events::text);
    XML_SetStartDoctypeDeclHandler(parser, &Events::doctype);
  }
  const std::optional<Error>& failure() const { return failure_ ? failure_ : handler_.failure(); }

 private:
  static void start(void* self, const XML_Char* name, const XML_Char** attributes) {
    auto& events = *static_cast<Events*>(self);
    if (++events.depth_ > max_depth) return events.stop(damaged());
    events.handler_.on_start(local(name), XmlAttributes(attributes));
    events.stop_if_failed();
  }
  static void end(void* self, const XML_Char* name) {
    auto& events = *static_cast<Events*>(self);
    --events.depth_;
    events.handler_.on_end(local(name));
    events.stop_if_failed();
  }
  static void text(void* self, const XML_Char* data, int length) {
    auto& events = *static_cast<Events*>(self);
    events.handler_.on_text(std::string_view(data, static_cast<std::size_t>(length)));
    events.stop_if_failed();
  }
  static void doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<Events*>(self)->stop(
        invalid_input("В книге Excel есть объявление DOCTYPE: такие файлы не принимаются."));
  }

  void stop(Error error) {
    if (!failure_) failure_ = std::move(error);
    XML_StopParser(parser_, XML_FALSE);
  }
  void stop_if_failed() {
    if (handler_.failure()) XML_StopParser(parser_, XML_FALSE);
  }

  XML_Parser parser_;
  XmlHandler& handler_;
  std::optional<Error> failure_;
  int depth_ = 0;
};

struct ZipClose {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct ZipFileClose {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, ZipClose>;
using ArchiveFile = std::unique_ptr<zip_file_t, ZipFileClose>;

class ZipPartStream final : public PartStream {
 public:
  ZipPartStream(ArchiveFile file, const zip_stat_t& stat, const TableLimits& limits, XmlHandler& handler)
      : file_(std::move(file)),
        limits_(limits),
        packed_((stat.valid & ZIP_STAT_COMP_SIZE) != 0 ? stat.comp_size : 0),
        total_((stat.valid & ZIP_STAT_SIZE) != 0 ? stat.size : 0),
        parser_(XML_ParserCreate(nullptr)),
        events_(parser_.get(), handler) {}

  Result<bool> step() override {
    std::array<char, part_piece_bytes> piece;
    const zip_int64_t count = zip_fread(file_.get(), piece.data(), piece.size());
    if (count < 0) return damaged();
    read_ += static_cast<std::uint64_t>(count);
    // What the directory of the archive declares may be a lie, so the unpacked bytes themselves are counted.
    if (read_ > limits_.unpacked_bytes) return too_big();
    if (read_ > ratio_free_bytes && read_ / limits_.unpack_ratio > packed_) return too_big();
    const bool is_last = count == 0;
    const auto status = XML_Parse(parser_.get(), piece.data(), static_cast<int>(count), is_last);
    if (events_.failure()) return *events_.failure();
    if (status != XML_STATUS_OK) return damaged();
    return !is_last;
  }
  std::uint64_t bytes_read() const override { return read_; }
  std::uint64_t bytes_total() const override { return total_; }

 private:
  ArchiveFile file_;
  TableLimits limits_;
  std::uint64_t packed_;
  std::uint64_t total_;
  std::uint64_t read_ = 0;
  Parser parser_;
  Events events_;
};

}  // namespace

std::string_view XmlAttributes::get(std::string_view local_name) const {
  for (const char** pair = pairs_; *pair != nullptr; pair += 2) {
    if (local(pair[0]) == local_name) return pair[1];
  }
  return {};
}

struct ZipPackage::State {
  std::string memory;  ///< Must outlive the archive, which reads from it.
  Archive archive;
  TableLimits limits;
};

ZipPackage::ZipPackage(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipPackage::ZipPackage(ZipPackage&&) noexcept = default;
ZipPackage::~ZipPackage() = default;

Result<ZipPackage> ZipPackage::open(InputBytes input, const TableLimits& limits) {
  auto state = std::make_unique<State>();
  state->limits = limits;
  if (input.path().empty()) {
    state->memory = input.take_memory();
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(state->memory.data(), state->memory.size(), 0, &error);
    if (source != nullptr) state->archive.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
    if (source != nullptr && !state->archive) zip_source_free(source);
    zip_error_fini(&error);
  } else {
    int code = 0;
    state->archive.reset(zip_open(input.path().c_str(), ZIP_RDONLY, &code));
  }
  if (!state->archive) return damaged();
  if (zip_get_num_entries(state->archive.get(), 0) > max_entries) return too_big();
  return ZipPackage(std::move(state));
}

bool ZipPackage::has(std::string_view part) const {
  return zip_name_locate(state_->archive.get(), std::string(part).c_str(), ZIP_FL_NOCASE) >= 0;
}

Result<std::unique_ptr<PartStream>> ZipPackage::stream(const std::string& part, XmlHandler& handler) const {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat(state_->archive.get(), part.c_str(), ZIP_FL_NOCASE, &stat) != 0) return damaged();
  if ((stat.valid & ZIP_STAT_SIZE) != 0 && stat.size > state_->limits.unpacked_bytes) return too_big();
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
    return invalid_input("Файл закрыт паролем: снимите пароль и загрузите файл снова.");
  }
  ArchiveFile file(zip_fopen_index(state_->archive.get(), stat.index, 0));
  if (!file) return damaged();
  return std::unique_ptr<PartStream>(
      std::make_unique<ZipPartStream>(std::move(file), stat, state_->limits, handler));
}

Status ZipPackage::parse(const std::string& part, XmlHandler& handler) const {
  auto opened = stream(part, handler);
  if (!opened) return opened.error();
  while (true) {
    const auto more = (*opened)->step();
    if (!more) return more.error();
    if (!*more) return Done{};
  }
}

std::string resolve_part(std::string_view owner_part, std::string_view target) {
  std::string path;
  if (!target.starts_with('/')) {
    const std::size_t slash = owner_part.rfind('/');
    if (slash != std::string_view::npos) path = std::string(owner_part.substr(0, slash));
  }
  while (!target.empty()) {
    const std::size_t end = target.find('/');
    const std::string_view step = target.substr(0, end);
    target = end == std::string_view::npos ? std::string_view() : target.substr(end + 1);
    if (step.empty() || step == ".") continue;
    if (step == "..") {
      const std::size_t slash = path.rfind('/');
      path.erase(slash == std::string::npos ? 0 : slash);
    } else {
      path += (path.empty() ? "" : "/") + std::string(step);
    }
  }
  return path;
}

}  // namespace dunlin
