// Any bytes as the XML of a sheet, of its styles and of its shared strings, packed into a sound workbook; and
// any bytes as the whole package. Reading ends, in rows or in an error.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <zip.h>

#include "gateways/table_reader.hpp"

namespace {

constexpr std::string_view workbook = "<workbook><sheets><sheet name=\"S\" id=\"r1\"/></sheets></workbook>";
constexpr std::string_view relations =
    "<R><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"s.xml\"/><Relationship Id=\"r2\" "
    "Type=\"x/styles\" Target=\"t.xml\"/>"
    "<Relationship Id=\"r3\" Type=\"x/sharedStrings\" Target=\"u.xml\"/></R>";

void read_all(std::string bytes) {
  dunlin::TableOptions options;
  options.limits.cell_bytes = 4096;
  options.limits.columns = 64;
  auto reader = dunlin::open_table_bytes(std::move(bytes), options);
  if (!reader) return;
  while (true) {
    const auto row = (*reader)->next();
    if (!row || !*row) return;
    if ((*row)->cells.size() > options.limits.columns) __builtin_trap();
  }
}

std::string packed(std::string_view sheet, std::string_view styles, std::string_view strings) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  const auto add = [archive](const char* name, std::string_view text) {
    const auto place =
        zip_file_add(archive, name, zip_source_buffer(archive, text.data(), text.size(), 0), 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(place), ZIP_CM_STORE, 0);
  };
  add("xl/workbook.xml", workbook);
  add("xl/_rels/workbook.xml.rels", relations);
  add("xl/s.xml", sheet);
  add("xl/t.xml", styles);
  add("xl/u.xml", strings);
  zip_close(archive);
  zip_source_open(target);
  zip_source_seek(target, 0, SEEK_END);
  std::string bytes(static_cast<std::size_t>(zip_source_tell(target)), '\0');
  zip_source_seek(target, 0, SEEK_SET);
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  read_all(std::string(input));
  // A byte that XML does not know parts the input into the three documents.
  std::array<std::string_view, 3> documents;
  std::string_view rest = input;
  for (auto& document : documents) {
    const std::size_t end = rest.find('\x01');
    document = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  read_all(packed(documents[0], documents[1], documents[2]));
  return 0;
}
