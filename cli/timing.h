// SPDX-License-Identifier: MIT
// --timing: what each phase cost. Phases may overlap; CPU is the process's while the phase ran.
// Main thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "cli/reporter.h"
#include "core/base/json.h"

namespace hod::cli {

class Timing {
 public:
  Timing();
  void start(Phase phase);
  void stop(Phase phase);  // of a phase that does not run: nothing
  void add_operations(Phase phase, std::uint64_t count);
  void add_bytes(Phase phase, std::uint64_t count);

  std::chrono::nanoseconds total() const;  // since construction
  // A table for people, ending with a newline.
  std::string text() const;
  Json document() const;

 private:
  struct Row {
    bool used = false, running = false;
    std::chrono::nanoseconds wall{0}, cpu{0};
    std::chrono::nanoseconds wall_start{0}, cpu_start{0};
    std::uint64_t operations = 0, bytes = 0;
    std::uint64_t peak_memory = 0;  // bytes, of the process when the phase ended
  };
  std::array<Row, kPhaseCount> rows_;
  std::chrono::nanoseconds start_;
};

// Runs a phase for the lifetime of a scope.
class PhaseScope {
 public:
  PhaseScope(Timing& timing, Phase phase) : timing_(timing), phase_(phase) {
    timing_.start(phase_);
  }
  ~PhaseScope() { timing_.stop(phase_); }
  PhaseScope(const PhaseScope&) = delete;
  PhaseScope& operator=(const PhaseScope&) = delete;

 private:
  Timing& timing_;
  Phase phase_;
};

}  // namespace hod::cli
