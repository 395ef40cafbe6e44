#include "core/exchange/region_code.hpp"

#include <array>
#include <utility>

#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

/// Stems in the order they must be tried: "томск" holds "омск", "ямало-ненецк" holds "ненецк".
constexpr std::array<std::pair<std::string_view, std::string_view>, 92> region_stems{{
    {"алтайский", "RU-ALT"}, {"алтай", "RU-AL"}, {"ямало", "RU-YAN"}, {"янао", "RU-YAN"}, {"ненецк", "RU-NEN"}, {"ханты", "RU-KHM"}, {"хмао", "RU-KHM"},
    {"югра", "RU-KHM"}, {"сахалин", "RU-SAK"}, {"якут", "RU-SA"}, {"саха", "RU-SA"}, {"томск", "RU-TOM"}, {"костром", "RU-KOS"}, {"омск", "RU-OMS"},
    {"московск", "RU-MOS"}, {"москва", "RU-MOW"}, {"ленинград", "RU-LEN"}, {"петербург", "RU-SPE"}, {"севастопол", "RU-SEV"}, {"крым", "RU-CR"},
    {"нижегород", "RU-NIZ"}, {"новгород", "RU-NGR"}, {"новосибир", "RU-NVS"}, {"адыге", "RU-AD"}, {"амурск", "RU-AMU"}, {"архангел", "RU-ARK"},
    {"астрахан", "RU-AST"}, {"башк", "RU-BA"}, {"белгород", "RU-BEL"}, {"брянск", "RU-BRY"}, {"бурят", "RU-BU"}, {"владимир", "RU-VLA"},
    {"волгоград", "RU-VGG"}, {"вологод", "RU-VLG"}, {"воронеж", "RU-VOR"}, {"дагестан", "RU-DA"}, {"еврейск", "RU-YEV"}, {"забайкал", "RU-ZAB"},
    {"ивановск", "RU-IVA"}, {"ингуш", "RU-IN"}, {"иркутск", "RU-IRK"}, {"кабардин", "RU-KB"}, {"калининград", "RU-KGD"}, {"калмык", "RU-KL"},
    {"калуж", "RU-KLU"}, {"камчат", "RU-KAM"}, {"карачаев", "RU-KC"}, {"карел", "RU-KR"}, {"кемеров", "RU-KEM"}, {"кузбасс", "RU-KEM"},
    {"кировск", "RU-KIR"}, {"коми", "RU-KO"}, {"краснодар", "RU-KDA"}, {"краснояр", "RU-KYA"}, {"курган", "RU-KGN"}, {"курск", "RU-KRS"},
    {"липецк", "RU-LIP"}, {"магадан", "RU-MAG"}, {"марий", "RU-ME"}, {"мордов", "RU-MO"}, {"мурманск", "RU-MUR"}, {"оренбург", "RU-ORE"},
    {"орлов", "RU-ORL"}, {"пензен", "RU-PNZ"}, {"пермск", "RU-PER"}, {"приморск", "RU-PRI"}, {"псков", "RU-PSK"}, {"ростов", "RU-ROS"},
    {"рязан", "RU-RYA"}, {"самар", "RU-SAM"}, {"саратов", "RU-SAR"}, {"осети", "RU-SE"}, {"смолен", "RU-SMO"}, {"ставропол", "RU-STA"},
    {"свердлов", "RU-SVE"}, {"тамбов", "RU-TAM"}, {"татар", "RU-TA"}, {"тверск", "RU-TVE"}, {"тульск", "RU-TUL"}, {"тюмен", "RU-TYU"},
    {"тыва", "RU-TY"}, {"тува", "RU-TY"}, {"удмурт", "RU-UD"}, {"ульянов", "RU-ULY"}, {"хабаров", "RU-KHA"}, {"хакас", "RU-KK"},
    {"челябин", "RU-CHE"}, {"чечен", "RU-CE"}, {"чечн", "RU-CE"}, {"чуваш", "RU-CU"}, {"чукот", "RU-CHU"}, {"ярослав", "RU-YAR"},
}};

std::string lower(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    char32_t c = utf8::to_lower(utf8::next(text, i));
    if (c == U'ё') c = U'е';
    utf8::append(out, c);
  }
  return out;
}

bool is_iso(std::string_view text) {
  if (text.size() < 5 || text.size() > 6 || text[2] != '-') return false;
  for (const char c : text) {
    if (c != '-' && (c < 'A' || c > 'Z')) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> region_code(std::string_view text) {
  if (is_iso(text)) return std::string(text);
  const std::string name = lower(text);
  for (const auto& [stem, code] : region_stems) {
    if (name.find(stem) != std::string::npos) return std::string(code);
  }
  return std::nullopt;
}

}  // namespace dunlin
