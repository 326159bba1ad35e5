// quotectl collateral fetch, import and sources: collateral from where it comes from, verified.
#pragma once

#include <optional>
#include <string>

#include "quotectl/commands.h"
#include "quotectl/describe_sgx.h"

namespace quoted::quotectl {

void add_collateral_fetch_commands(CLI::App& collateral, Action& chosen);

// What `fetch` left in a directory about where its documents came from, if it is one of its own.
[[nodiscard]] std::optional<Json> read_fetched(const std::string& directory);

}  // namespace quoted::quotectl
