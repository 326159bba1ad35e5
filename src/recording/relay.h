// One recorded connection: passes bytes on between a client and the daemon as they come, and tells
// what it passed. Never waits, and holds at most two pieces of kMaxEventBytes.
#pragma once

#include <poll.h>

#include <functional>
#include <vector>

#include "base/unique_fd.h"
#include "recording/event.h"

namespace quoted::recording {

class Relay {
 public:
  // Told of each piece before it is passed on; an error ends the relay's step.
  using Witness = std::function<base::Status(Event::Kind, Side from, base::ByteView bytes)>;

  Relay(base::UniqueFd client, base::UniqueFd daemon);

  // Passes on what can be passed on now.
  [[nodiscard]] base::Status advance(const Witness& witness);

  // What to wait for until advance() has something to do.
  void add_waits(std::vector<pollfd>& waits) const;

  [[nodiscard]] bool done() const { return to_daemon_.finished() && to_client_.finished(); }

 private:
  // What goes one way.
  struct Pipe {
    Side from;
    base::Bytes buffer;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool ended = false;

    [[nodiscard]] bool empty() const { return begin == end; }
    [[nodiscard]] bool finished() const { return ended && empty(); }
  };

  [[nodiscard]] base::Status advance(Pipe& pipe, const Witness& witness);
  // True when there may be more to do at once.
  [[nodiscard]] base::Result<bool> receive(Pipe& pipe, const Witness& witness);
  [[nodiscard]] bool send(Pipe& pipe);
  void give_up_on_closed_daemon();
  [[nodiscard]] int source(const Pipe& pipe) const;
  [[nodiscard]] int destination(const Pipe& pipe) const;

  base::UniqueFd client_;
  base::UniqueFd daemon_;
  Pipe to_daemon_;
  Pipe to_client_;
};

}  // namespace quoted::recording
