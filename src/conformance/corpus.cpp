#include "conformance/corpus.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/hex.h"
#include "base/text.h"
#include "conformance/embedded_corpus.h"
#include "conformance/expectation.h"

namespace quoted::conformance {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using Json = nlohmann::json;

constexpr std::size_t kMaxLine = std::size_t{256} * 1024;
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxItems = 64;  // writes, rules, and neighbours of a step
constexpr std::int64_t kMaxPatience = 15'000;

tl::unexpected<base::Error> malformed(std::string why) {
  return fail(ErrorCode::kMalformed, std::move(why));
}

Result<Json> parse_object(std::string_view line) {
  if (line.size() > kMaxLine) {
    return malformed(text("it has ", line.size(), " bytes, at most ", kMaxLine, " are valid"));
  }
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > 2;
    return !too_deep;
  };
  Json object = Json::parse(line, watch, false);
  if (too_deep || !object.is_object()) return malformed("it is not one JSON object");
  return object;
}

bool printable(char c) { return c >= ' ' && c <= '~'; }

Result<std::string> name(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    return malformed(text("it has no text '", key, "'"));
  }
  const auto& value = found->get_ref<const std::string&>();
  // It is printed in a table.
  if (value.empty() || value.size() > kMaxName || !std::ranges::all_of(value, printable)) {
    return malformed(text("'", key, "' is not 1 to ", kMaxName, " printable characters"));
  }
  return value;
}

Result<std::vector<std::string>> texts(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array() || found->size() > kMaxItems) {
    return malformed(text("it has no list '", key, "' of at most ", kMaxItems, " texts"));
  }
  std::vector<std::string> out;
  for (const Json& one : *found) {
    if (!one.is_string()) return malformed(text("'", key, "' holds something that is no text"));
    out.push_back(one.get<std::string>());
  }
  return out;
}

Result<bool> flag(const Json& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end()) return false;
  if (!found->is_boolean()) return malformed(text("'", key, "' is neither true nor false"));
  return found->get<bool>();
}

Result<bool> is_required(const Json& object) {
  if (!object.contains("weight")) return true;
  QUOTED_TRY(const std::string weight, name(object, "weight"));
  if (weight != "must" && weight != "should") return malformed("'weight' is not must or should");
  return weight == "must";
}

Result<std::vector<base::Bytes>> neighbours(const Json& object) {
  std::vector<base::Bytes> out;
  if (!object.contains("neighbours")) return out;
  QUOTED_TRY(const auto all, texts(object, "neighbours"));
  for (const std::string& one : all) {
    QUOTED_TRY(base::Bytes sent, base::from_hex(one));
    out.push_back(std::move(sent));
  }
  return out;
}

Result<std::optional<std::chrono::milliseconds>> patience(const Json& object) {
  const auto found = object.find("within");
  if (found == object.end()) return std::nullopt;
  if (!found->is_number_unsigned() || *found < 1 || *found > kMaxPatience) {
    return malformed(text("'within' is not 1 to ", kMaxPatience, " ms"));
  }
  return std::chrono::milliseconds(found->get<std::int64_t>());
}

Result<Expectation> parse_expectation(const Json& object) {
  QUOTED_TRY(const auto lines, texts(object, "expect"));
  if (lines.empty()) return malformed("'expect' is empty");
  Expectation out;
  for (const std::string& line : lines) {
    QUOTED_CHECK(add_expectation(line, out));
  }
  const auto forms = std::ranges::count_if(lines, [](const std::string& line) {
    return line == "closed" || line.starts_with("bytes ") || line.starts_with("answer ");
  });
  if (forms != 1) {
    return malformed(text("'expect' says ", forms,
                          " times, not once, 'closed', 'bytes' or "
                          "'answer'"));
  }
  if (out.form != Expectation::Form::kAnswer && !out.rules.empty()) {
    return malformed("'expect' has rules for an answer, but no 'answer'");
  }
  return out;
}

Result<Step> parse_step(const Json& object) {
  Step out;
  QUOTED_TRY(out.name, name(object, "step"));
  QUOTED_TRY(const auto writes, texts(object, "send"));
  for (const std::string& write : writes) {
    QUOTED_TRY(Write parsed, parse_write(write));
    out.writes.push_back(std::move(parsed));
  }
  QUOTED_TRY(out.half_close, flag(object, "half_close"));
  QUOTED_TRY(out.leaves, flag(object, "leaves"));
  QUOTED_TRY(out.required, is_required(object));
  QUOTED_TRY(out.hostile, flag(object, "hostile"));
  QUOTED_TRY(out.without_epid, flag(object, "without_epid"));
  QUOTED_TRY(out.neighbours, neighbours(object));
  QUOTED_TRY(out.within, patience(object));
  QUOTED_TRY(out.expectation, parse_expectation(object));
  return out;
}

class Parser {
 public:
  Status take(std::string_view line) {
    QUOTED_TRY(const Json object, parse_object(line));
    if (client_.empty()) return take_header(object);
    if (++steps_ > kMaxStepsInFile) {
      return malformed(text("a client has at most ", kMaxStepsInFile, " steps"));
    }
    QUOTED_TRY(const std::string conversation, name(object, "conversation"));
    QUOTED_TRY(Step step, parse_step(object));
    if (out_.empty() || out_.back().name != conversation) {
      out_.push_back({.client = client_, .name = conversation, .steps = {}});
    }
    out_.back().steps.push_back(std::move(step));
    return {};
  }

  [[nodiscard]] Corpus corpus() && { return std::move(out_); }

 private:
  Status take_header(const Json& object) {
    QUOTED_TRY(const std::string format, name(object, "format"));
    if (format != "quoted-wire-corpus") return malformed("'format' is not 'quoted-wire-corpus'");
    const auto version = object.find("version");
    if (version == object.end() || *version != kCorpusVersion) {
      return malformed(text("'version' is not ", kCorpusVersion));
    }
    QUOTED_TRY(client_, name(object, "client"));
    return {};
  }

  std::string client_;
  std::size_t steps_ = 0;
  Corpus out_;
};

void append(Corpus& out, Corpus more) { std::ranges::move(more, std::back_inserter(out)); }

}  // namespace

Result<Corpus> parse_client(std::string_view content) {
  Parser parser;
  for (std::size_t number = 1; !content.empty(); ++number) {
    const std::size_t end = content.find('\n');
    if (end == std::string_view::npos) {
      return malformed(text("line ", number, ": it is cut off before its end"));
    }
    if (auto taken = parser.take(content.substr(0, end)); !taken) {
      return malformed(text("line ", number, ": ", taken.error().message()));
    }
    content.remove_prefix(end + 1);
  }
  Corpus out = std::move(parser).corpus();
  if (out.empty()) return malformed("there is no conversation in it");
  return out;
}

Result<Corpus> built_in_corpus() {
  Corpus out;
  for (const EmbeddedClient& client : embedded_corpus()) {
    auto parsed = parse_client(client.content);
    if (!parsed) return fail(std::move(parsed).error().with_context(std::string(client.name)));
    append(out, *std::move(parsed));
  }
  return out;
}

Result<Corpus> load_corpus(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  auto entry = std::filesystem::directory_iterator(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".jsonl") files.push_back(entry->path());
    if (files.size() > kMaxCorpusFiles) break;
  }
  if (error) {
    return fail(ErrorCode::kFileUnreadable,
                text("cannot read the corpus in ", directory.string(), ": ", error.message()));
  }
  if (files.empty() || files.size() > kMaxCorpusFiles) {
    return malformed(text("the corpus in ", directory.string(), " has ",
                          files.empty() ? "no files *.jsonl" : "too many files *.jsonl"));
  }
  std::ranges::sort(files);
  Corpus out;
  for (const auto& file : files) {
    QUOTED_TRY(const base::Bytes content, base::read_file(file, kMaxCorpusFile));
    auto parsed = parse_client(base::as_text(content));
    if (!parsed) return fail(std::move(parsed).error().with_context(file.string()));
    append(out, *std::move(parsed));
  }
  return out;
}

}  // namespace quoted::conformance
