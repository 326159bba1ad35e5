#include "service/loop_port.h"

#include <boost/asio/post.hpp>

namespace quoted::service {

void LoopPort::post(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  if (context_ != nullptr) asio::post(*context_, std::move(work));
}

}  // namespace quoted::service
