// The ini dialect of .npmrc, as the npm package `ini` 6 reads it.
//
// Values are texts; `true`, `false` and `null` alone are those values, quoted ones are JSON
// ("a\nb", '[1]'). A key without
// `=` is true. `key[]` collects a list. Comments begin with `;` or `#`, in values too unless
// escaped by a backslash. Sections become objects, dots in their names nest. `__proto__` is dropped
// everywhere. Time: n log n in the text's length. Threads: pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"

namespace hod {

struct IniDocument {
  Json values = Json::object();
  std::map<std::string, unsigned, std::less<>>
      lines;  // of each top-level key: where it was set last, from 1
};

struct IniOptions {
  bool bracketed_arrays = true;  // false: a key given twice is a list, brackets mean nothing
};

// Error: config_invalid, for the few texts that the package itself throws at (a key that is null).
Result<IniDocument> parse_ini(std::string_view text, IniOptions options = {});

}  // namespace hod
