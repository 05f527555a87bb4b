// SPDX-License-Identifier: MIT
// Commands of a package: npm's normalisation first, our gate second.
//
// npm's rule makes every name a base name and every target a path inside the package, by joining it
// to "/" and dropping what would climb above. What is left can still be odd (blanks, control
// characters, a folder as target); the gate drops those, for a bin's name becomes a file below
// node_modules/.bin, and is removed by that name again.
//
// What must stay true:
//  (1) A Bin that leaves normalized_bins() has a name that passes bin_name_is_safe and a target
//  without `.`/`..` parts
//      and control characters (T-LINK-01, T-LINK-02).
#include "core/model/bins.h"

#include <algorithm>
#include <utility>

#include "core/base/ascii.h"

namespace hod {
namespace {

constexpr std::size_t kLongestBinName = 214;  // characters, as a package's name

std::string with_slashes(std::string_view text, std::string_view separators) {
  std::string result(text);
  for (char& c : result) {
    if (separators.find(c) != std::string_view::npos) c = '/';
  }
  return result;
}

// `path` below a root: `.`, `..` and empty parts resolved, never above the root; a final slash
// stays.
std::string inside_root(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    start = end + 1;
  }
  std::string result;
  for (std::string_view part : parts) {
    if (!result.empty()) result += '/';
    result += part;
  }
  if (!result.empty() && path.back() == '/') result += '/';
  return result;
}

// The last part; slashes at the end do not count.
std::string_view base_name(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);  // no slash: npos + 1 is 0
}

void set_bin(std::vector<Bin>& bins, Bin bin) {
  for (Bin& existing : bins) {
    if (existing.name == bin.name) {
      existing.path = std::move(bin.path);
      return;
    }
  }
  bins.push_back(std::move(bin));
}

using Entries = std::vector<std::pair<std::string, const Json*>>;

// The field as pairs of name and target, whatever its form; nothing when npm drops it.
Result<std::optional<Entries>> entries_of(const Json& manifest) {
  const Json* bin = manifest.find("bin");
  Entries entries;
  if (!bin) return std::optional<Entries>();
  if (bin->is_string()) {
    const std::string* name = manifest.find_string("name");
    if (!name || name->empty() || bin->as_string().empty()) return std::optional<Entries>();
    entries.emplace_back(*name, bin);
  } else if (bin->is_array()) {
    for (const Json& element : bin->elements()) {
      if (!element.is_string()) {
        return failure(ErrorCode::bin_invalid,
                       "`bin` is a list that holds " + std::string(element.kind_name()));
      }
      entries.emplace_back(base_name(element.as_string()), &element);
    }
  } else if (bin->is_object()) {
    for (const auto& [name, target] : bin->members()) entries.emplace_back(name, &target);
  } else {
    return std::optional<Entries>();
  }
  return std::optional<Entries>(std::move(entries));
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_ascii_control);
}

bool is_safe(const Bin& bin) {
  return bin_name_is_safe(bin.name) && !bin.path.empty() && bin.path.back() != '/' &&
         !has_control_character(bin.path);
}

std::vector<Bin> safe_and_sorted(std::vector<Bin> bins) {
  bins.erase(std::remove_if(bins.begin(), bins.end(), [](const Bin& bin) { return !is_safe(bin); }),
             bins.end());
  std::sort(bins.begin(), bins.end());
  return bins;
}

// npm asks JavaScript whether `bin` is there at all.
bool is_truthy(const Json* value) {
  if (!value || value->is_null()) return false;
  if (value->is_boolean()) return value->as_boolean();
  if (value->is_number()) return value->as_number() != 0;
  if (value->is_string()) return !value->as_string().empty();
  return true;
}

bool has_hidden_part(std::string_view path) {
  return path.front() == '.' || path.find("/.") != std::string_view::npos;
}

std::vector<Bin> bins_of_folder(std::string_view folder, std::vector<std::string> files) {
  std::string prefix = inside_root(with_slashes(folder, "\\"));
  if (!prefix.empty() && prefix.back() != '/') prefix += '/';
  std::sort(files.begin(), files.end());
  std::vector<Bin> bins;
  for (const std::string& file : files) {
    if (file.size() <= prefix.size() || file.compare(0, prefix.size(), prefix) != 0) continue;
    if (has_hidden_part(std::string_view(file).substr(prefix.size()))) continue;
    set_bin(bins, {std::string(base_name(file)), inside_root(file)});
  }
  return bins;
}

}  // namespace

Result<std::optional<std::vector<Bin>>> npm_normalized_bins(const Json& manifest) {
  HOD_TRY(const std::optional<Entries> entries, entries_of(manifest));
  if (!entries) return std::optional<std::vector<Bin>>();
  std::vector<Bin> bins;
  bool any = false;
  for (const auto& [key, target] : *entries) {
    const std::string name = inside_root(base_name(with_slashes(key, "\\:")));
    if (!target->is_string() || name.empty()) continue;
    std::string path = inside_root(with_slashes(target->as_string(), "\\"));
    if (path.empty()) continue;
    any = true;
    if (name == "__proto__") continue;  // a JavaScript object swallows this key
    set_bin(bins, {name, std::move(path)});
  }
  if (!any) return std::optional<std::vector<Bin>>();
  return std::optional<std::vector<Bin>>(std::move(bins));
}

std::vector<Bin> normalized_bins(const Json& manifest) {
  Result<std::optional<std::vector<Bin>>> bins = npm_normalized_bins(manifest);
  if (!bins || !*bins) return {};
  return safe_and_sorted(std::move(**bins));
}

std::vector<Bin> normalized_bins(const Json& manifest, const std::vector<std::string>& files) {
  const Json* directories = manifest.find("directories");
  const std::string* folder = directories ? directories->find_string("bin") : nullptr;
  if (is_truthy(manifest.find("bin")) || !folder || folder->empty()) {
    return normalized_bins(manifest);
  }
  return safe_and_sorted(bins_of_folder(*folder, files));
}

bool bin_name_is_safe(std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.size() > kLongestBinName) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return is_ascii_alphanumeric(c) ||
           std::string_view("._~$!()*'-").find(c) != std::string_view::npos;
  });
}

}  // namespace hod
