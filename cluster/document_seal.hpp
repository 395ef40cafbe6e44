#pragma once
// How shared documents lie in etcd (docs/cluster.md, documents): "format, write id, AES-256-GCM box", each box bound to its
// key's name. Names of keys are keyed hashes, so neither a login nor a campaign's name stands in etcd. Thread safe.
#include <string>
#include <string_view>

#include "cluster/secret_box.hpp"
#include "core/cluster/shared_document.hpp"

namespace dunlin {

class DocumentSeal {
 public:
  explicit DocumentSeal(const ClusterSecret& secret) : secret_(secret) {}

  /// The last part of the document's key.
  std::string name_of(std::string_view kind, std::string_view id) const;
  std::string seal(const SharedDocument& document, const DocumentWriteId& write) const;
  /// `name`: the last part of the key it was found at. Errors: corrupt (damaged, moved, or sealed with another secret),
  /// invalid_input (a newer version's).
  Result<SharedDocument> open(std::string_view name, std::string_view bytes) const;
  std::string seal(const DocumentHead& head, const DocumentWriteId& write) const;
  Result<DocumentHead> open_head(std::string_view bytes) const;

 private:
  std::string sealed(std::string_view name, const DocumentWriteId& write, std::string_view plain) const;
  Result<std::string> opened(std::string_view name, std::string_view bytes) const;

  ClusterSecret secret_;
};

/// From the operating system's generator.
DocumentWriteId random_write_id();

}  // namespace dunlin
