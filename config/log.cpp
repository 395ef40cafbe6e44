#include "config/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace dunlin {

Status start_logging(const LogSettings& settings) {
  const auto level = spdlog::level::from_str(settings.level);
  if (level == spdlog::level::off && settings.level != "off") {
    return invalid_input("log.level must be trace, debug, info, warn, error or off, got \"" + settings.level + "\"");
  }
  try {
    auto sink = settings.file.empty() ? spdlog::sink_ptr(std::make_shared<spdlog::sinks::stderr_sink_mt>())
                                      : spdlog::sink_ptr(std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file));
    auto logger = std::make_shared<spdlog::logger>("dunlin", std::move(sink));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger->set_level(level);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
  } catch (const spdlog::spdlog_ex& failure) {
    return Error{Errc::unavailable, std::string("log file cannot be written: ") + failure.what()};
  }
  return Done{};
}

}  // namespace dunlin
