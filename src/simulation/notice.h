// How the simulated world tells its host what a person should know: a state file rebuilt, a
// certificate issued. The host logs it.
#pragma once

#include <functional>
#include <string>

namespace quoted::simulation {

using Notice = std::function<void(const std::string& message)>;

}  // namespace quoted::simulation
