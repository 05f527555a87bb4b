// SPDX-License-Identifier: MIT
// See validator.h.
#include "tests/resolution/validator.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/model/platform.h"
#include "core/model/range.h"

namespace hod::resolution {

namespace {

struct Asked {
  std::string slot;
  std::string name;
  std::string range;
  bool optional = false;
};

bool fits(std::string_view version, const std::string& range) {
  if (range.empty() || range == "*") return true;
  const Result<Range> parsed = Range::parse(range);
  const Result<Version> parsed_version = Version::parse(version);
  return parsed && parsed_version && parsed->contains(*parsed_version);
}

class Validator {
 public:
  Validator(const Json& scenario, const Json& solution) : scenario_(scenario) {
    for (const Json& instance : solution.find("instances")->elements()) {
      instances_[instance.find("id")->as_string()] = &instance;
    }
  }

  Verdict run() {
    walk("<root>", nullptr);
    while (!waiting_.empty()) {
      const auto [id, parent] = waiting_.back();
      waiting_.pop_back();
      walk(id, parent);
    }
    std::set<std::string> packages;
    std::set<std::string> names;
    const bool flat = scenario_.find("mode")->as_string() == "flat";
    for (const std::string& id : seen_) {
      if (id == "<root>") continue;
      const std::string name = text_of(*instances_[id], "name");
      const bool is_new = packages.insert(name + "@" + text_of(*instances_[id], "version")).second;
      if (flat && is_new && !names.insert(name).second) complain("two versions of " + name);
    }
    verdict_.packages = packages.size();
    return std::move(verdict_);
  }

 private:
  static std::string text_of(const Json& object, const char* key) {
    const std::string* text = object.find_string(key);
    return text ? *text : std::string();
  }
  void complain(std::string what) { verdict_.violations.push_back(std::move(what)); }

  const Json* manifest(const Json& instance) const {
    if (text_of(instance, "id") == "<root>") return scenario_.find("root");
    const Json* versions = scenario_.find("registry")->find(text_of(instance, "name"));
    return versions ? versions->find(text_of(instance, "version")) : nullptr;
  }

  const std::string* override_for(const std::string& name) const {
    const Json* overrides = scenario_.find("root")->find("overrides");
    return overrides ? overrides->find_string(name) : nullptr;
  }

  Asked asked(const std::string& slot, std::string range, bool optional) const {
    std::string name = slot;
    for (int i = 0; i < 2; ++i) {
      if (range.starts_with("npm:")) {
        const std::string rest = range.substr(4);
        const std::size_t sign = rest.find('@', 1);
        name = rest.substr(0, sign);
        range = sign == std::string::npos ? "*" : rest.substr(sign + 1);
      }
      if (i == 0) {
        if (const std::string* replaced = override_for(name)) range = *replaced;
      }
    }
    return {slot, name, range, optional};
  }

  std::vector<Asked> dependencies(const Json& instance) const {
    std::vector<Asked> list;
    const Json& own = *manifest(instance);
    const Json* optional = own.find("optionalDependencies");
    const bool root = text_of(instance, "id") == "<root>";
    for (const char* field : {"dependencies", "devDependencies"}) {
      const Json* entries = own.find(field);
      if (!entries || (!root && field[0] == 'd' && field[1] == 'e' && field[2] == 'v')) continue;
      for (const auto& [slot, range] : entries->members()) {
        if (optional && optional->find(slot)) continue;
        list.push_back(asked(slot, range.as_string(), false));
      }
    }
    if (optional) {
      for (const auto& [slot, range] : optional->members()) {
        list.push_back(asked(slot, range.as_string(), true));
      }
    }
    return list;
  }

  std::vector<Asked> peers(const Json& instance) const {
    std::vector<Asked> list;
    const Json* entries = manifest(instance)->find("peerDependencies");
    const Json* meta = manifest(instance)->find("peerDependenciesMeta");
    if (!entries) return list;
    for (const auto& [slot, range] : entries->members()) {
      const Json* entry = meta ? meta->find(slot) : nullptr;
      const Json* optional = entry ? entry->find("optional") : nullptr;
      const std::string* replaced = override_for(slot);
      list.push_back({slot, slot, replaced ? *replaced : range.as_string(),
                      optional && optional->as_boolean()});
    }
    return list;
  }

  bool runs_here(const Json& facts) const {
    const Json* environment = scenario_.find("environment");
    const auto setting = [&](const char* key, const char* usual) {
      const std::string* text = environment ? environment->find_string(key) : nullptr;
      return text ? *text : std::string(usual);
    };
    const auto list = [&](const char* key) {
      std::vector<std::string> texts;
      const Json* value = facts.find(key);
      if (value && value->is_string()) texts.push_back(value->as_string());
      for (const Json& one : value ? value->elements() : std::vector<Json>()) {
        texts.push_back(one.as_string());
      }
      return texts;
    };
    const Json* engines = facts.find("engines");
    const std::string* node = engines ? engines->find_string("node") : nullptr;
    if (node && !fits(setting("node", "20.0.0"), *node)) return false;
    return platform_allows({list("os"), list("cpu"), {}},
                           {setting("os", "linux"), setting("cpu", "x64"), ""});
  }

  const Json* look_up(const Json& instance, const char* table, const std::string& slot) const {
    const Json* entries = instance.find(table);
    const std::string* id = entries ? entries->find_string(slot) : nullptr;
    const auto found = id ? instances_.find(*id) : instances_.end();
    return found == instances_.end() ? nullptr : found->second;
  }

  void check_peers(const Json& me, const Json& parent) {
    for (const Asked& peer : peers(me)) {
      const Json* got = &parent;
      if (peer.slot != text_of(parent, "name")) {
        got = look_up(parent, "slots", peer.slot);
        if (!got) got = look_up(parent, "peers", peer.slot);
      }
      const std::string what = text_of(me, "id") + " under " + text_of(parent, "id") + ": peer " +
                               peer.slot + " " + peer.range;
      if (!got) {
        if (!peer.optional) complain(what + " is missing");
      } else if (!fits(text_of(*got, "version"), peer.range)) {
        complain(what + " got " + text_of(*got, "version"));
      }
    }
  }

  void check_slots(const Json& me) {
    for (const Asked& dependency : dependencies(me)) {
      const Json* got = look_up(me, "slots", dependency.slot);
      const std::string what = text_of(me, "id") + ": " + dependency.slot + " " + dependency.range;
      if (!got) {
        if (!dependency.optional) complain(what + " is missing");
        continue;
      }
      const Json* facts = manifest(*got);
      if (text_of(*got, "name") != dependency.name || !facts ||
          !fits(text_of(*got, "version"), dependency.range) || !runs_here(*facts)) {
        complain(what + " got " + text_of(*got, "id"));
      }
    }
  }

  void walk(const std::string& id, const Json* parent) {
    const auto found = instances_.find(id);
    if (found == instances_.end()) return complain("there is no instance " + id);
    const Json& me = *found->second;
    if (!manifest(me)) return complain(id + " is not in the registry");
    if (parent) check_peers(me, *parent);
    if (!seen_.insert(id).second) return;
    check_slots(me);
    for (const auto& [slot, child] : me.find("slots")->members()) {
      waiting_.emplace_back(child.as_string(), &me);
    }
  }

  const Json& scenario_;
  std::map<std::string, const Json*> instances_;
  std::set<std::string> seen_;
  std::vector<std::pair<std::string, const Json*>> waiting_;
  Verdict verdict_;
};

}  // namespace

Verdict validate(const Json& scenario, const Json& solution) {
  return Validator(scenario, solution).run();
}

}  // namespace hod::resolution
