// SPDX-License-Identifier: MIT
// A packument, full or abbreviated, becomes a metadata record: one pass to find the five top-level
// members we want, one over their values; no tree, and what no install needs (scripts, README,
// contributors: nine bytes of ten) is stepped over by json_scan.h. Figures and the other ways that
// were tried: docs/decisions/0003-packument-parsing.md.
//
// What must stay true:
//  (1) Nothing from outside gets in unvalidated: dependency names are PackageNames, bins pass
//      normalized_bins.
//
//  (2) A wrong type costs the field that has it, never the version; a malformed document costs the
//      document.
//
//  (3) Duplicate keys: the last one wins, as in JavaScript; `__proto__` is a key like any other
//      (T-RES-02).
//
//  (4) Time is linear in the document, memory at most a few times its wanted part (T-RES-05).
#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cache/json_scan.h"
#include "cache/metadata_cache.h"
#include "core/base/json.h"
#include "core/base/printable.h"
#include "core/model/integrity.h"
#include "core/model/package_name.h"

namespace hod::cache {

namespace {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

constexpr std::size_t kMostSignatures = 8;  // of one version; registries make one or two

// Days from 1970-01-01 to a date of the Gregorian calendar (H. Hinnant's days_from_civil).
std::int64_t days_since_epoch(std::int64_t year, unsigned month, unsigned day) {
  if (month <= 2) --year;
  std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  auto year_of_era = static_cast<unsigned>(year - era * 400);
  unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

// "2024-01-31T12:34:56.789Z" or with "+01:00"; 0 for anything else.
std::int64_t seconds_since_epoch(std::string_view text) {
  auto digits = [&](std::size_t at, std::size_t length) -> int {
    int value = 0;
    for (std::size_t i = at; i < at + length; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':') {
    return 0;
  }
  int year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
  int hour = digits(11, 2), minute = digits(14, 2), second = digits(17, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 24 ||
      minute < 0 || minute > 59 || second < 0 || second > 60) {
    return 0;
  }
  std::int64_t offset = 0;
  std::size_t zone = text.find_first_of("+-Zz", 19);
  if (zone != std::string_view::npos && text.size() == zone + 6 && text[zone + 3] == ':') {
    int hours = digits(zone + 1, 2), minutes = digits(zone + 4, 2);
    if (hours < 0 || minutes < 0) return 0;
    offset = (text[zone] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  }
  std::int64_t days =
      days_since_epoch(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  return days * 86400 + hour * 3600 + minute * 60 + second - offset;
}

// Is a text a PackageName? Asked for the same few names in thousands of versions.
class NameCheck {
 public:
  bool valid(std::string_view name) {
    auto found = known_.find(name);
    if (found != known_.end()) return found->second;
    bool good = PackageName::parse(name).has_value();
    known_.emplace(std::string(name), good);
    return good;
  }

 private:
  TextMap<bool> known_;
};

// The `bin` field of thousands of versions is mostly the same text.
class BinReader {
 public:
  explicit BinReader(std::string_view package) : package_(package) {}

  const std::vector<Bin>& read(std::string_view raw) {
    if (raw != last_raw_) {
      last_raw_ = raw;
      last_ = made(raw);
    }
    return last_;
  }

 private:
  std::vector<Bin> made(std::string_view raw) const {
    Result<Json> field = Json::parse(raw, "bin");
    if (!field) return {};
    Json manifest = Json::object();
    manifest.set("name", Json::string(package_));
    manifest.set("bin", std::move(*field));
    return normalized_bins(manifest);
  }

  std::string package_;
  std::string_view last_raw_;
  std::vector<Bin> last_;
};

using Dependencies = std::vector<Dependency>;

bool alias_before(const Dependency& a, const Dependency& b) { return a.alias < b.alias; }

// A name whose last value is no text: it also takes an earlier value with it (3).
constexpr DependencyKind kNoDependency = DependencyKind::development;

// Sorts by alias and keeps the last of equal ones. Registries send them sorted.
void settle(Dependencies& list) {
  auto out_of_order = [](const Dependency& a, const Dependency& b) { return !(a.alias < b.alias); };
  if (std::adjacent_find(list.begin(), list.end(), out_of_order) != list.end()) {
    std::stable_sort(list.begin(), list.end(), alias_before);
    auto same = [](const Dependency& a, const Dependency& b) { return a.alias == b.alias; };
    auto kept = std::unique(list.rbegin(), list.rend(), same);
    list.erase(list.begin(), kept.base());
  }
  std::erase_if(list, [](const Dependency& d) { return d.kind == kNoDependency; });
}

bool lists(const Dependencies& list, std::string_view alias) {
  auto at = std::lower_bound(list.begin(), list.end(), alias,
                             [](const Dependency& a, std::string_view b) { return a.alias < b; });
  return at != list.end() && at->alias == alias;
}

struct Bundle {
  bool all = false;
  std::vector<std::string> names;
};

// Reads one version's object. Members come in any order, so what depends on several of them is put
// together at its end.
class VersionReader {
 public:
  VersionReader(JsonScan& scan, NameCheck& names, BinReader& bins)
      : scan_(scan), names_(names), bins_(bins) {}

  VersionFacts read(std::string_view version) {
    facts_ = {};
    facts_.version = version;
    production_.clear();
    optional_.clear();
    peers_.clear();
    optional_peers_.clear();
    bundle_.reset();
    bundled_.reset();
    shasum_.clear();
    scripts_ask_ = declared_ask_ = false;
    scan_.object([&](std::string_view key) { member(key); });
    put_together();
    return std::move(facts_);
  }

 private:
  void member(std::string_view key) {
    if (key == "dependencies") return dependencies(production_, DependencyKind::production);
    if (key == "optionalDependencies") return dependencies(optional_, DependencyKind::optional);
    if (key == "peerDependencies") return dependencies(peers_, DependencyKind::peer);
    if (key == "peerDependenciesMeta") return peer_meta();
    if (key == "bundleDependencies") return bundle(bundle_);
    if (key == "bundledDependencies") return bundle(bundled_);
    if (key == "dist") return dist();
    if (key == "engines") return engines();
    if (key == "bin") return bin();
    if (key == "os") return texts(facts_.platform.os);
    if (key == "cpu") return texts(facts_.platform.cpu);
    if (key == "libc") return texts(facts_.platform.libc);
    if (key == "deprecated") return deprecated();
    if (key == "scripts") return scripts();
    if (key == "hasInstallScript") {
      declared_ask_ = scan_.boolean().value_or(false);
      return;
    }
    if (key == "_hasShrinkwrap") {
      facts_.has_shrinkwrap = scan_.boolean().value_or(false);
      return;
    }
    scan_.skip();
  }

  void dependencies(Dependencies& list, DependencyKind kind) {
    list.clear();
    scan_.object([&](std::string_view name) {
      if (!names_.valid(name)) {
        scan_.skip();
        return;
      }
      Dependency& added = list.emplace_back();
      added.alias = name;
      std::optional<std::string_view> specifier = scan_.string();
      added.kind = specifier ? kind : kNoDependency;
      added.specifier = specifier.value_or("");
    });
    settle(list);
  }

  void peer_meta() {
    optional_peers_.clear();
    scan_.object([&](std::string_view name) {
      std::string peer(name);
      bool optional = false;
      scan_.object([&](std::string_view key) {
        if (key == "optional") {
          optional = scan_.boolean().value_or(false);
        } else {
          scan_.skip();
        }
      });
      optional_peers_[std::move(peer)] = optional;
    });
  }

  void bundle(std::optional<Bundle>& into) {
    into.emplace();
    char first = scan_.peek();
    if (first == 't') {
      into->all = scan_.boolean().value_or(false);
    } else if (first == '[') {
      scan_.array([&] {
        std::optional<std::string_view> name = scan_.string();
        if (name && names_.valid(*name)) into->names.emplace_back(*name);
      });
    } else {
      scan_.skip();
    }
  }

  void dist() {
    facts_.integrity.clear();
    facts_.tarball.clear();
    facts_.unpacked_size = facts_.file_count = 0;
    facts_.signatures.clear();
    shasum_.clear();
    scan_.object([&](std::string_view key) {
      if (key == "integrity") {
        facts_.integrity = scan_.string().value_or("");
      } else if (key == "shasum") {
        shasum_ = scan_.string().value_or("");
      } else if (key == "tarball") {
        facts_.tarball = scan_.string().value_or("");
      } else if (key == "unpackedSize") {
        facts_.unpacked_size = scan_.count().value_or(0);
      } else if (key == "fileCount") {
        facts_.file_count = scan_.count().value_or(0);
      } else if (key == "signatures") {
        signatures();
      } else {
        scan_.skip();
      }
    });
  }

  void signatures() {
    facts_.signatures.clear();
    scan_.array([&] {
      DistSignature signature;
      scan_.object([&](std::string_view key) {
        if (key == "keyid") {
          signature.key_id = scan_.string().value_or("");
        } else if (key == "sig") {
          signature.signature = scan_.string().value_or("");
        } else {
          scan_.skip();
        }
      });
      if (facts_.signatures.size() < kMostSignatures && !signature.key_id.empty()) {
        facts_.signatures.push_back(std::move(signature));
      }
    });
  }

  void engines() {
    facts_.node_engine.clear();
    scan_.object([&](std::string_view key) {
      if (key == "node") {
        facts_.node_engine = scan_.string().value_or("");
      } else {
        scan_.skip();
      }
    });
  }

  void bin() {
    std::string_view raw = scan_.raw();
    facts_.bins = bins_.read(raw);
  }

  // A text or a list of texts.
  void texts(std::vector<std::string>& into) {
    into.clear();
    if (scan_.peek() == '[') {
      scan_.array([&] {
        if (auto text = scan_.string()) into.emplace_back(*text);
      });
    } else if (auto text = scan_.string()) {
      into.emplace_back(*text);
    }
  }

  void deprecated() {
    facts_.deprecated.clear();
    if (scan_.peek() == 't') {
      if (scan_.boolean().value_or(false)) facts_.deprecated = "deprecated without a reason";
    } else {
      facts_.deprecated = scan_.string().value_or("");
    }
  }

  void scripts() {
    scripts_ask_ = false;
    scan_.object([&](std::string_view key) {
      if (key == "preinstall" || key == "install" || key == "postinstall") {
        if (!scan_.string().value_or("").empty()) scripts_ask_ = true;
      } else {
        scan_.skip();
      }
    });
  }

  void put_together() {
    facts_.has_install_script = declared_ask_ || scripts_ask_;
    // Most integrities are one SHA-512; only others are worth a parser's look.
    constexpr std::size_t kSha512Text = 7 + 88;
    bool plain = facts_.integrity.size() == kSha512Text && facts_.integrity.starts_with("sha512-");
    if (!plain && Integrity::parse(facts_.integrity).empty()) {
      facts_.integrity = Integrity::of_shasum(shasum_).text();
    }
    std::erase_if(production_, [&](const Dependency& d) { return lists(optional_, d.alias); });
    const std::optional<Bundle>& bundle = bundle_ ? bundle_ : bundled_;
    if (bundle) bundled_names(*bundle);
    for (Dependency& peer : peers_) {
      auto meta = optional_peers_.find(peer.alias);
      if (meta != optional_peers_.end() && meta->second) peer.kind = DependencyKind::optional_peer;
    }
    facts_.dependencies.reserve(production_.size() + optional_.size() + peers_.size());
    for (Dependencies* list : {&production_, &optional_, &peers_}) {
      std::move(list->begin(), list->end(), std::back_inserter(facts_.dependencies));
    }
  }

  void bundled_names(const Bundle& bundle) {
    facts_.bundled = bundle.names;
    if (!bundle.all) return;
    for (const Dependencies* list : {&production_, &optional_}) {
      for (const Dependency& dependency : *list) facts_.bundled.push_back(dependency.alias);
    }
    std::sort(facts_.bundled.begin(), facts_.bundled.end());
  }

  JsonScan& scan_;
  NameCheck& names_;
  BinReader& bins_;
  VersionFacts facts_;
  Dependencies production_, optional_, peers_;
  TextMap<bool> optional_peers_;
  std::optional<Bundle> bundle_, bundled_;
  std::string shasum_;
  bool scripts_ask_ = false, declared_ask_ = false;
};

// Where the wanted members of the document stand: the last one of each name.
struct Members {
  std::string_view name, tags, versions, time, modified;
};

class PackumentReader {
 public:
  PackumentReader(std::string_view json, std::string_view requested)
      : json_(json), requested_(requested), builder_(requested) {}

  Result<PackageMetadata> read() {
    HOD_CHECK(find_members());
    JsonScan name(members_.name);
    std::string_view got = name.string().value_or("");
    if (got != requested_) {
      return failure(invalid("the registry's answer is about `" + printable(got) + "`"));
    }
    HOD_CHECK(read_times());
    HOD_CHECK(read_versions());
    HOD_CHECK(read_tags());
    return make_package_metadata(std::move(builder_));
  }

 private:
  Error invalid(std::string what) const {
    return Error(ErrorCode::metadata_invalid, std::move(what))
        .during("reading the metadata of `" + std::string(requested_) + "`");
  }
  Error malformed(std::string_view part, const JsonScan& scan) const {
    // An empty part was not in the document.
    auto begin = part.empty() ? 0 : static_cast<std::size_t>(part.data() - json_.data());
    return invalid("the metadata of `" + std::string(requested_) + "` is no valid JSON")
        .at("byte " + std::to_string(begin + scan.offset()));
  }

  Result<void> find_members() {
    JsonScan scan(json_);
    if (scan.peek() != '{') return failure(malformed(json_, scan));
    scan.object([&](std::string_view key) {
      std::string_view* place = member_place(key);
      std::string_view value = scan.raw();
      if (place != nullptr) *place = value;
    });
    if (scan.failed() || !scan.at_end()) return failure(malformed(json_, scan));
    return {};
  }

  std::string_view* member_place(std::string_view key) {
    if (key == "name") return &members_.name;
    if (key == "dist-tags") return &members_.tags;
    if (key == "versions") return &members_.versions;
    if (key == "time") return &members_.time;
    if (key == "modified") return &members_.modified;
    return nullptr;
  }

  Result<void> read_times() {
    std::int64_t modified = seconds_since_epoch(JsonScan(members_.modified).string().value_or(""));
    JsonScan scan(members_.time);
    if (scan.peek() == '{') {
      scan.object([&](std::string_view key) {
        if (key == "unpublished") unpublished_ = true;
        std::string version(key);
        std::int64_t seconds = seconds_since_epoch(scan.string().value_or(""));
        if (version == "modified") {
          if (seconds != 0) modified = seconds;
        } else if (version != "created" && version != "unpublished") {
          times_[std::move(version)] = seconds;
        }
      });
      if (scan.failed()) return failure(malformed(members_.time, scan));
    }
    builder_.set_modified(modified);
    builder_.set_has_publish_times(!times_.empty());
    return {};
  }

  Result<void> read_versions() {
    JsonScan scan(members_.versions);
    if (scan.peek() != '{') {
      if (unpublished_ && members_.versions.empty()) return {};
      return failure(invalid("the metadata of `" + std::string(requested_) + "` has no versions"));
    }
    NameCheck names;
    BinReader bins(requested_);
    VersionReader reader(scan, names, bins);
    scan.object([&](std::string_view key) {
      if (scan.peek() != '{') {
        scan.skip();
        return;
      }
      VersionFacts facts = reader.read(std::string(key));
      auto time = times_.find(facts.version);
      if (time != times_.end()) facts.published = time->second;
      builder_.add_version(std::move(facts));
    });
    if (scan.failed()) return failure(malformed(members_.versions, scan));
    return {};
  }

  Result<void> read_tags() {
    JsonScan scan(members_.tags);
    if (scan.peek() != '{') return {};
    TextMap<std::string> tags;
    scan.object([&](std::string_view key) {
      std::string tag(key);
      std::optional<std::string_view> version = scan.string();
      if (version) {
        tags[std::move(tag)] = *version;
      } else {
        tags.erase(tag);
      }
    });
    if (scan.failed()) return failure(malformed(members_.tags, scan));
    for (const auto& [tag, version] : tags) builder_.add_tag(tag, version);
    return {};
  }

  std::string_view json_;
  std::string_view requested_;
  Members members_;
  TextMap<std::int64_t> times_;
  bool unpublished_ = false;
  PackageMetadataBuilder builder_;
};

}  // namespace

Result<PackageMetadata> parse_packument(std::string_view json, std::string_view requested) {
  return PackumentReader(json, requested).read();
}

}  // namespace hod::cache
