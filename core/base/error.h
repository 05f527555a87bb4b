// Why something failed, in the words of the person who must mend it: what, where, why (the trail),
// how to mend it.
//
// One pointer wide: errors ride along in every Result, yet happen rarely. Movable, not copyable
// (clone() where one failure must be told to several waiters). Threads: a value, no sharing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error_codes.h"

namespace hod {

class [[nodiscard]] Error {
 public:
  // `what`: one lower-case clause without a full stop, names in backticks.
  Error(ErrorCode code, std::string what);
  Error(Error&&) noexcept;
  Error& operator=(Error&&) noexcept;
  ~Error();
  Error clone() const;

  // Builders, to be chained on a temporary.
  Error&& at(std::string where) &&;     // file:line:column, URL, package; the first one given stays
  Error&& detail(std::string line) &&;  // further lines: "expected sha512-…  got sha512-…"
  Error&& hint(std::string hint) &&;    // what to do about it
  Error&& during(std::string step) &&;  // added on the way up, innermost first

  ErrorCode code() const;
  const std::string& what() const;
  const std::string& where() const;
  const std::vector<std::string>& details() const;
  const std::vector<std::string>& hints() const;
  const std::vector<std::string>& trail() const;

  // The whole message as people read it, several lines, ending with a newline:
  //   error: <what> [CODE]\n  where: …\n  <details>\n  while <trail>\nhint: …\n
  std::string text() const;

 private:
  struct Detail;
  std::unique_ptr<Detail> detail_;
};

// The Error for a failed system call: `doing` says what was tried ("write"), `path` on what.
// Chooses the code by errno (ENOSPC → disk_full, EACCES/EPERM/EROFS → permission_denied, ENOENT →
// file_missing, else disk_failed) and a hint.
Error system_error(int error_number, std::string_view doing, std::string_view path);

}  // namespace hod
