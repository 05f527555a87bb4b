// SPDX-License-Identifier: MIT
// Places in a package.json as `npm pkg` names them: "scripts.test", "contributors[0].email",
// "overrides[socket.io].ws" (a key with dots stands in brackets), "files[]" (behind the last
// element). Reading and changing them; every byte that is not meant stays. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace hod::cli {

class ManifestQuery {
 public:
  // Error: usage (empty, brackets that do not match, more than 64 steps, `__proto__`).
  static Result<ManifestQuery> parse(std::string_view text);

  const std::string& text() const { return text_; }

  // What stands there, by the name it is shown under; none when there is nothing. A list with one
  // element is that element, and a key behind a list means that key of all its elements, each a
  // result of its own: both as npm has it. Error: usage ("[]" is no place to read from).
  Result<std::vector<std::pair<std::string, Json>>> find(const Json& manifest) const;

  // `manifest`, a package.json's text, with `value` there; what is missing on the way is made.
  // Errors: usage (something on the way is neither object nor list; an index far behind a list's
  // end), json_invalid, manifest_invalid.
  Result<std::string> set(std::string_view manifest, const Json& value,
                          std::string_view origin) const;
  // The text without what stands there; the object or list it was in stays. Errors: as set().
  Result<std::string> remove(std::string_view manifest, std::string_view origin) const;

 private:
  struct Step {
    std::string key;           // digits for an index; "" with `append`
    bool in_brackets = false;  // an index makes a list where there is nothing yet
    bool append = false;
    std::string written;  // ".key", "[0]"
  };

  Result<Json> with(const Json* before, std::size_t at, const Json& value) const;
  Result<Json> with_element(const Json* before, std::size_t at, const Json& value) const;
  Json without(const Json& before, std::size_t at) const;
  // "`contributors[0]` …": the way up to a step, for messages.
  std::string way_to(std::size_t at) const;

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace hod::cli
