#include "media/ogg_writer.hpp"

#include <string_view>
#include <vector>

#include <ogg/ogg.h>

namespace dunlin {
namespace {

constexpr int packets_per_page = 50;  // one second

void append_bytes(std::vector<std::uint8_t>& out, std::uint32_t value, int width) {
  for (int i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append_text(std::vector<std::uint8_t>& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

}  // namespace

struct OggOpusWriter::State {
  ogg_stream_state stream{};
  Sink sink;
  ogg_int64_t packet_number = 0;
  std::uint64_t pre_skip = 0;
  int packets_waiting = 0;
  ~State() { ogg_stream_clear(&stream); }
};

OggOpusWriter::OggOpusWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
OggOpusWriter::~OggOpusWriter() = default;

Result<std::unique_ptr<OggOpusWriter>> OggOpusWriter::make(const OggOpusOptions& options, Sink sink) {
  auto state = std::make_unique<State>();
  state->sink = std::move(sink);
  state->pre_skip = options.pre_skip_48k;
  if (ogg_stream_init(&state->stream, static_cast<int>(options.serial)) != 0)
    return Error{Errc::exhausted, "libogg gave no stream"};
  std::unique_ptr<OggOpusWriter> writer(new OggOpusWriter(std::move(state)));
  if (auto status = writer->put_headers(options); !status) return status.error();
  return writer;
}

Status OggOpusWriter::put_headers(const OggOpusOptions& options) {
  std::vector<std::uint8_t> head;
  append_text(head, "OpusHead");
  append_bytes(head, 1, 1);
  append_bytes(head, static_cast<std::uint32_t>(options.channels), 1);
  append_bytes(head, options.pre_skip_48k, 2);
  append_bytes(head, options.input_rate, 4);
  append_bytes(head, 0, 2);  // output gain
  append_bytes(head, 0, 1);  // mapping family 0: mono or left/right
  std::vector<std::uint8_t> tags;
  append_text(tags, "OpusTags");
  append_bytes(tags, 6, 4);
  append_text(tags, "dunlin");
  append_bytes(tags, 0, 4);
  for (auto* header : {&head, &tags}) {
    ogg_packet packet{};
    packet.packet = header->data();
    packet.bytes = static_cast<long>(header->size());
    packet.b_o_s = header == &head ? 1 : 0;
    packet.packetno = state_->packet_number++;
    ogg_stream_packetin(&state_->stream, &packet);
    if (auto status = put_pages(true); !status) return status;
  }
  return Done{};
}

Status OggOpusWriter::put_pages(bool flushes) {
  ogg_page page{};
  while ((flushes ? ogg_stream_flush(&state_->stream, &page) : ogg_stream_pageout(&state_->stream, &page)) !=
         0) {
    if (auto status = state_->sink({page.header, static_cast<std::size_t>(page.header_len)}); !status)
      return status;
    if (auto status = state_->sink({page.body, static_cast<std::size_t>(page.body_len)}); !status)
      return status;
  }
  return Done{};
}

Status OggOpusWriter::add(std::span<const std::uint8_t> packet, std::uint64_t end_48k, bool is_last) {
  std::vector<std::uint8_t> bytes(packet.begin(), packet.end());  // libogg wants mutable memory and copies it
  ogg_packet out{};
  out.packet = bytes.data();
  out.bytes = static_cast<long>(bytes.size());
  out.e_o_s = is_last ? 1 : 0;
  out.granulepos = static_cast<ogg_int64_t>(state_->pre_skip + end_48k);
  out.packetno = state_->packet_number++;
  ogg_stream_packetin(&state_->stream, &out);
  const bool flushes = is_last || ++state_->packets_waiting == packets_per_page;
  if (flushes) state_->packets_waiting = 0;
  return put_pages(flushes);
}

}  // namespace dunlin
