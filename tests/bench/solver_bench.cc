// SPDX-License-Identifier: MIT
// solver_bench [--generated N]... [--lock HOD_LOCK] [PACKUMENTS PROJECT...]
//
// How long the solver takes, warm: metadata records are made from packuments
// (PACKUMENTS/<name>.json), or are those of a made-up registry of N names with the proportions of
// the public one, so what is timed is opening the records, solving and making the graph. PROJECT is
// a folder with a package.json (workspace members by path behind it, comma separated). Prints a
// line a project: packages, versions of one name, rounds of asking, conflicts, milliseconds (best
// of several), peak memory; with --why also warnings and errors, with --list the packages, with
// --lock also what is asked about when there is that lockfile.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "cache/metadata_cache.h"
#include "core/base/file.h"
#include "core/model/manifest.h"
#include "lockfile/hod_lock.h"
#include "resolver/solver.h"
#include "tests/resolution/realistic_registry.h"

namespace {

using namespace hod;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string packuments;
  std::vector<std::string> projects;
  std::vector<std::size_t> generated;
  std::optional<ResolutionGraph> locked;
  bool why = false;
  bool list = false;
  int repeat = 5;
  resolver::Policy policy;
};

class Records {
 public:
  explicit Records(std::string folder) : folder_(std::move(folder)) {}
  explicit Records(std::map<std::string, std::vector<std::byte>> records)
      : records_(std::move(records)) {}

  // Null: there is no such packument.
  const std::vector<std::byte>* find(const std::string& name) {
    const auto [known, is_new] = records_.try_emplace(name);
    if (is_new && !folder_.empty()) {
      const Result<std::string> text = read_file(folder_ + "/" + name + ".json");
      if (text) {
        Result<PackageMetadata> parsed = cache::parse_packument(*text, name);
        if (parsed) known->second.assign(parsed->bytes().begin(), parsed->bytes().end());
      }
    }
    return known->second.empty() ? nullptr : &known->second;
  }

 private:
  std::string folder_;
  std::map<std::string, std::vector<std::byte>> records_;
};

struct Run {
  std::optional<ResolutionGraph> graph;
  std::string error;
  std::vector<resolver::Warning> warnings;
  std::size_t rounds = 0;
  resolver::Solver::Statistics statistics;
  double solving = 0;  // milliseconds
  double opening = 0;
  std::set<std::string> absent;
  std::set<std::string> asked;
};

double since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Run run(const Requirements& requirements, const Options& options, Records& records) {
  Run result;
  const auto start = Clock::now();
  double reading = 0;
  resolver::Solver solver(requirements, options.locked ? &*options.locked : nullptr,
                          options.policy);
  for (;;) {
    const resolver::Solver::Step step = solver.advance();
    if (step.done) break;
    ++result.rounds;
    for (const resolver::MetadataKey& key : step.needed) {
      if (options.locked) result.asked.insert(key.name);
      const auto before_reading = Clock::now();
      const std::vector<std::byte>* record = records.find(key.name);
      const auto before_opening = Clock::now();
      reading += since(before_reading) - since(before_opening);
      if (!record) {
        result.absent.insert(key.name);
        solver.provide_missing(
            key, Error(ErrorCode::package_not_found, "there is no package `" + key.name + "`"));
        continue;
      }
      Result<PackageMetadata> metadata =
          PackageMetadata::open(*record, nullptr, RecordTrust::same_bytes);
      result.opening += since(before_opening);
      solver.provide(key, std::move(*metadata));
    }
  }
  Result<ResolutionGraph> graph = solver.take_result();
  result.solving = since(start) - reading - result.opening;
  if (graph) {
    result.graph = std::move(*graph);
  } else {
    result.error = graph.error().text();
  }
  result.warnings = solver.warnings();
  result.statistics = solver.statistics();
  return result;
}

Result<Requirements> read_project(const std::string& project) {
  std::vector<std::string> folders;
  for (std::size_t from = 0; from <= project.size();) {
    const std::size_t comma = std::min(project.find(',', from), project.size());
    folders.push_back(project.substr(from, comma - from));
    from = comma + 1;
  }
  std::vector<Manifest> manifests;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const std::string path =
        (i == 0 ? folders[0] : folders[0] + "/" + folders[i]) + "/package.json";
    HOD_TRY(const std::string text, read_file(path));
    HOD_TRY(Manifest manifest, Manifest::parse(text, path, Strict::yes));
    manifests.push_back(std::move(manifest));
  }
  std::vector<Requirements::Member> members;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    members.push_back({i == 0 ? "." : folders[i], &manifests[i]});
  }
  return Requirements::of_manifests(members);
}

void report(const std::string& project, const Run& first, const std::vector<Run>& runs,
            const Options& options) {
  double solving = 1e9;
  double opening = 1e9;
  for (const Run& one : runs) {
    solving = std::min(solving, one.solving);
    opening = std::min(opening, one.opening);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::set<std::string> versions;
  std::map<std::string, std::set<std::string>> names;
  const std::size_t instances = first.graph ? first.graph->packages.size() : 0;
  for (std::size_t i = 0; i < instances; ++i) {
    const GraphPackage& package = first.graph->packages[i];
    versions.insert(package.id());
    names[package.name].insert(package.version);
  }
  std::printf(
      "%-40s %5zu instances %5zu packages %5zu names %3zu rounds %5llu conflicts "
      "%8.2f ms solving %6.2f ms opening %4ld MB%s\n",
      project.substr(project.size() > 40 ? project.size() - 40 : 0).c_str(), instances,
      versions.size(), names.size(), first.rounds,
      static_cast<unsigned long long>(first.statistics.conflicts), solving, opening,
      usage.ru_maxrss / 1024, first.graph ? "" : "  NO SOLUTION");
  if (options.why) {
    for (const std::string& name : first.absent) std::printf("  absent: %s\n", name.c_str());
    for (const resolver::Warning& warning : first.warnings) {
      std::printf("  warning: %s\n", warning.text.c_str());
    }
    std::fputs(first.error.c_str(), stdout);
  }
  if (options.locked) {
    std::printf("  asked about %zu:", first.asked.size());
    for (const std::string& name : first.asked) std::printf(" %s", name.c_str());
    std::printf("\n");
  }
  if (options.list) {
    for (const std::string& version : versions) std::printf("%s\n", version.c_str());
  }
}

bool parse_options(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    if (word == "--why") {
      options.why = true;
    } else if (word == "--list") {
      options.list = true;
    } else if (word == "--once") {
      options.repeat = 1;
    } else if (word == "--often") {
      options.repeat = 100;
    } else if (word == "--generated" && i + 1 < count) {
      options.generated.push_back(std::strtoull(arguments[++i], nullptr, 10));
    } else if (word == "--lock" && i + 1 < count) {
      const std::string path = arguments[++i];
      const Result<std::string> text = read_file(path);
      Result<ResolutionGraph> graph =
          text ? lockfile::read_hod_lock(*text, path) : failure(text.error().clone());
      if (!graph) return false;
      options.locked = std::move(*graph);
      options.policy.trust_locked = true;
      options.policy.keep_locked_peers = true;
    } else if (word == "--fewest") {
      options.policy.resolution = resolver::Resolution::fewest;
    } else if (word == "--loose-peers") {
      options.policy.peers = resolver::Peers::forgiving;
    } else if (options.packuments.empty()) {
      options.packuments = word;
    } else {
      options.projects.push_back(word);
    }
  }
  return !options.projects.empty() || !options.generated.empty();
}

void measure(const std::string& title, const Requirements& requirements, Records& records,
             const Options& options) {
  const Run first = run(requirements, options, records);  // also reads the packuments
  std::vector<Run> runs;
  for (int i = 0; i < options.repeat; ++i) {
    runs.push_back(run(requirements, options, records));
    runs.back().graph.reset();  // only its times count; the peak is to be that of one run
  }
  report(title, first, runs, options);
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  if (!parse_options(count, arguments, options)) {
    std::fputs(
        "usage: solver_bench [--why] [--list] [--once] [--often] [--fewest] [--loose-peers] "
        "[--generated N]... [--lock HOD_LOCK] [PACKUMENTS PROJECT...]\n",
        stderr);
    return 2;
  }
  for (const std::size_t names : options.generated) {
    resolution::RealisticRegistry made = resolution::realistic_registry(names, 1);
    Records records(std::move(made.records));
    measure("generated, " + std::to_string(names) + " names", made.requirements, records, options);
  }
  Records records(options.packuments);
  for (const std::string& project : options.projects) {
    const Result<Requirements> requirements = read_project(project);
    if (!requirements) {
      std::fputs(requirements.error().text().c_str(), stderr);
      return 1;
    }
    measure(project, *requirements, records, options);
  }
  return 0;
}
