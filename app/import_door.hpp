#pragma once
// Opens portfolio files for import jobs: table readers, column mapping, row reading, duplicates inside the file and the
// file of rejects, put together as one source of good rows. One source belongs to one job.
#include <filesystem>

#include "actors/contracts/doors.hpp"
#include "numbering/phone_plan.hpp"

namespace dunlin {

class FileImportDoor final : public ImportDoor {
 public:
  explicit FileImportDoor(const NumberingPlan& plan) : plan_(plan) {}
  /// Where stored templates are; it outlives the door. Call before the first request.
  void set_templates(const DocumentStore* documents) { documents_ = documents; }
  /// Where rows come back when the node may not write beside the file. Call before the first request.
  void set_reject_folder(std::filesystem::path folder) { reject_folder_ = std::move(folder); }
  Result<std::unique_ptr<ImportSource>> open(const ImportRequest& request, CivilDate today) override;
  Result<ImportColumns> columns(const ImportRequest& request) override;
  Result<std::string> make_template(const ImportRequest& request, const std::string& name, const std::vector<std::string>& changes) override;

 private:
  const NumberingPlan& plan_;
  const DocumentStore* documents_ = nullptr;
  std::filesystem::path reject_folder_;
};

}  // namespace dunlin
