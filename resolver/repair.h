// SPDX-License-Identifier: MIT
// Ways out of a conflict: small changes of the project, each proved by solving the changed project.
// Trials run on the metadata that is there; when one needs more, the search for repairs pauses
// until it has been fetched.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "resolver/core_of_conflict.h"
#include "resolver/engine.h"

namespace hod::resolver {

class Repairs {
 public:
  // `core`: what the conflict is about. `engine` must outlive this.
  Repairs(Engine& engine, std::vector<Requirement> core);
  ~Repairs();

  // False: it waits for what take_asked() of `engine` says.
  bool advance();
  // When advance() returned true: smallest first.
  std::vector<Repair> take() { return std::move(found_); }

 private:
  // What to change: the range of a direct dependency, what a package asks for, or an override.
  struct Change {
    enum class Kind : std::uint8_t { range, override_edge, drop_override } kind = Kind::range;
    std::uint32_t importer = 0;
    std::string alias;      // what is asked for
    std::string owner;      // override_edge: who asks for it
    std::string specifier;  // what is asked for instead
    bool peer = false;      // override_edge
    std::size_t rule = 0;   // drop_override: index into the overrides
  };

  void propose(const std::vector<Requirement>& core);
  void propose_range(const Requirement& requirement);
  // What packages, not the project, ask for of a name.
  using ByAlias = std::map<NameId, std::vector<std::string>>;
  void propose_overrides(const Requirement& requirement, const ByAlias& by_alias);
  void propose_drops(const Requirement& requirement);
  void add_change(Change change);
  bool is_dependent(const Requirement& requirement, const std::vector<Requirement>& core) const;
  bool is_importer(const Requirement& requirement) const;
  std::string written_by(const Requirement& requirement) const;
  std::unique_ptr<Engine> make_trial(const Change& change) const;
  bool fetch_for_trial();
  void judge(Engine::Outcome outcome);
  void judge_range(Change change);
  void add_range_repair(const Change& change, const std::string& version);
  void add_override_repair(const Change& change);
  void add_drop_repair(const Change& change);
  void add(std::string command, std::string explanation);
  static std::string chosen_version(Engine& trial, const Change& change);
  std::string direct_specifier(std::uint32_t importer, const std::string& alias) const;

  Engine& engine_;
  std::vector<Change> changes_;  // to be tried, in order
  std::size_t next_ = 0;
  std::unique_ptr<Engine> trial_;
  std::size_t rounds_ = 0;  // of fetching for the present trial
  std::vector<Repair> found_;
};

}  // namespace hod::resolver
