// SPDX-License-Identifier: MIT
// The solver's words are numbers: names, packages, specifiers and so on are interned once and
// compared as integers from then on. One type a kind, so that no two can be swapped; IdVector is a
// table indexed by such a number.
//
// Numbers depend on the order in which metadata arrives: they may be compared for equality and used
// as indices, and no decision may depend on which of two is smaller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hod::resolver {

enum class NameId : std::uint32_t {};     // a package's or slot's name
enum class PackageId : std::uint32_t {};  // a name in the registry, another source, or an importer
enum class SpecId : std::uint32_t {};     // a specifier's text
enum class NodeId : std::uint32_t {};     // one version of a package, with what it asks for
enum class ScopeId : std::uint32_t {};    // a node in one peer context: its slots are variables
enum class ProofId : std::uint32_t {};    // a derived fact and what it follows from
enum class OverrideState : std::uint32_t {};  // which overrides' parents have been passed

using VersionIndex = std::uint32_t;  // into a package's ascending versions

inline constexpr std::uint32_t kNone = 0xFFFFFFFF;
inline constexpr VersionIndex kNoVersion = kNone;
inline constexpr auto kNoName = static_cast<NameId>(kNone);
inline constexpr auto kNoPackageId = static_cast<PackageId>(kNone);
inline constexpr auto kNoSpec = static_cast<SpecId>(kNone);
inline constexpr auto kNoNode = static_cast<NodeId>(kNone);
inline constexpr auto kNoScope = static_cast<ScopeId>(kNone);
inline constexpr auto kNoProof = static_cast<ProofId>(kNone);

template <class Id>
constexpr std::size_t at(Id id) {
  return static_cast<std::size_t>(id);
}

// Elements stay where they are while others are added: they live in blocks of a power of two.
template <class Id, class T>
class IdTable {
 public:
  T& operator[](Id id) { return starts_.data()[at(id) >> kShift][at(id) & kMask]; }
  const T& operator[](Id id) const { return starts_.data()[at(id) >> kShift][at(id) & kMask]; }
  Id add(T item) {
    if ((size_ & kMask) == 0) {
      blocks_.emplace_back();
      blocks_.back().reserve(kMask + 1);
      starts_.push_back(blocks_.back().data());
    }
    blocks_.back().push_back(std::move(item));
    return static_cast<Id>(size_++);
  }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kShift = 6;
  static constexpr std::size_t kMask = (std::size_t{1} << kShift) - 1;
  std::vector<std::vector<T>> blocks_;
  std::vector<T*> starts_;  // of the blocks
  std::size_t size_ = 0;
};

}  // namespace hod::resolver
