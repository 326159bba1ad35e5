// A bound on the bytes that all connections hold together. Private to the module.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace quoted::http {

// Thread-safe.
class Budget {
 public:
  explicit Budget(std::size_t limit) : limit_(limit) {}

  [[nodiscard]] bool take(std::size_t bytes) {
    if (used_.fetch_add(bytes) + bytes <= limit_) return true;
    used_ -= bytes;
    return false;
  }
  void give_back(std::size_t bytes) { used_ -= bytes; }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

// What one request has taken, given back at its end.
class Reservation {
 public:
  explicit Reservation(Budget& budget) : budget_(&budget) {}
  Reservation(Reservation&& other) noexcept
      : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation() { release(); }

  void release() { budget_->give_back(std::exchange(bytes_, 0)); }

  [[nodiscard]] bool add(std::size_t bytes) {
    if (!budget_->take(bytes)) return false;
    bytes_ += bytes;
    return true;
  }

 private:
  Budget* budget_;
  std::size_t bytes_ = 0;
};

}  // namespace quoted::http
