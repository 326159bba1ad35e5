#include "verification/rules.h"

#ifdef QUOTED_RULE_SWITCH
#include <cstdlib>
#endif

namespace quoted::verification {

#ifdef QUOTED_RULE_SWITCH
bool rule_is_off(std::string_view name) {
  static const char* const off = std::getenv("QUOTED_RULE_OFF");
  return off != nullptr && name == off;
}
#else
bool rule_is_off(std::string_view /*name*/) { return false; }
#endif

}  // namespace quoted::verification
