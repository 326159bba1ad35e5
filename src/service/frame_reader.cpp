#include "service/frame_reader.h"

#include <algorithm>
#include <utility>

#include "aesm/framing.h"
#include "base/byte_reader.h"

namespace quoted::service {

using aesm::kFramePrefixSize;
using base::ByteView;

ByteView FrameReader::buffered() const {
  return (large_.empty() ? ByteView(inline_) : ByteView(large_)).first(filled_);
}

std::size_t FrameReader::frame_size() const {
  base::Le32 body_size;
  std::memcpy(&body_size, buffered().data(), kFramePrefixSize);
  return kFramePrefixSize + body_size;
}

FrameReader::Phase FrameReader::phase() const {
  if (filled_ == 0) return Phase::kEmpty;
  return filled_ < kFramePrefixSize ? Phase::kPrefix : Phase::kBody;
}

base::Result<std::optional<ByteView>> FrameReader::frame() const {
  if (filled_ < kFramePrefixSize) return std::nullopt;
  QUOTED_TRY(const std::size_t body_size,
             aesm::decode_frame_prefix(buffered().first<kFramePrefixSize>(), max_body_));
  if (filled_ < kFramePrefixSize + body_size) return std::nullopt;
  return buffered().subspan(kFramePrefixSize, body_size);
}

std::span<std::byte> FrameReader::space() {
  if (filled_ < kFramePrefixSize || frame_size() <= kInlineSize) {
    return std::span(inline_).subspan(filled_);
  }
  // Doubling with what has arrived: announcing a large frame costs nothing here, sending it does.
  const std::size_t size = std::min(frame_size(), std::max(2 * kInlineSize, 2 * filled_));
  if (large_.empty()) {
    base::Bytes grown(size);
    std::ranges::copy(buffered(), grown.begin());
    large_ = std::move(grown);
  } else if (filled_ == large_.size()) {
    large_.resize(size);
  }
  return std::span(large_).subspan(filled_);
}

void FrameReader::drop_frame() {
  const std::size_t dropped = frame_size();
  if (large_.empty()) {
    std::copy(inline_.begin() + static_cast<std::ptrdiff_t>(dropped),
              inline_.begin() + static_cast<std::ptrdiff_t>(filled_), inline_.begin());
  }
  // A large buffer never holds more than its frame.
  filled_ -= dropped;
  large_ = base::Bytes();
}

}  // namespace quoted::service
