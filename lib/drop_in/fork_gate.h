// Keeps fork() from falling into the middle of a call. libcrypto takes locks of its own for nearly
// everything, and one that another thread holds at that moment would be held for ever in the child.
// So fork() waits until nobody is inside, and who wants to go inside waits until it is over; those
// inside never wait for each other. For libraries on glibc, which forgets the handlers of a library
// that is closed.
#pragma once

namespace quoted::drop_in {

// Held while libcrypto or a lock of the library's own is used; not while other people's code runs,
// which may take long or fork itself.
class ForkGate {
 public:
  ForkGate() { enter(); }
  ForkGate(const ForkGate&) = delete;
  ForkGate& operator=(const ForkGate&) = delete;
  ~ForkGate() { leave(); }

  // Outside for a while, by a thread that is inside once.
  class Outside {
   public:
    Outside() { leave(); }
    Outside(const Outside&) = delete;
    Outside& operator=(const Outside&) = delete;
    ~Outside() { enter(); }
  };

 private:
  static void enter();
  static void leave();
};

}  // namespace quoted::drop_in
