// SPDX-License-Identifier: MIT
// See realistic_registry.h.
//
// Packages are numbered; the project uses the first ones, and a package depends on later ones only
// (and, rarely, on itself through a circle), so that all are reached. Versions of all packages grow
// older together: a version at half of its package's history asks for what was new at that time.
// So packages that are no longer cared for ask for old majors of what others use newer ones of,
// which is where several versions of a name come from.
#include "tests/resolution/realistic_registry.h"

#include <algorithm>
#include <utility>

#include "core/model/package_metadata.h"
#include "tests/resolution/seeded_dice.h"

namespace hod::resolution {

namespace {

constexpr std::size_t kDirect = 150;   // dependencies of the project
constexpr std::size_t kHosts = 12;     // names that peers are about
constexpr std::size_t kPopular = 400;  // the last names: what everybody uses
constexpr std::size_t kTicks = 1000;   // of history, 0 the oldest

struct Release {
  std::size_t major = 0;
  std::size_t minor = 0;
  std::size_t patch = 0;
  std::size_t tick = 0;
  std::string text() const {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  }
};

class Generator {
 public:
  Generator(std::size_t names, std::uint64_t seed) : dice_(seed) { packages_.resize(names); }

  RealisticRegistry run() {
    for (std::vector<Release>& releases : packages_) releases = history();
    choose_parents();
    RealisticRegistry made;
    for (std::size_t i = 0; i < packages_.size(); ++i) made.records.emplace(name(i), record(i));
    Importer project{".", "project", "1.0.0", {}};
    for (std::size_t i = 0; i < kDirect; ++i) {
      // Whoever stays with an old host says little about the plugins for it.
      std::string specifier = is_plugin(i) ? ">=" + packages_[i].front().text() : range(i, kTicks);
      project.dependencies.push_back({name(i), std::move(specifier), DependencyKind::production});
    }
    for (std::size_t i = 0; i < kHosts; ++i) {
      project.dependencies.push_back(
          {name(host(i)), "^" + release_at(host(i), i % 3 == 0 ? kTicks / 2 : kTicks).text(),
           DependencyKind::production});
    }
    made.requirements.importers.push_back(std::move(project));
    return made;
  }

 private:
  static std::string name(std::size_t i) {
    const std::string number = std::to_string(i);
    return i % 4 == 0 ? "@scope" + std::to_string(i % 37) + "/package-" + number
                      : "package-" + number;
  }
  std::size_t host(std::size_t i) const { return packages_.size() - kPopular - 1 - i; }

  bool is_plugin(std::size_t i) const {
    return i % 12 == 7 && i + kPopular + kHosts < packages_.size();
  }

  // Half of the packages have up to ten versions, one in a hundred has a few hundred.
  std::vector<Release> history() {
    const std::size_t dice = dice_.below(100);
    const std::size_t count = dice < 50   ? 1 + dice_.below(10)
                              : dice < 85 ? 10 + dice_.below(30)
                              : dice < 99 ? 40 + dice_.below(80)
                                          : 150 + dice_.below(350);
    std::vector<Release> releases;
    Release next{dice_.below(4) == 0 ? 0U : 1U, 0, 0, 0};
    for (std::size_t i = 0; i < count; ++i) {
      next.tick = (i + 1) * kTicks / count;
      releases.push_back(next);
      const std::size_t step = dice_.below(20);
      if (step == 0) {
        next = {next.major + 1, 0, 0, 0};
      } else if (step < 8) {
        next = {next.major, next.minor + 1, 0, 0};
      } else {
        ++next.patch;
      }
    }
    return releases;
  }

  // Each package below the project's own is used by at least one earlier one.
  void choose_parents() {
    children_.resize(packages_.size());
    for (std::size_t i = kDirect; i < packages_.size(); ++i) {
      children_[dice_.below(std::min(i, packages_.size() - kPopular))].push_back(i);
    }
    for (std::size_t i = 0; i + kPopular + kHosts < packages_.size(); ++i) {
      const std::size_t more = dice_.below(5);
      for (std::size_t k = 0; k < more; ++k) children_[i].push_back(popular());
    }
  }

  // A few of the popular ones are far more popular than the others.
  std::size_t popular() {
    const std::size_t rank = dice_.below(kPopular) * dice_.below(kPopular) / kPopular;
    return packages_.size() - 1 - rank;
  }

  const Release& release_at(std::size_t package, std::size_t tick) const {
    const std::vector<Release>& releases = packages_[package];
    const Release* newest = &releases.front();
    for (const Release& one : releases) {
      if (one.tick <= tick) newest = &one;
    }
    return *newest;
  }

  // What somebody who writes at that time asks for: mostly what is new, sometimes what was.
  std::string range(std::size_t package, std::size_t tick) {
    const std::size_t age = dice_.percent(75) ? 0 : dice_.below(tick / 2 + 1);
    const std::string text = release_at(package, tick - age).text();
    const std::size_t dice = dice_.below(100);
    if (dice < 82) return "^" + text;
    if (dice < 89) return "~" + text;
    if (dice < 93) return ">=" + text;
    if (dice < 97) return "^" + text + " || ^" + packages_[package].front().text();
    if (dice < 99) return text;
    return "*";
  }

  std::vector<std::byte> record(std::size_t i) {
    PackageMetadataBuilder builder(name(i));
    std::vector<Dependency> dependencies;
    for (const Release& release : packages_[i]) {
      // Most releases change nothing in what they ask for.
      if (dependencies.empty() || dice_.percent(30) || &release == &packages_[i].back()) {
        dependencies = requirements_of(i, release.tick);
      }
      VersionFacts facts;
      facts.version = release.text();
      facts.dependencies = dependencies;
      facts.integrity = "sha512-" + std::string(86, 'A') + "==";
      if (dice_.percent(2) && &release != &packages_[i].back())
        facts.deprecated = "use a newer one";
      builder.add_version(std::move(facts));
    }
    builder.add_tag("latest", packages_[i].back().text());
    return std::move(builder).build();
  }

  std::vector<Dependency> requirements_of(std::size_t i, std::size_t tick) {
    std::vector<Dependency> dependencies;
    const auto add = [&](std::size_t target, std::string specifier, DependencyKind kind) {
      const bool known =
          std::any_of(dependencies.begin(), dependencies.end(),
                      [&](const Dependency& one) { return one.alias == name(target); });
      if (!known) dependencies.push_back({name(target), std::move(specifier), kind});
    };
    for (const std::size_t child : children_[i]) {
      add(child, range(child, tick),
          dice_.percent(3) ? DependencyKind::optional : DependencyKind::production);
    }
    if (is_plugin(i)) {
      const std::size_t target = host(i / 12 % kHosts);
      // Plugins accept what there was when they were written, and what came since if they are kept;
      // or only what was new then, so that an old host needs an old plugin.
      const bool narrow = packages_[i].size() > 10;
      add(target,
          narrow ? "^" + release_at(target, tick).text()
                 : ">=" + release_at(target, tick / 2).text(),
          dice_.percent(30) ? DependencyKind::optional_peer : DependencyKind::peer);
    }
    return dependencies;
  }

  SeededDice dice_;
  std::vector<std::vector<Release>> packages_;
  std::vector<std::vector<std::size_t>> children_;
};

}  // namespace

RealisticRegistry realistic_registry(std::size_t names, std::uint64_t seed) {
  return Generator(names, seed).run();
}

}  // namespace hod::resolution
