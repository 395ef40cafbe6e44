#include "app/cli/interrupt.hpp"

namespace dunlin {
namespace {

/// A signal handler can reach nothing but this.
volatile std::sig_atomic_t was_interrupted = 0;

}  // namespace

InterruptWatch::InterruptWatch() {
  was_interrupted = 0;
  struct sigaction action {};
  action.sa_handler = [](int) { was_interrupted = 1; };
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before_);
}

InterruptWatch::~InterruptWatch() { sigaction(SIGINT, &before_, nullptr); }

bool InterruptWatch::is_interrupted() const { return was_interrupted != 0; }

}  // namespace dunlin
