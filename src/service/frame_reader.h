// Gathers the frames of one connection from pieces of any size. No I/O: the session gives it what
// it received. Small requests live in a buffer inside; a larger one allocates after its announced
// size passed the bound, grows only as bytes arrive, and is freed with the frame.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::service {

class FrameReader {
 public:
  // How much of the present frame is there; each phase has a deadline of its own.
  enum class Phase : std::uint8_t { kEmpty, kPrefix, kBody };

  explicit FrameReader(std::size_t max_body) : max_body_(max_body) {}
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  // The body of the present frame, valid until drop_frame; none while bytes are missing;
  // FrameTooLarge when its prefix announces more than max_body.
  [[nodiscard]] base::Result<std::optional<base::ByteView>> frame() const;

  // Where to put received bytes, at least one. Only after frame() gave none.
  [[nodiscard]] std::span<std::byte> space();

  // So many bytes were put at the start of space().
  void added(std::size_t count) { filled_ += count; }

  // Ends the present frame; bytes beyond it begin the next. Only after frame() gave a body.
  void drop_frame();

  [[nodiscard]] Phase phase() const;

 private:
  static constexpr std::size_t kInlineSize = 2048;

  [[nodiscard]] base::ByteView buffered() const;
  // Prefix included. Known once the prefix is whole.
  [[nodiscard]] std::size_t frame_size() const;

  std::size_t max_body_;
  std::size_t filled_ = 0;
  base::Bytes large_;  // in use instead of inline_ while not empty
  std::array<std::byte, kInlineSize> inline_;
};

}  // namespace quoted::service
