// Signed documents with one member changed, for tests of their readers. The signature does not fit
// afterwards, which the readers do not judge.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "collateral/qvl_status.h"
#include "test_support/vectors.h"

namespace quoted::collateral::testing {

using Json = nlohmann::ordered_json;

class EditableDocument {
 public:
  EditableDocument(const std::string& vector, std::string member)
      : root_(Json::parse(test::read_text_vector(vector))), member_(std::move(member)) {}

  [[nodiscard]] Json& root() { return root_; }
  [[nodiscard]] Json& body() { return root_.at(member_); }
  [[nodiscard]] std::string text() const { return root_.dump(); }

  // The text with the value at `pointer` ("/tcbInfo/version") replaced by this JSON, or taken away.
  [[nodiscard]] std::string with(const std::string& pointer, const std::string& json) const {
    Json changed = root_;
    changed[Json::json_pointer(pointer)] = Json::parse(json);
    return changed.dump();
  }
  [[nodiscard]] std::string without(const std::string& pointer) const {
    const Json::json_pointer place(pointer);
    Json changed = root_;
    Json& parent = changed.at(place.parent_pointer());
    if (parent.is_array()) {
      parent.erase(std::stoul(place.back()));
    } else {
      parent.erase(place.back());
    }
    return changed.dump();
  }

 private:
  Json root_;
  std::string member_;
};

// One row of a table of members: what the reader says when the member is missing, and for each of
// `bad` in its place. No status where its absence is no fault.
struct MemberRule {
  std::string pointer;
  std::optional<QvlStatus> missing;
  QvlStatus bad;
  std::vector<std::string> bad_values;
};

// What `read` says of `text`.
template <class Document>
[[nodiscard]] QvlStatus status_of(const std::string& text) {
  const auto document = Document::parse(text);
  return document ? QvlStatus::kOk : document.error().status;
}

template <class Document>
void expect_rule(const EditableDocument& good, const MemberRule& rule) {
  EXPECT_EQ(status_of<Document>(good.without(rule.pointer)),
            rule.missing.value_or(QvlStatus::kOk))
      << rule.pointer << " missing";
  for (const std::string& value : rule.bad_values) {
    EXPECT_EQ(status_of<Document>(good.with(rule.pointer, value)), rule.bad)
        << rule.pointer << " is " << value;
  }
}

}  // namespace quoted::collateral::testing
