#include "api/import_report.hpp"

#include <array>
#include <filesystem>
#include <set>

namespace dunlin {
namespace {

std::string_view name_of(msg::ImportPhase phase) {
  switch (phase) {
    case msg::ImportPhase::rows: return "rows";
    case msg::ImportPhase::merges: return "merges";
    case msg::ImportPhase::quiet: return "quiet";
    case msg::ImportPhase::census: return "report";
    case msg::ImportPhase::over: return "over";
  }
  return "unknown";
}

std::string_view name_of(msg::UndoView::State state) {
  switch (state) {
    case msg::UndoView::State::none: return "";
    case msg::UndoView::State::running: return "running";
    case msg::UndoView::State::done: return "done";
  }
  return "unknown";
}

struct Family {
  std::string_view part;  ///< Between the pack's name and the number: "RU-HRS-WD" is of "-HRS-".
  std::string_view ru;
  std::string_view en;
};
constexpr std::array<Family, 15> families{{
    {"-HRS-", "сейчас не то время суток: звонить можно только в разрешённые часы по месту должника", "outside the lawful hours where the person lives"},
    {"-CAL-", "выходной или праздник: часы звонков короче", "a weekend or holiday with shorter hours"},
    {"-FRQ-", "исчерпано число разговоров за день, неделю или месяц", "the day's, week's or month's contacts are used up"},
    {"-CNT-", "недавно уже звонили: выдерживается пауза или лимит безответных звонков", "called recently: a pause or the limit of unanswered calls"},
    {"-PRS-", "особый статус человека запрещает звонки (банкротство, болезнь, возраст, смерть)", "the person's status forbids calls (bankruptcy, illness, age, death)"},
    {"-SVO", "участник военной операции: звонки запрещены", "a serviceman: calls are forbidden"},
    {"-REP-", "человек действует через представителя", "the person acts through a representative"},
    {"-REF-", "человек отказался от взаимодействия", "the person refused contact"},
    {"-3P-", "номер третьего лица без обоих согласий", "a third party's number without both consents"},
    {"-MASS-", "доля брошенных вызовов выше разрешённой", "too many abandoned calls"},
    {"-CLI-", "номер звонящего не разрешён", "the caller's number is not allowed"},
    {"-LBL-", "у исходящего номера нет маркировки", "the caller's number is not labelled"},
    {"GEN-05", "дело остановлено: человек умер, просил прекратить или так решил сотрудник", "stopped: the person died, asked to stop, or staff decided so"},
    {"GEN-", "данных не хватает, а неизвестное запрещает", "something is not known, and the unknown forbids"},
    {"no_number", "нет номера, по которому можно звонить", "no number that may be dialed"},
}};

/// Review items of rows that went in; the advice on the others is that of their error.
struct Doubt {
  std::string_view code;
  std::string_view ru;
  std::string_view en;
};
constexpr std::array<Doubt, 2> doubts{{
    {"namesake", "сверьте обоих: если это один человек, загрузите строку с датой рождения и признаком (ИНН, паспорт, СНИЛС) того и другого, и дела объединятся; если разные, делать ничего не нужно",
     "compare the two: one person: import a row with the birth date and a key (INN, passport, SNILS) of both, and the cases become one; two people: nothing to do"},
    {"shared_phone", "сверьте обоих: если это один человек, загрузите строку с признаками (ИНН, паспорт, СНИЛС, дата рождения) того и другого, и дела объединятся; если номер принадлежит другому, скажите это столбцом «Чей телефон»; если номер у них общий, делать ничего не нужно",
     "compare the two: one person: import a row with the keys (INN, passport, SNILS, birth date) of both, and the cases become one; somebody else's number: say whose in the column «Чей телефон»; shared by both: nothing to do"},
}};

nlohmann::json zones_of(const CaseCensus& census) {
  nlohmann::json zones = nlohmann::json::object();
  for (const auto& [zone, count] : census.per_zone) zones[zone] = count;
  return zones;
}

nlohmann::json denials_of(const CaseCensus& census, bool is_english) {
  nlohmann::json rules = nlohmann::json::object();
  for (const auto& [rule, count] : census.denied_by_rule) {
    rules[rule] = {{"cases", count}, {"why", rule_sentence(rule, is_english)}};
  }
  return rules;
}

/// What is worth knowing before the campaign starts.
std::string warning_of(const CaseCensus& census, bool is_english) {
  if (census.without_place == 0) return "";
  const std::string count = std::to_string(census.without_place);
  return is_english ? count + " persons have no region: the hours of every zone of the country hold for them at once, about four hours a day. Add a column with the region."
                    : "у " + count + " человек нет региона: для них действуют часы всех поясов страны сразу, это около четырёх часов в день. Добавьте столбец «Регион проживания».";
}

/// What the counts alone do not say.
std::string remark_of(const msg::ImportView& v, bool is_english) {
  const bool is_over = v.phase == msg::ImportPhase::over;
  const bool is_in = v.created + v.updated > 0 && v.undo.state == msg::UndoView::State::none;
  if (v.state == msg::JobState::failed && !v.is_dry_run && is_in) {
    const std::string id = v.id.str();
    return is_english ? "A part of the file went in and is dialed: `dunlin import undo " + id + "` takes it back; or repair the file and import it again, rows that are in change nothing."
                      : "Часть файла вошла и идёт в обзвон: `dunlin import undo " + id + "` вернёт всё как было; или исправьте файл и загрузите снова, вошедшие строки ничего не изменят.";
  }
  if (v.state == msg::JobState::done && v.progress.rows_read == 0) {
    return is_english ? "The file has titles and no row below them." : "В файле есть заголовки и ни одной строки под ними.";
  }
  if (v.is_dry_run && is_over && v.state == msg::JobState::done) {
    return is_english ? "A dry run: no case was changed. Whom the law lets be called is said by the real run."
                      : "Пробный прогон: ни одно дело не изменено. Кому можно звонить, скажет настоящая загрузка.";
  }
  return "";
}

nlohmann::ordered_json undo_fields(const msg::UndoView& undo) {
  nlohmann::json kept = nlohmann::json::array();
  for (const auto& [id, why] : undo.kept_cases) kept.push_back({{"case", id.str()}, {"why", why}});
  return {{"undo_author", undo.author}, {"undo_at", format_utc(undo.asked_at)}, {"undo_share", undo.share_done}, {"undone", undo.undone},
          {"kept", undo.kept}, {"undo_failed", undo.failed}, {"kept_cases", kept}};
}

}  // namespace

std::string_view to_string(msg::JobState state) {
  switch (state) {
    case msg::JobState::running: return "running";
    case msg::JobState::done: return "done";
    case msg::JobState::failed: return "failed";
    case msg::JobState::cancelled: return "cancelled";
    case msg::JobState::interrupted: return "interrupted";
  }
  return "unknown";
}

std::string review_advice(const std::string& code, bool is_english) {
  for (const Doubt& doubt : doubts) {
    if (code == doubt.code) return std::string(is_english ? doubt.en : doubt.ru);
  }
  for (int i = 0; i < row_error_code_count; ++i) {
    const auto known = static_cast<RowErrorCode>(i);
    if (code == to_string(known)) return make_row_error(known, -1, "").fix(is_english ? ReportLanguage::en : ReportLanguage::ru);
  }
  return "";
}

std::string rule_sentence(const std::string& rule_id, bool is_english) {
  for (const Family& family : families) {
    if (rule_id.find(family.part) != std::string::npos) return std::string(is_english ? family.en : family.ru);
  }
  return is_english ? "forbidden by rule " + rule_id : "запрещено правилом " + rule_id;
}

nlohmann::ordered_json import_fields(const msg::ImportView& v, const std::string& language) {
  const bool is_english = language == "en";
  const bool has_rows_left = v.state == msg::JobState::running && v.progress.share_done > 0.01;
  const double left = has_rows_left ? v.elapsed_s / v.progress.share_done * (1.0 - v.progress.share_done) : 0;
  nlohmann::ordered_json fields = {
      {"import", v.id.str()}, {"started_at", format_utc(v.started_at)}, {"file", std::filesystem::path(v.file).filename().string()},
      {"portfolio", v.portfolio}, {"state", to_string(v.state)}, {"phase", name_of(v.phase)}, {"rows", v.progress.rows_read}, {"created", v.created},
      {"updated", v.updated}, {"unchanged", v.unchanged}, {"rejected", v.progress.rows_rejected}, {"duplicates", v.progress.duplicates},
      {"refused", v.refused}, {"merged", v.merged}, {"merges_waiting", v.merges_waiting}, {"review", v.review_count},
      {"rows_per_s", static_cast<std::int64_t>(v.rows_per_s)}, {"share_done", v.progress.share_done}, {"eta_s", static_cast<std::int64_t>(left)},
      {"elapsed_s", v.elapsed_s}, {"dry_run", v.is_dry_run}, {"reject_file", v.reject_file}, {"error", v.error},
      {"remark", remark_of(v, is_english)}};
  if (!v.is_dry_run && v.phase == msg::ImportPhase::over) {
    const CaseCensus& c = v.census;
    fields.update({{"cases", c.cases}, {"cases_per_zone", zones_of(c)}, {"cases_without_zone", c.without_place}, {"callable_now", c.callable_now},
                   {"callable_later_today", c.callable_today}, {"denied", c.denied}, {"closed", c.closed}, {"denied_by_rule", denials_of(c, is_english)},
                   {"warning", warning_of(c, is_english)}});
  }
  fields["undo"] = name_of(v.undo.state);
  if (v.undo.state != msg::UndoView::State::none) fields.update(undo_fields(v.undo));
  return fields;
}

nlohmann::ordered_json import_report(const msg::ImportView& view, const std::string& language) {
  const nlohmann::ordered_json fields = import_fields(view, language);
  if (view.state != msg::JobState::failed) return fields;
  static const std::set<std::string> always{"rows", "created", "updated", "unchanged", "rejected", "dry_run",
                                           "undone", "kept", "kept_cases", "undo_failed", "undo_share"};
  nlohmann::ordered_json told;
  for (const auto& [name, value] : fields.items()) {
    const bool is_nothing = value.empty() || value == "" || value == 0 || value == false;
    const bool is_pace = name == "eta_s" || name == "rows_per_s" || name == "share_done";
    if (always.count(name) > 0 || !(is_nothing || is_pace)) told[name] = value;
  }
  return told;
}

}  // namespace dunlin
