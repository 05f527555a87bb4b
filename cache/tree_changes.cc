// SPDX-License-Identifier: MIT
// The difference between two trees, cut into units.
//
// What must stay true:
//  (1) An entry counts as there only if the state file says so, no stopped run may have touched it,
//      and, where its folder was listed, the listing agrees.
//  (2) What is below a rebuilt package is rebuilt with it: the rename takes the whole folder.
//  (3) A node_modules inside a package is never a unit: the package's tarball may have put
//      something there.
//  (4) Nothing but what the last run placed, or what stands in a listed folder, is removed.
#include "cache/tree_changes.h"

#include <algorithm>
#include <set>

namespace hod::cache {

namespace {

constexpr std::string_view kStore = "node_modules/.hod";

// Entries of node_modules/.hod that are no packages.
constexpr std::string_view kOwnEntries[] = {"journal", "lock", "node_modules",
                                            "state",   "tmp",  "trash"};

// What other package managers leave in node_modules and believe to be true later on. Any other
// entry with a leading dot belongs to somebody's tool and stays.
constexpr std::string_view kForeignEntries[] = {".bun",
                                                ".modules.yaml",
                                                ".package-lock.json",
                                                ".pnpm",
                                                ".pnpm-workspace-state-v1.json",
                                                ".store",
                                                ".vlt",
                                                ".yarn-integrity",
                                                ".yarn-state.yml"};

template <std::size_t N>
bool is_one_of(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// "packages/w/node_modules" of "packages/w/node_modules/a/…".
std::string_view top_of(std::string_view path) {
  std::size_t at = 0;
  while (!path.substr(at).starts_with("node_modules/")) at = path.find('/', at) + 1;
  return path.substr(0, at + 12);
}

// "node_modules/.hod/<id>" of a path below it, else "".
std::string_view store_folder_of(std::string_view path) {
  if (!path_is_below(path, kStore)) return {};
  const std::size_t end = path.find('/', kStore.size() + 1);
  const std::string_view folder = path.substr(0, end);
  return base_name(folder) == "node_modules" ? std::string_view{} : folder;
}

// Calls visit(ancestor) for every package folder that `path` stands in, nearest first.
template <class Visit>
bool any_package_above(std::string_view path, const Visit& visit) {
  for (std::size_t end = path.rfind("/node_modules/"); end != std::string_view::npos && end > 0;
       end = path.rfind("/node_modules/", end - 1)) {
    if (visit(path.substr(0, end))) return true;
  }
  return false;
}

class Planner {
 public:
  Planner(const TreeShape& wanted, const KnownTree& known, const TreeListing& listing,
          const std::unordered_set<std::string_view>& damaged)
      : wanted_(wanted), known_(known), listing_(listing), damaged_(damaged) {}

  TreeChanges plan() && {
    read_known();
    find_fresh_tops();
    reserve();
    add_packages();
    add_links();
    add_bins();
    add_removals();
    number_units();
    return std::move(out_);
  }

 private:
  // ---- what is there

  bool is_unsure(std::string_view path) const {
    for (; !path.empty() && !unsure_.empty(); path = parent_path(path)) {
      if (unsure_.contains(path)) return true;
    }
    return false;
  }

  bool entry_agrees(std::string_view path, std::string_view parent, FolderEntry::Kind kind) const {
    if (listing_.absent.contains(path)) return false;
    if (!listing_.listed.contains(parent)) return true;
    const auto entry = listing_.entries.find(path);
    return entry != listing_.entries.end() && entry->second == kind;
  }

  // Entries come sorted: what was found out about the folder above mostly holds for the next one.
  bool listing_agrees(std::string_view path, FolderEntry::Kind kind) {
    const std::string_view parent = parent_path(path);
    if (parent != agreeing_parent_.first) {
      bool agrees = true;
      for (std::string_view at = parent; agrees && !at.empty(); at = parent_path(at)) {
        agrees = entry_agrees(at, parent_path(at), FolderEntry::Kind::folder);
      }
      agreeing_parent_ = {parent, agrees};
    }
    return agreeing_parent_.second && entry_agrees(path, parent, kind);
  }

  template <class Entry>
  void read_entries(const std::vector<Entry>& entries, const std::string Entry::*text,
                    FolderEntry::Kind kind) {
    for (const Entry& entry : entries) {
      if (is_unsure(entry.path) || !listing_agrees(entry.path, kind)) continue;
      there_.emplace(entry.path, entry.*text);
      if (const std::string_view folder = store_folder_of(entry.path); !folder.empty()) {
        store_folders_.insert(folder);
      }
      if (base_name(parent_path(entry.path)) == ".bin")
        bin_folders_.insert(parent_path(entry.path));
    }
  }

  void read_known() {
    if (known_.shape == nullptr) return;
    unsure_.insert(known_.unsure.begin(), known_.unsure.end());
    const std::size_t count =
        known_.shape->packages.size() + known_.shape->links.size() + known_.shape->bins.size();
    there_.reserve(count);
    read_entries(known_.shape->packages, &PlacedPackage::identity, FolderEntry::Kind::folder);
    read_entries(known_.shape->links, &PlacedLink::target, FolderEntry::Kind::link);
    read_entries(known_.shape->bins, &PlacedBin::target, FolderEntry::Kind::link);
  }

  bool is_there(std::string_view path, const std::string& as) const {
    const auto found = there_.find(path);
    return found != there_.end() && found->second == as && !damaged_.contains(path);
  }

  // A node_modules of the user's folders that holds nothing yet but, in the root's, our own files.
  void find_fresh_tops() {
    for (const std::string& top : listing_.tops) {
      if (listing_.absent.contains(top)) fresh_.insert(top);
    }
    if (fresh_.contains("node_modules")) return;
    bool bare = true;
    for (const auto& [path, kind] : listing_.entries) {
      const std::string_view parent = parent_path(path);
      if (parent == "node_modules") bare = bare && path == kStore;
      if (parent == kStore) {
        bare = bare && is_one_of(kOwnEntries, base_name(path)) && base_name(path) != "node_modules";
      }
    }
    if (bare && there_.empty()) fresh_.insert("node_modules");
  }

  // ---- what is built

  // The unit that `path` belongs to, or "" if it is one itself.
  std::string_view unit_around(std::string_view path) {
    const std::string_view parent = parent_path(path);
    if (parent != unit_parent_.first) {
      const std::string_view top = top_of(path);
      const std::string_view folder = store_folder_of(path);
      const bool new_folder = !folder.empty() && !store_folders_.contains(folder);
      unit_parent_ = {parent, fresh_.contains(top) ? top
                              : new_folder         ? folder
                                                   : std::string_view{}};
    }
    if (!unit_parent_.second.empty() || rebuilt_.empty()) return unit_parent_.second;
    std::string_view outermost;
    any_package_above(path, [&](std::string_view above) {
      if (rebuilt_.contains(above)) outermost = above;
      return false;
    });
    return outermost;
  }

  void reserve() {
    const std::size_t count = wanted_.packages.size() + wanted_.links.size() + wanted_.bins.size();
    wanted_paths_.reserve(count);
    needed_folders_.reserve(count);
  }

  void add_item(TreeEntry kind, std::size_t index, std::string_view unit) {
    const auto [found, fresh] =
        unit_numbers_.try_emplace(unit, static_cast<std::uint32_t>(unit_numbers_.size()));
    if (fresh) out_.units.emplace_back(unit);
    out_.items.push_back({kind, static_cast<std::uint32_t>(index), found->second});
  }

  void add_packages() {
    for (std::size_t i = 0; i < wanted_.packages.size(); ++i) {
      const PlacedPackage& placed = wanted_.packages[i];
      const std::string_view around = unit_around(placed.path);
      if (around.empty() && is_there(placed.path, placed.identity)) continue;
      rebuilt_.insert(placed.path);
      add_item(TreeEntry::package, i, around.empty() ? std::string_view(placed.path) : around);
    }
  }

  void add_links() {
    for (std::size_t i = 0; i < wanted_.links.size(); ++i) {
      const PlacedLink& link = wanted_.links[i];
      const std::string_view around = unit_around(link.path);
      if (around.empty() && is_there(link.path, link.target)) continue;
      add_item(TreeEntry::link, i, around.empty() ? std::string_view(link.path) : around);
    }
  }

  // A .bin of the user's folders that we did not fill is replaced as a whole.
  std::string_view bin_unit(std::string_view path) const {
    const std::string_view folder = parent_path(path);
    const bool of_top = parent_path(folder) == top_of(path);
    return of_top && !bin_folders_.contains(folder) ? folder : path;
  }

  void add_bins() {
    for (std::size_t i = 0; i < wanted_.bins.size(); ++i) {
      const PlacedBin& bin = wanted_.bins[i];
      const std::string_view around = unit_around(bin.path);
      if (around.empty() && is_there(bin.path, bin.target)) continue;
      add_item(TreeEntry::bin, i, around.empty() ? bin_unit(bin.path) : around);
    }
  }

  // ---- what goes

  void note_wanted(std::string_view path) {
    wanted_paths_.insert(path);
    if (parent_path(path) == noted_parent_) return;
    noted_parent_ = parent_path(path);
    for (path = noted_parent_; !path.empty() && needed_folders_.insert(path).second;) {
      path = parent_path(path);
    }
  }

  void add_removals() {
    for (const PlacedPackage& placed : wanted_.packages) note_wanted(placed.path);
    for (const PlacedLink& link : wanted_.links) note_wanted(link.path);
    for (const PlacedBin& bin : wanted_.bins) note_wanted(bin.path);
    std::set<std::string, std::less<>> going;
    if (known_.shape != nullptr) {
      for (const PlacedPackage& placed : known_.shape->packages) consider_old(placed.path, going);
      for (const PlacedLink& link : known_.shape->links) consider_old(link.path, going);
      for (const PlacedBin& bin : known_.shape->bins) consider_old(bin.path, going);
    }
    for (const auto& [path, kind] : listing_.entries) consider_listed(path, kind, going);
    for (const std::string& path : going) {
      if (is_covered(path, going)) continue;
      const bool blocks = needed_folders_.contains(path);
      (blocks ? out_.blockers : out_.removals).push_back(path);
      note_emptied(path);
    }
    out_.emptied.assign(emptied_.rbegin(), emptied_.rend());
    std::stable_sort(
        out_.emptied.begin(), out_.emptied.end(),
        [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  }

  void consider_old(const std::string& path, std::set<std::string, std::less<>>& going) const {
    if (wanted_paths_.contains(path) || needed_folders_.contains(path)) return;
    for (std::string_view at = path; !at.empty(); at = parent_path(at)) {
      if (listing_.absent.contains(at)) return;
      if (listing_.listed.contains(parent_path(at)) && !listing_.entries.contains(at)) return;
    }
    going.insert(path);
  }

  void consider_listed(const std::string& path, FolderEntry::Kind kind,
                       std::set<std::string, std::less<>>& going) const {
    if (wanted_paths_.contains(path)) return;
    const std::string_view name = base_name(path);
    const bool in_store = parent_path(path) == kStore;
    if (in_store && name != "node_modules" && is_one_of(kOwnEntries, name)) return;
    if (path == kStore) return;
    if (name == ".bin" && kind == FolderEntry::Kind::folder && bin_folders_.contains(path)) return;
    if (!in_store && name.front() == '.' && name != ".bin" && !is_one_of(kForeignEntries, name)) {
      return;
    }
    if (kind == FolderEntry::Kind::folder && needed_folders_.contains(path)) return;
    going.insert(path);
  }

  // Below something else that goes, or replaced as part of a unit.
  bool is_covered(std::string_view path, const std::set<std::string, std::less<>>& going) const {
    if (unit_numbers_.contains(path)) return true;
    for (std::string_view at = parent_path(path); !at.empty(); at = parent_path(at)) {
      if (going.contains(at) || unit_numbers_.contains(at)) return true;
    }
    return false;
  }

  void note_emptied(std::string_view path) {
    for (path = parent_path(path); path.find("node_modules") != std::string_view::npos;
         path = parent_path(path)) {
      if (path == "node_modules" || path == kStore || needed_folders_.contains(path)) return;
      if (wanted_paths_.contains(path)) return;
      emptied_.insert(std::string(path));
    }
  }

  // Units in the order of their paths: what links lead to comes before the links.
  void number_units() {
    std::vector<std::uint32_t> order(out_.units.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [this](std::uint32_t a, std::uint32_t b) { return out_.units[a] < out_.units[b]; });
    std::vector<std::uint32_t> number(order.size());
    std::vector<std::string> sorted(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
      number[order[i]] = i;
      sorted[i] = std::move(out_.units[order[i]]);
    }
    out_.units = std::move(sorted);
    for (TreeItem& item : out_.items) item.unit = number[item.unit];
    out_.whole_root = fresh_.contains("node_modules") &&
                      std::binary_search(out_.units.begin(), out_.units.end(), "node_modules");
  }

  const TreeShape& wanted_;
  const KnownTree& known_;
  const TreeListing& listing_;
  const std::unordered_set<std::string_view>& damaged_;
  TreeChanges out_;
  std::unordered_set<std::string_view> unsure_;
  std::unordered_map<std::string_view, std::string_view> there_;  // path → identity or target
  std::unordered_set<std::string_view> store_folders_;  // node_modules/.hod/<id> with known entries
  std::unordered_set<std::string_view> bin_folders_;    // .bin folders with known entries
  PathSet fresh_;
  std::unordered_set<std::string_view> rebuilt_;
  std::unordered_map<std::string_view, std::uint32_t> unit_numbers_;
  std::unordered_set<std::string_view> wanted_paths_;
  std::unordered_set<std::string_view> needed_folders_;
  std::set<std::string> emptied_;
  // What was found out last, about the folder above an entry.
  std::pair<std::string_view, bool> agreeing_parent_{"", false};
  std::pair<std::string_view, std::string_view> unit_parent_;
  std::string_view noted_parent_;
};

}  // namespace

std::vector<std::string> top_modules(const TreeShape& shape, const TreeShape* old) {
  std::set<std::string, std::less<>> tops{"node_modules"};
  const auto note = [&tops](const TreeShape& tree) {
    const auto add = [&tops](std::string_view path) {
      const std::string_view top = top_of(path);
      if (top != "node_modules" && tops.find(top) == tops.end()) tops.emplace(top);
    };
    for (const PlacedPackage& placed : tree.packages) add(placed.path);
    for (const PlacedLink& link : tree.links) add(link.path);
    for (const PlacedBin& bin : tree.bins) add(bin.path);
  };
  note(shape);
  if (old != nullptr) note(*old);
  return {tops.begin(), tops.end()};
}

TreeChanges tree_changes(const TreeShape& wanted, const KnownTree& known,
                         const TreeListing& listing,
                         const std::unordered_set<std::string_view>& damaged) {
  return Planner(wanted, known, listing, damaged).plan();
}

}  // namespace hod::cache
