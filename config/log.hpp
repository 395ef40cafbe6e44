#pragma once
// Logging for everything outside core: one line an event, component + stable event id + key=value. Ids only, never
// personal data. Thread safe. Never called on the packet path.
#include <string>
#include <string_view>

#include <spdlog/spdlog.h>

#include "core/base/result.hpp"

namespace dunlin {

struct LogSettings {
  std::string level = "info";   ///< trace, debug, info, warn, error.
  std::string file;             ///< Empty: standard error.
};

/// Sets the process logger once at start.
Status start_logging(const LogSettings& settings);

template <class... Args>
void log_info(std::string_view component, std::string_view event, fmt::format_string<Args...> text, Args&&... args) {
  spdlog::info("{} {} {}", component, event, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(std::string_view component, std::string_view event, fmt::format_string<Args...> text, Args&&... args) {
  spdlog::warn("{} {} {}", component, event, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(std::string_view component, std::string_view event, fmt::format_string<Args...> text, Args&&... args) {
  spdlog::error("{} {} {}", component, event, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_debug(std::string_view component, std::string_view event, fmt::format_string<Args...> text, Args&&... args) {
  spdlog::debug("{} {} {}", component, event, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace dunlin
