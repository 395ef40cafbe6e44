#include "gateways/table_reader.hpp"

#include "gateways/csv_reader.hpp"
#include "gateways/input_bytes.hpp"
#include "gateways/xlsx_reader.hpp"

namespace dunlin {
namespace {

constexpr std::size_t search_piece_bytes = 1 << 20;
constexpr std::string_view ole_magic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// "EncryptedPackage" in UTF-16LE: the stream an encrypted .xlsx keeps in its OLE container
/// ([MS-OFFCRYPTO] 2.3.4.4).
std::string encrypted_package_name() {
  std::string name;
  for (const char c : std::string_view("EncryptedPackage")) {
    name += c;
    name += '\0';
  }
  return name;
}

Result<bool> contains(InputBytes& input, const std::string& wanted) {
  std::string window;
  while (true) {
    auto piece = input.read(search_piece_bytes);
    if (!piece) return piece.error();
    if (piece->empty()) return false;
    window += *piece;
    if (window.find(wanted) != std::string::npos) return true;
    if (window.size() > wanted.size()) window.erase(0, window.size() - wanted.size());
  }
}

Error explain_ole(InputBytes& input) {
  const auto is_encrypted = contains(input, encrypted_package_name());
  if (!is_encrypted) return is_encrypted.error();
  if (*is_encrypted)
    return invalid_input(
        "Книга Excel закрыта паролем: снимите пароль («Файл → Сведения → Защита книги») и загрузите её "
        "снова.");
  return invalid_input("Это книга старого формата .xls: откройте её в Excel и сохраните как .xlsx.");
}

Result<std::unique_ptr<TableReader>> open_input(Result<InputBytes> opened, const TableOptions& options) {
  if (!opened) return opened.error();
  InputBytes input = std::move(opened).value();
  const auto start = input.read(8);
  if (!start) return start.error();
  const std::string_view magic = *start;
  if (magic.empty()) return invalid_input("Файл пуст.");
  if (magic.starts_with(ole_magic)) return explain_ole(input);
  if (const auto status = input.rewind(); !status) return status.error();
  if (magic.starts_with("PK\x03\x04") || magic.starts_with("PK\x05\x06"))
    return open_xlsx(std::move(input), options);
  if (magic.starts_with("\x1F\x8B") || magic.starts_with("Rar!") || magic.starts_with("7z\xBC\xAF")) {
    return invalid_input("Это архив: распакуйте его и загрузите таблицу.");
  }
  if (magic.starts_with("%PDF")) return invalid_input("Это документ PDF: нужна таблица .xlsx или .csv.");
  return open_csv(std::move(input), options);
}

}  // namespace

Result<std::unique_ptr<TableReader>> open_table(const std::filesystem::path& path,
                                                const TableOptions& options) {
  return open_input(InputBytes::open(path, options.limits.file_bytes), options);
}

Result<std::unique_ptr<TableReader>> open_table_bytes(std::string bytes, const TableOptions& options) {
  return open_input(InputBytes::of(std::move(bytes), options.limits.file_bytes), options);
}

}  // namespace dunlin
