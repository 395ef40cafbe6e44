#pragma once
// Workbooks and folders for the tests of the table readers: any parts, stored or deflated, good or broken.
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>
#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#include <gtest/gtest.h>

#include "gateways/table_reader.hpp"
#include "tests/support/temporary_folder.hpp"

namespace dunlin::table_files {

using Parts = std::vector<std::pair<std::string, std::string>>;

using test::TemporaryFolder;

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Rights hold for this user; root, whom nothing stops, is somebody else as long as this lives.
class OrdinaryUser {
 public:
  OrdinaryUser() { rights_hold_ = !is_root_ || ::seteuid(65534) == 0; }
  ~OrdinaryUser() {
    if (is_root_ && rights_hold_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  /// False where root may not become somebody else, or where that user does not come as far as the folder: nothing to test there.
  bool can_reach(const std::filesystem::path& folder) const { return rights_hold_ && ::faccessat(AT_FDCWD, folder.c_str(), X_OK, AT_EACCESS) == 0; }

 private:
  bool is_root_ = ::getuid() == 0;
  bool rights_hold_ = false;
};

inline void put_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string zip_of(const Parts& parts) {
  const TemporaryFolder folder;
  const auto path = folder.file("book.zip");
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  for (const auto& [name, text] : parts) {
    zip_file_add(archive, name.c_str(), zip_source_buffer(archive, text.data(), text.size(), 0),
                 ZIP_FL_OVERWRITE);
  }
  zip_close(archive);
  return bytes_of(path);
}

/// The parts of a book with one sheet whose <sheetData> is given.
inline Parts book_parts(const std::string& sheet_data, const std::string& shared_strings = "",
                        const std::string& workbook_extra = "",
                        const std::string& target = "worksheets/sheet1.xml") {
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
  const std::string relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  Parts parts{
      {"_rels/.rels", head + "<Relationships><Relationship Id=\"r1\" Type=\"" + relation +
                          "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"},
      {"xl/workbook.xml", head + "<workbook xmlns:r=\"" + relation + "\">" + workbook_extra +
                              "<sheets><sheet name=\"Скрытый\" state=\"hidden\" r:id=\"rId9\"/><sheet "
                              "name=\"Лист\" r:id=\"rId1\"/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       head + "<Relationships><Relationship Id=\"rId1\" Type=\"" + relation + "/worksheet\" Target=\"" +
           target + "\"/><Relationship Id=\"rId2\" Type=\"" + relation +
           "/styles\" Target=\"styles.xml\"/><Relationship Id=\"rId3\" Type=\"" + relation +
           "/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/></Relationships>"},
      {"xl/styles.xml",
       head + "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd/mm/yyyy\"/><numFmt "
              "numFmtId=\"165\" "
              "formatCode=\"#,##0.00&quot;days&quot;\"/></numFmts><cellStyleXfs><xf "
              "numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
              "<xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/></cellXfs></styleSheet>"},
      {"xl/worksheets/sheet1.xml",
       head + "<worksheet><sheetData>" + sheet_data + "</sheetData></worksheet>"}};
  if (!shared_strings.empty())
    parts.emplace_back("xl/sharedStrings.xml", head + "<sst>" + shared_strings + "</sst>");
  return parts;
}

inline std::vector<TableRow> all_rows(TableReader& reader) {
  std::vector<TableRow> rows;
  while (true) {
    const auto row = reader.next();
    EXPECT_TRUE(row.ok()) << (row.ok() ? "" : row.error().detail);
    if (!row.ok() || !row->has_value()) return rows;
    rows.push_back(**row);
  }
}

inline std::vector<std::string> texts(const TableRow& row) {
  std::vector<std::string> out;
  for (const auto& cell : row.cells) out.push_back(cell.text);
  return out;
}

/// The error of opening or of reading to the end; an empty detail means that there was none.
inline Error failure_of(std::string bytes, const TableOptions& options = {}) {
  auto reader = open_table_bytes(std::move(bytes), options);
  if (!reader) return reader.error();
  while (true) {
    const auto row = (*reader)->next();
    if (!row) return row.error();
    if (!*row) return {Errc::invalid_input, ""};
  }
}

}  // namespace dunlin::table_files
