#pragma once
// Opens portfolio files for import jobs: table readers, column mapping, row reading, duplicates inside the file and the
// file of rejects, put together as one source of good rows. One source belongs to one job.
#include "actors/contracts/doors.hpp"
#include "numbering/phone_plan.hpp"

namespace dunlin {

class FileImportDoor final : public ImportDoor {
 public:
  explicit FileImportDoor(const NumberingPlan& plan) : plan_(plan) {}
  Result<std::unique_ptr<ImportSource>> open(const ImportRequest& request, CivilDate today) override;

 private:
  const NumberingPlan& plan_;
};

}  // namespace dunlin
