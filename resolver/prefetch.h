// SPDX-License-Identifier: MIT
// Asking early: follows the first choice of every slot from the importers downwards, without
// looking at peers or conflicts, so that metadata is asked for in as few rounds as the tree is
// deep. What it follows is no decision; the search decides when everything is there.
#pragma once

#include <unordered_map>
#include <vector>

#include "resolver/knowledge.h"

namespace hod::resolver {

class Prefetch {
 public:
  explicit Prefetch(Knowledge& knowledge) : knowledge_(knowledge) {}

  void follow(NodeId node);
  void arrived(PackageId package);
  // Packages that are not known, each told once.
  std::vector<PackageId> take_wanted();
  // What was followed: the first choices of slots; those of peers are too often others in the end.
  struct Choice {
    PackageId package = kNoPackageId;
    VersionIndex version = kNoVersion;
  };
  std::vector<Choice> take_choices();

 private:
  struct Want {
    NodeId owner = kNoNode;
    std::uint32_t index = 0;
    bool peer = false;
  };
  void want(const Want& want);
  void choose(const Want& want);
  void run();
  PackageId target_of(const Want& want) const;

  Knowledge& knowledge_;
  std::unordered_map<std::uint32_t, std::vector<Want>> pending_;  // by package
  std::vector<bool> followed_;                                    // by node
  std::vector<NodeId> queue_;
  std::vector<PackageId> wanted_;
  std::vector<Choice> choices_;
};

}  // namespace hod::resolver
