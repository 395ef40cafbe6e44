#include "app/pacing_tape_file.hpp"

#include <fstream>

#include "api/pacing_lines.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

class PacingTapeFile final : public PacingTape {
 public:
  explicit PacingTapeFile(const std::filesystem::path& base) : base_(base) {
    std::error_code problem;
    std::filesystem::create_directories(base.parent_path(), problem);
    ticks_.open(base.string() + ".ticks", std::ios::trunc);
    answers_.open(base.string() + ".answers", std::ios::trunc);
  }
  void on_start(std::string_view policy, const PacingConfig& config) override { write(hello_line(config), ready_line(policy_ = policy)); }
  void on_config(const PacingConfig& config) override { write(config_line(config), ready_line(policy_)); }
  void on_tick(const PacingInput& input, const PacingDecision& decision) override {
    if (!is_over_) write(tick_line(input), decision_line(decision));
  }

 private:
  void write(const std::string& told, const std::string& answered) {
    if (is_over_) return;
    ticks_ << told << '\n' << std::flush;
    answers_ << answered << '\n' << std::flush;
    written_ += told.size() + 1;
    is_over_ = !ticks_ || !answers_ || written_ > pacing_tape_bytes;
    if (is_over_) log_warn("pacing", "tape_ended", "{} after {} bytes", base_.filename().string(), written_);
  }

  std::filesystem::path base_;
  std::string policy_;
  std::ofstream ticks_;
  std::ofstream answers_;
  std::size_t written_ = 0;
  bool is_over_ = false;
};

}  // namespace

std::unique_ptr<PacingTape> make_tape_file(const std::filesystem::path& folder, CampaignId campaign, UtcTime now) {
  return std::make_unique<PacingTapeFile>(folder / (campaign.str() + "-" + std::to_string(now.ms)));
}

}  // namespace dunlin
