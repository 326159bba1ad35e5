// Gives back what the C++ runtime inside this library holds when the library is closed: the memory
// it sets aside for exceptions in bad times is its only allocation that outlives a call, and
// without this each dlopen() and dlclose() would lose 72 KiB. Part of the library only when it
// brings its own runtime; a shared one belongs to the whole process.
namespace __gnu_cxx {
void __freeres();
}

namespace {
[[gnu::destructor]] void release_runtime() { __gnu_cxx::__freeres(); }
}  // namespace
