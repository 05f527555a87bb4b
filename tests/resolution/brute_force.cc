// SPDX-License-Identifier: MIT
// See brute_force.h.
#include "tests/resolution/brute_force.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model/range.h"

namespace hod::resolution {

namespace {

constexpr int kAbsent = -1;   // an optional slot left empty
constexpr int kNothing = -2;  // nobody provides

struct Asked {
  int name = 0;
  std::vector<int> versions;  // that would do, newest first
  bool optional = false;
  bool accepts(int version) const {
    return std::find(versions.begin(), versions.end(), version) != versions.end();
  }
};
struct Facts {
  std::vector<Asked> dependencies;
  std::vector<Asked> peers;
};
struct World {
  std::vector<std::string> names;
  std::vector<std::vector<Facts>> packages;  // by name, by version (ascending)
  Facts root;
};

class WorldReader {
 public:
  explicit WorldReader(const Json& scenario) : scenario_(scenario) {}

  World read() {
    const Json& registry = *scenario_.find("registry");
    for (const auto& [name, versions] : registry.members()) {
      names_.push_back(name);
      versions_.emplace_back();
      for (const auto& [version, facts] : versions.members()) versions_.back().push_back(version);
      std::sort(versions_.back().begin(), versions_.back().end(),
                [](const std::string& a, const std::string& b) {
                  return must(Version::parse(a)) < must(Version::parse(b));
                });
    }
    World world;
    const std::size_t known = names_.size();
    for (std::size_t i = 0; i < known; ++i) {
      world.packages.emplace_back();
      for (const std::string& version : versions_[i]) {
        world.packages.back().push_back(facts(*registry.find(names_[i])->find(version)));
      }
    }
    world.root = facts(*scenario_.find("root"));
    for (const Asked& peer : world.root.peers) {
      if (!peer.optional) world.root.dependencies.push_back(peer);
    }
    world.root.peers.clear();
    world.packages.resize(names_.size());
    world.names = names_;
    return world;
  }

 private:
  int index(const std::string& name) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found != names_.end()) return static_cast<int>(found - names_.begin());
    names_.push_back(name);
    versions_.emplace_back();
    return static_cast<int>(names_.size() - 1);
  }

  Asked asked(const std::string& name, const std::string& range, bool optional) {
    Asked one{index(name), {}, optional};
    const std::vector<std::string>& versions = versions_[static_cast<std::size_t>(one.name)];
    for (std::size_t i = versions.size(); i-- > 0;) {
      if (range == "*" || must(Range::parse(range)).contains(must(Version::parse(versions[i])))) {
        one.versions.push_back(static_cast<int>(i));
      }
    }
    return one;
  }

  Facts facts(const Json& manifest) {
    Facts facts;
    const auto add = [&](const char* field, bool optional, std::vector<Asked>& into) {
      const Json* list = manifest.find(field);
      if (!list) return;
      for (const auto& [name, range] : list->members()) {
        into.push_back(asked(name, range.as_string(), optional));
      }
    };
    add("dependencies", false, facts.dependencies);
    add("optionalDependencies", true, facts.dependencies);
    add("peerDependencies", false, facts.peers);
    if (const Json* meta = manifest.find("peerDependenciesMeta")) {
      for (Asked& peer : facts.peers) {
        peer.optional = meta->find(names_[static_cast<std::size_t>(peer.name)]) != nullptr;
      }
    }
    return facts;
  }

  const Json& scenario_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> versions_;
};

struct Limit {
  std::uint64_t left = 0;
  bool reached = false;
  bool step() {
    if (left == 0) reached = true;
    if (left > 0) --left;
    return !reached;
  }
};

using Context = std::map<int, int>;  // peer → version provided
struct Key {
  int name = -1;  // -1: the project
  int version = 0;
  Context context;
  friend auto operator<=>(const Key&, const Key&) = default;
};
using Filling = std::map<int, int>;  // name → version or kAbsent

class Nested {
 public:
  Nested(const World& world, Limit& limit) : world_(world), limit_(limit) {}

  std::optional<Truth> run(bool with_fewest) {
    explore();
    if (limit_.reached) return std::nullopt;
    strike();
    Truth truth;
    truth.solvable = !ways_[Key{}].empty();
    if (!truth.solvable || !with_fewest) return truth;
    keep_fullest();
    truth.solvable = !ways_[Key{}].empty();
    best_ = 1000;
    std::map<Key, std::size_t> done;
    std::multiset<std::pair<int, int>> used;
    smallest(done, {Key{}}, used);
    if (limit_.reached) return std::nullopt;
    truth.fewest = best_;
    return truth;
  }

 private:
  struct Way {
    Filling filling;
    std::vector<Key> children;
  };

  const Facts& facts(const Key& key) const {
    if (key.name < 0) return world_.root;
    return world_
        .packages[static_cast<std::size_t>(key.name)][static_cast<std::size_t>(key.version)];
  }

  int provided(const Key& key, const Filling& filling, int peer) const {
    if (peer == key.name) return key.version;
    const auto slot = filling.find(peer);
    if (slot != filling.end()) return slot->second;
    const auto own = key.context.find(peer);
    return own == key.context.end() ? kNothing : own->second;
  }

  void fill(const Key& key, Filling filling, std::size_t next, std::vector<Filling>& found) {
    if (!limit_.step()) return;
    const std::vector<Asked>& dependencies = facts(key).dependencies;
    if (next < dependencies.size()) {
      const Asked& asked = dependencies[next];
      for (const int version : asked.versions) {
        filling[asked.name] = version;
        fill(key, filling, next + 1, found);
      }
      if (asked.optional) {
        filling[asked.name] = kAbsent;
        fill(key, filling, next + 1, found);
      }
      return;
    }
    int missing = kNothing;
    for (const auto& [name, version] : filling) {
      if (version == kAbsent) continue;
      for (const Asked& peer : facts({name, version, {}}).peers) {
        const int got = provided(key, filling, peer.name);
        if (got >= 0 && !peer.accepts(got)) return;
        if (got < 0 && !peer.optional) missing = peer.name;
      }
    }
    if (missing == kNothing) {
      found.push_back(filling);
      return;
    }
    if (filling.contains(missing)) return;  // an empty slot provides nothing
    const std::size_t versions = world_.packages[static_cast<std::size_t>(missing)].size();
    for (std::size_t version = versions; version-- > 0;) {
      filling[missing] = static_cast<int>(version);
      fill(key, filling, next, found);
    }
  }

  Way way_of(const Key& key, const Filling& filling) const {
    Way way{filling, {}};
    for (const auto& [name, version] : filling) {
      if (version == kAbsent) continue;
      Key child{name, version, {}};
      for (const Asked& peer : facts(child).peers) {
        const int got = provided(key, filling, peer.name);
        if (got >= 0) child.context[peer.name] = got;
      }
      way.children.push_back(std::move(child));
    }
    return way;
  }

  void explore() {
    std::vector<Key> open{Key{}};
    while (!open.empty() && limit_.step()) {
      const Key key = open.back();
      open.pop_back();
      if (ways_.contains(key)) continue;
      std::vector<Way>& ways = ways_[key];
      std::vector<Filling> fillings;
      fill(key, {}, 0, fillings);
      for (const Filling& filling : fillings) {
        ways.push_back(way_of(key, filling));
        open.insert(open.end(), ways.back().children.begin(), ways.back().children.end());
      }
    }
  }

  void strike() {
    for (bool changed = true; changed;) {
      changed = false;
      for (auto& [key, ways] : ways_) {
        changed |= std::erase_if(ways, [&](const Way& way) {
                     return std::any_of(way.children.begin(), way.children.end(),
                                        [&](const Key& child) { return ways_[child].empty(); });
                   }) > 0;
      }
    }
  }

  static std::ptrdiff_t absent(const Way& way) {
    return std::count_if(way.filling.begin(), way.filling.end(),
                         [](const auto& slot) { return slot.second == kAbsent; });
  }

  void keep_fullest() {
    for (auto& [key, ways] : ways_) {
      if (ways.empty()) continue;
      const auto least =
          absent(*std::min_element(ways.begin(), ways.end(), [](const Way& a, const Way& b) {
            return absent(a) < absent(b);
          }));
      std::erase_if(ways, [least](const Way& way) { return absent(way) > least; });
    }
  }

  void smallest(std::map<Key, std::size_t>& done, std::vector<Key> open,
                std::multiset<std::pair<int, int>>& used) {
    if (!limit_.step()) return;
    const std::set<std::pair<int, int>> distinct(used.begin(), used.end());
    if (distinct.size() >= best_) return;
    while (!open.empty() && done.contains(open.back())) open.pop_back();
    if (open.empty()) {
      best_ = distinct.size();
      return;
    }
    const Key key = open.back();
    open.pop_back();
    const std::vector<Way>& ways = ways_[key];
    std::vector<std::pair<std::size_t, std::size_t>> order;
    for (std::size_t i = 0; i < ways.size(); ++i) {
      std::size_t added = 0;
      for (const Key& child : ways[i].children) {
        added += distinct.contains({child.name, child.version}) ? 0 : 1;
      }
      order.emplace_back(added, i);
    }
    std::sort(order.begin(), order.end());
    for (const auto& [added, i] : order) {
      done[key] = i;
      std::vector<Key> next = open;
      std::vector<std::multiset<std::pair<int, int>>::iterator> put;
      for (const Key& child : ways[i].children) {
        next.push_back(child);
        put.push_back(used.insert({child.name, child.version}));
      }
      smallest(done, std::move(next), used);
      for (const auto& one : put) used.erase(one);
    }
    done.erase(key);
  }

  const World& world_;
  Limit& limit_;
  std::map<Key, std::vector<Way>> ways_;
  std::size_t best_ = 0;
};

class Flat {
 public:
  Flat(const World& world, Limit& limit) : world_(world), limit_(limit) {}

  std::optional<Truth> run() {
    std::vector<int> chosen(world_.packages.size(), kNothing);
    try_package(chosen, 0);
    if (limit_.reached) return std::nullopt;
    Truth truth;
    truth.solvable = found_;
    truth.fewest = fewest_;
    return truth;
  }

 private:
  void try_package(std::vector<int>& chosen, std::size_t name) {
    if (!limit_.step()) return;
    if (name == chosen.size()) return judge(chosen);
    for (int version = kNothing; version < static_cast<int>(world_.packages[name].size());
         version += version == kNothing ? 2 : 1) {
      chosen[name] = version;
      try_package(chosen, name + 1);
    }
  }

  // Everything that is there must be content, and be there for a reason.
  void judge(const std::vector<int>& chosen) {
    std::vector<bool> reached(chosen.size());
    std::vector<const Facts*> open{&world_.root};
    std::size_t skipped = 0;
    while (!open.empty()) {
      const Facts& facts = *open.back();
      open.pop_back();
      for (const auto* list : {&facts.dependencies, &facts.peers}) {
        for (const Asked& asked : *list) {
          const auto name = static_cast<std::size_t>(asked.name);
          const int got = chosen[name];
          if (got == kNothing) {
            if (!asked.optional) return;
            if (list == &facts.dependencies) ++skipped;
            continue;
          }
          if (!asked.accepts(got)) return;
          const bool brings = list == &facts.dependencies || !asked.optional;
          if (!brings || reached[name]) continue;
          reached[name] = true;
          open.push_back(&world_.packages[name][static_cast<std::size_t>(got)]);
        }
      }
    }
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if ((chosen[i] != kNothing) != reached[i]) return;
    }
    const auto count = static_cast<std::size_t>(std::count(reached.begin(), reached.end(), true));
    if (!found_ || skipped < skipped_ || (skipped == skipped_ && count < fewest_)) {
      found_ = true;
      skipped_ = skipped;
      fewest_ = count;
    }
  }

  const World& world_;
  Limit& limit_;
  bool found_ = false;
  std::size_t skipped_ = 0;
  std::size_t fewest_ = 0;
};

}  // namespace

std::optional<Truth> brute_force(const Json& scenario, bool with_fewest, std::uint64_t limit) {
  const World world = WorldReader(scenario).read();
  Limit left{limit};
  if (scenario.find("mode")->as_string() == "flat") return Flat(world, left).run();
  return Nested(world, left).run(with_fewest);
}

}  // namespace hod::resolution
