// SPDX-License-Identifier: MIT
// See random_universe.h. Few versions and overlapping ranges, many peers: conflicts are common, and
// about every third universe has no solution.
#include "tests/resolution/random_universe.h"

#include <string>
#include <vector>

#include "tests/resolution/seeded_dice.h"

namespace hod::resolution {

namespace {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : dice_(seed) {}

  Json run() {
    packages_ = 2 + below(5);
    for (std::size_t i = 0; i < packages_; ++i) versions_.push_back(1 + below(4));
    const bool flat = below(4) == 0;
    peers_ = below(3);
    Json registry = Json::object();
    for (std::size_t i = 0; i < packages_; ++i) {
      Json versions = Json::object();
      for (std::size_t v = 1; v <= versions_[i]; ++v) {
        versions.set(std::to_string(v) + ".0.0", manifest(i, v));
      }
      registry.set(name(i), std::move(versions));
    }
    Json scenario = Json::object();
    scenario.set("mode", Json::string(flat ? "flat" : "npm"));
    scenario.set("root", root());
    scenario.set("registry", std::move(registry));
    return scenario;
  }

 private:
  std::size_t below(std::size_t limit) { return dice_.below(limit); }
  static std::string name(std::size_t i) { return std::string(1, static_cast<char>('a' + i)); }

  std::string range(std::size_t package) {
    const std::string one = std::to_string(1 + below(versions_[package])) + ".0.0";
    const std::string two = std::to_string(1 + below(versions_[package])) + ".0.0";
    switch (below(8)) {
      case 0:
        return one;
      case 1:
        return "^" + one + " || ^" + two;
      case 2:
        return ">=" + one;
      case 3:
        return "<=" + one;
      case 4:
        return "*";
      case 5:
        return "<" + one;
      default:
        return "^" + one;
    }
  }

  Json manifest(std::size_t self, std::size_t version) {
    Json dependencies = Json::object();
    Json optional = Json::object();
    Json peers = Json::object();
    Json meta = Json::object();
    for (std::size_t i = 0; i < packages_; ++i) {
      const std::size_t dice = below(12);
      if (dice < 2 && (i != self || version > 1)) {
        dependencies.set(name(i), Json::string(range(i)));
      } else if (dice < 3 && below(2) == 0) {
        optional.set(name(i), Json::string(range(i)));
      } else if (dice < 3 + peers_ && i != self) {
        peers.set(name(i), Json::string(range(i)));
        if (below(3) == 0) {
          Json entry = Json::object();
          entry.set("optional", Json::boolean(true));
          meta.set(name(i), std::move(entry));
        }
      }
    }
    if (below(60) == 0) dependencies.set("nowhere", Json::string("*"));
    Json made = Json::object();
    if (!dependencies.members().empty()) made.set("dependencies", std::move(dependencies));
    if (!optional.members().empty()) made.set("optionalDependencies", std::move(optional));
    if (!peers.members().empty()) made.set("peerDependencies", std::move(peers));
    if (!meta.members().empty()) made.set("peerDependenciesMeta", std::move(meta));
    return made;
  }

  Json root() {
    Json dependencies = Json::object();
    Json optional = Json::object();
    const std::size_t count = 1 + below(4);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t package = below(packages_);
      if (dependencies.find(name(package)) || optional.find(name(package))) continue;
      Json& list = below(8) == 0 ? optional : dependencies;
      list.set(name(package), Json::string(range(package)));
    }
    Json made = Json::object();
    made.set("name", Json::string("project"));
    made.set("version", Json::string("1.0.0"));
    if (!dependencies.members().empty()) made.set("dependencies", std::move(dependencies));
    if (!optional.members().empty()) made.set("optionalDependencies", std::move(optional));
    return made;
  }

  SeededDice dice_;
  std::size_t packages_ = 0;
  std::size_t peers_ = 0;
  std::vector<std::size_t> versions_;
};

}  // namespace

Json random_universe(std::uint64_t seed) { return Generator(seed).run(); }

}  // namespace hod::resolution
