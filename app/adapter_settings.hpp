#pragma once
// From the node's settings to what each adapter wants to know. Reads secret files; pure otherwise.
#include "config/settings.hpp"
#include "media/media_types.hpp"
#include "sip/sip_types.hpp"
#include "storage/store.hpp"

namespace dunlin {

Result<SipStackSettings> sip_settings(const NodeSettings& settings, const std::filesystem::path& certificates);
MediaSettings media_settings(const NodeSettings& settings, std::function<UtcTime()> now);
StorageSettings storage_settings(const NodeSettings& settings);

}  // namespace dunlin
