// What a command tells the world: lines for people on stderr (data on stdout), or JSON lines for machines.
// Three implementations: terminal (live lines), plain (CI, pipes), JSON. Main thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace hod::cli {

enum class Phase : std::uint8_t { read, resolve, fetch, link, scripts };
std::string_view phase_name(Phase phase);

struct Progress {
  std::uint64_t done = 0, total = 0;  // items
  std::uint64_t bytes = 0;            // received so far
  std::string slowest;                // what is waited for
};

class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void progress(Phase phase, const Progress& progress) = 0;  // cheap: draws at most 10 times a second
  virtual void phase_done(Phase phase) = 0;
  virtual void notice(std::string_view text) = 0;   // "! 2 packages want to run install scripts"
  virtual void warning(std::string_view text) = 0;
  virtual void error(const Error& error) = 0;
  virtual void line(std::string_view text) = 0;     // part of the summary, people only
  virtual void data(std::string_view text) = 0;     // the command's output, stdout
};

}  // namespace hod::cli
