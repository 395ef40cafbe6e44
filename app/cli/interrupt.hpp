#pragma once
// Ctrl-C as a question instead of an end, for as long as the object lives; what was set before comes back with its end.
// One at a time, main thread.
#include <csignal>

namespace dunlin {

class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  bool is_interrupted() const;

 private:
  struct sigaction before_ {};
};

}  // namespace dunlin
