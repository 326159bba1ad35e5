// Memory for secrets: wiped when released, never printable, compared only by crypto/compare.h.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <vector>

#include "base/bytes.h"

namespace quoted::base {

template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  explicit WipingAllocator(const WipingAllocator<U>&) noexcept {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept {
    explicit_bzero(memory, count * sizeof(T));
    ::operator delete(memory);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size) : bytes_(size) {}
  static SecretBytes copy_of(ByteView bytes) {
    SecretBytes out(bytes.size());
    if (!bytes.empty()) std::memcpy(out.bytes_.data(), bytes.data(), bytes.size());
    return out;
  }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] ByteView view() const { return bytes_; }
  [[nodiscard]] std::span<std::byte> mutable_view() { return bytes_; }

 private:
  std::vector<std::byte, WipingAllocator<std::byte>> bytes_;
};

}  // namespace quoted::base
