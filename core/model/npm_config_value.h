// Values of npm's configuration: from what a file or a variable says to what it means, by the key's
// type.
//
// npm does it in two steps, and so do we: parsing (blanks, `${VAR}`, numbers, paths), then
// validation, which drops what does not fit ("strict-ssl=no" is no failure: any text but false,
// null and 0 is true). Threads: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/environment.h"
#include "core/base/json.h"

namespace hod {

// `${NAME}` by its value; of a variable that is not set the text stays, `${NAME?}` is empty then. A
// backslash before `$` takes the meaning away. What came out is never read again (T-CFG-05).
// `defaults`: hod's own `${NAME:-text}` is understood, too.
std::string expand_variables(std::string_view text, const Environment& environment,
                             bool defaults = false);

struct NpmConfigContext {
  const Environment& environment;
  std::string home;       // of "~/" in paths
  std::string folder;     // what relative paths are taken from
  bool expand = true;     // `${NAME}` in values
  bool defaults = false;  // `${NAME:-text}`
};

// `written`: a text (or what the ini reader makes of it: a list, true, false, null). The value, of
// the key's type; keys that npm does not know may have any. Dates are texts. Nothing: the value
// does not fit, the key counts as not set.
std::optional<Json> npm_config_value(std::string_view key, const Json& written,
                                     const NpmConfigContext& context);

// "a, b or c", what the key's values may be; for messages.
std::string npm_config_expectation(std::string_view key);

}  // namespace hod
