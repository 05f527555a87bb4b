// SPDX-License-Identifier: MIT
// Errors as values: see error.h. The text form is what every command prints, so it is made in one
// place only.
#include "core/base/error.h"

#include <cerrno>
#include <cstring>

#include "core/base/printable.h"

namespace hod {

struct Error::Detail {
  ErrorCode code;
  std::string what;
  std::string where;
  std::vector<std::string> details;
  std::vector<std::string> hints;
  std::vector<std::string> trail;
};

Error::Error(ErrorCode code, std::string what)
    : detail_(new Detail{code, std::move(what), {}, {}, {}, {}}) {}
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(Error&&) noexcept = default;
Error::~Error() = default;

Error Error::clone() const {
  Error copy(detail_->code, detail_->what);
  *copy.detail_ = *detail_;
  return copy;
}

Error&& Error::at(std::string where) && {
  if (detail_->where.empty()) detail_->where = std::move(where);
  return std::move(*this);
}
Error&& Error::detail(std::string line) && {
  detail_->details.push_back(std::move(line));
  return std::move(*this);
}
Error&& Error::hint(std::string hint) && {
  detail_->hints.push_back(std::move(hint));
  return std::move(*this);
}
Error&& Error::during(std::string step) && {
  detail_->trail.push_back(std::move(step));
  return std::move(*this);
}

ErrorCode Error::code() const { return detail_->code; }
const std::string& Error::what() const { return detail_->what; }
const std::string& Error::where() const { return detail_->where; }
const std::vector<std::string>& Error::details() const { return detail_->details; }
const std::vector<std::string>& Error::hints() const { return detail_->hints; }
const std::vector<std::string>& Error::trail() const { return detail_->trail; }

std::string Error::text() const {
  std::string out = "error: " + printable_lines(detail_->what) + " [" +
                    std::string(error_name(detail_->code)) + "]\n";
  if (!detail_->where.empty()) out += "  where: " + printable(detail_->where) + "\n";
  for (const std::string& line : detail_->details) {
    out += line.empty() ? "\n" : "  " + printable_lines(line) + "\n";
  }
  for (const std::string& step : detail_->trail) out += "  while " + printable(step) + "\n";
  for (const std::string& hint : detail_->hints) out += "hint: " + printable_lines(hint) + "\n";
  return out;
}

namespace {
struct ErrnoRow {
  int number;
  ErrorCode code;
  const char* hint;
};
constexpr ErrnoRow kErrnoRows[] = {
    {ENOSPC, ErrorCode::disk_full,
     "free some space on that disk and run the command again; nothing is half-written"},
    {EDQUOT, ErrorCode::disk_full,
     "your disk quota is used up: free some space and run the command again"},
    {EACCES, ErrorCode::permission_denied,
     "check who owns the folder; hod never needs `sudo` for a project of yours"},
    {EPERM, ErrorCode::permission_denied,
     "check who owns the folder and whether the file system allows the operation"},
    {EROFS, ErrorCode::permission_denied, "the file system is mounted read-only"},
    {ENOENT, ErrorCode::file_missing, nullptr},
    {EMFILE, ErrorCode::disk_failed, "raise the limit of open files (`ulimit -n`)"},
};
}  // namespace

Error system_error(int error_number, std::string_view doing, std::string_view path) {
  ErrorCode code = ErrorCode::disk_failed;
  const char* hint = nullptr;
  for (const ErrnoRow& row : kErrnoRows) {
    if (row.number != error_number) continue;
    code = row.code;
    hint = row.hint;
  }
  Error error(code, "cannot " + std::string(doing) + ": " + std::strerror(error_number));
  error = std::move(error).at(std::string(path));
  if (hint != nullptr) error = std::move(error).hint(hint);
  return error;
}

}  // namespace hod
