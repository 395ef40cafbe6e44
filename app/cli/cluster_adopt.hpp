#pragma once
// `dunlin cluster adopt`: the data folder of a single node, stopped, becomes the first one of an empty cluster. Main thread;
// reads the whole history once, and asks etcd.
#include <string>
#include <vector>

namespace dunlin {

/// The words behind "cluster adopt". Exit codes as everywhere.
int run_cluster_adopt(const std::vector<std::string>& words);

}  // namespace dunlin
