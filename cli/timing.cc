// SPDX-License-Identifier: MIT
#include "cli/timing.h"

#include <fmt/core.h>
#include <sys/resource.h>

namespace hod::cli {

namespace {

std::chrono::nanoseconds wall_now() { return std::chrono::steady_clock::now().time_since_epoch(); }

rusage usage() {
  rusage out{};
  getrusage(RUSAGE_SELF, &out);
  return out;
}

std::chrono::nanoseconds cpu_now() {
  rusage used = usage();
  auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

std::uint64_t peak_memory() { return static_cast<std::uint64_t>(usage().ru_maxrss) * 1024; }

double milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

Timing::Timing() : start_(wall_now()) {}

void Timing::start(Phase phase) {
  Row& row = rows_[static_cast<std::size_t>(phase)];
  if (row.running) return;
  row.used = row.running = true;
  row.wall_start = wall_now();
  row.cpu_start = cpu_now();
}

void Timing::stop(Phase phase) {
  Row& row = rows_[static_cast<std::size_t>(phase)];
  if (!row.running) return;
  row.running = false;
  row.wall += wall_now() - row.wall_start;
  row.cpu += cpu_now() - row.cpu_start;
  row.peak_memory = peak_memory();
}

void Timing::add_operations(Phase phase, std::uint64_t count) {
  rows_[static_cast<std::size_t>(phase)].operations += count;
}

void Timing::add_bytes(Phase phase, std::uint64_t count) {
  rows_[static_cast<std::size_t>(phase)].bytes += count;
}

std::chrono::nanoseconds Timing::total() const { return wall_now() - start_; }

std::string Timing::text() const {
  std::uint64_t operations = 0, bytes = 0;
  std::string out = fmt::format("{:<10}{:>12}{:>12}{:>12}{:>12}{:>12}\n", "phase", "wall", "cpu",
                                "operations", "bytes", "peak");
  for (std::size_t i = 0; i < kPhaseCount; ++i) {
    const Row& row = rows_[i];
    if (!row.used) continue;
    operations += row.operations;
    bytes += row.bytes;
    out += fmt::format("{:<10}{:>9.1f} ms{:>9.1f} ms{:>12}{:>12}{:>12}\n",
                       phase_name(static_cast<Phase>(i)), milliseconds(row.wall),
                       milliseconds(row.cpu), row.operations, readable_bytes(row.bytes),
                       readable_bytes(row.peak_memory));
  }
  return out + fmt::format("{:<10}{:>9.1f} ms{:>9.1f} ms{:>12}{:>12}{:>12}\n", "total",
                           milliseconds(total()), milliseconds(cpu_now()), operations,
                           readable_bytes(bytes), readable_bytes(peak_memory()));
}

Json Timing::document() const {
  std::uint64_t operations = 0, bytes = 0;
  Json phases = Json::array();
  for (std::size_t i = 0; i < kPhaseCount; ++i) {
    const Row& row = rows_[i];
    if (!row.used) continue;
    Json phase = Json::object();
    phase.set("phase", Json::string(phase_name(static_cast<Phase>(i))));
    phase.set("wallMs", Json::real(milliseconds(row.wall)));
    phase.set("cpuMs", Json::real(milliseconds(row.cpu)));
    phase.set("operations", Json::number(static_cast<std::int64_t>(row.operations)));
    phase.set("bytes", Json::number(static_cast<std::int64_t>(row.bytes)));
    phase.set("peakBytes", Json::number(static_cast<std::int64_t>(row.peak_memory)));
    phases.push(std::move(phase));
    operations += row.operations;
    bytes += row.bytes;
  }
  Json document = Json::object();
  document.set("phases", std::move(phases));
  document.set("wallMs", Json::real(milliseconds(total())));
  document.set("cpuMs", Json::real(milliseconds(cpu_now())));
  document.set("operations", Json::number(static_cast<std::int64_t>(operations)));
  document.set("bytes", Json::number(static_cast<std::int64_t>(bytes)));
  document.set("peakBytes", Json::number(static_cast<std::int64_t>(peak_memory())));
  return document;
}

}  // namespace hod::cli
