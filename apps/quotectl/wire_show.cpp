#include <nlohmann/json.hpp>

#include "base/text.h"
#include "quotectl/describe_message.h"
#include "quotectl/output.h"
#include "quotectl/render.h"
#include "quotectl/wire.h"

namespace quoted::quotectl {
namespace {

using base::Result;
using base::Status;
using base::text;
using recording::Item;

// "0.001234 s"
std::string seconds(std::uint64_t microseconds) {
  constexpr std::uint64_t kPerSecond = 1'000'000;
  std::string fraction = text(microseconds % kPerSecond);
  fraction.insert(0, 6 - fraction.size(), '0');
  return text(microseconds / kPerSecond, '.', fraction, " s");
}

std::string_view summary(const Json& content) {
  for (const char* const key : {"message", "event"}) {
    if (const auto found = content.find(key); found != content.end()) {
      return found->get_ref<const std::string&>();
    }
  }
  return "damaged";
}

std::string as_text(const Item& item) {
  Json content = describe_message(item);
  std::string out = text('#', item.connection, ' ', seconds(item.time_us), "  ",
                         recording::name_of(item.from), ": ", summary(content), '\n');
  content.erase("message");
  content.erase("event");
  return out + render_text(content, 4);
}

Json as_json(const Item& item) {
  Json out = {{"connection", item.connection},
              {"time_us", item.time_us},
              {"from", recording::name_of(item.from)}};
  Json content = describe_message(item);
  for (const auto& [key, value] : content.items()) out[key] = std::move(value);
  return out;
}

// What render_json gives for the array of all items, without holding more than one of them: their
// description takes many times the memory of their bytes.
Status print_array(const std::vector<Item>& items) {
  std::string_view separator = "[";
  for (const Item& item : items) {
    const std::string object = render_json(as_json(item));
    std::string indented(separator);
    // Its last line ends with LF, too.
    for (std::string_view rest = object; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
      indented.append("\n  ").append(rest.substr(0, rest.find('\n')));
    }
    QUOTED_CHECK(print(indented));
    separator = ",";
  }
  return print(items.empty() ? "[]\n" : "\n]\n");
}

}  // namespace

Result<ExitCode> show_wire(const WireShowOptions& options) {
  QUOTED_TRY(const auto transcript, read_transcript(options.file));
  if (!options.json) {
    for (const Item& item : transcript) QUOTED_CHECK(print(as_text(item)));
    return ExitCode::kSuccess;
  }
  QUOTED_CHECK(print_array(transcript));
  return ExitCode::kSuccess;
}

}  // namespace quoted::quotectl
