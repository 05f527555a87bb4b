// SPDX-License-Identifier: MIT
// Interning and evaluation; see universe.h.
//
// A range is a union of comparator sets, and a comparator set is one interval of the ascending
// versions less the prereleases it does not name: two binary searches a comparator, then one walk
// of the interval.
#include "resolver/universe.h"

#include <algorithm>

namespace hod::resolver {

namespace {

PackageMetadata importer_metadata(const Importer& importer) {
  PackageMetadataBuilder builder(importer.name);
  VersionFacts facts;
  facts.version = Version::parse(importer.version) ? importer.version : "0.0.0";
  builder.add_version(std::move(facts));
  return make_package_metadata(std::move(builder));
}

// The first version not before `bound` (or, with `after`, the first one behind it).
std::uint32_t position(const PackageMetadata& metadata, const VersionView& bound, bool after) {
  std::uint32_t low = 0;
  std::uint32_t high = metadata.version_count();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const auto order = compare_versions(metadata.version(middle), bound);
    if (order < 0 || (after && order == 0)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool same_triple(const VersionView& a, const VersionView& b) {
  return a.major == b.major && a.minor == b.minor && a.patch == b.patch;
}

}  // namespace

Universe::Universe(const Policy& policy, const std::vector<Importer>& importers,
                   const LockedVersions& locked)
    : policy_(policy), locked_versions_(locked) {
  for (std::uint32_t i = 0; i < importers.size(); ++i) {
    Package package;
    package.kind = Package::Kind::importer;
    package.importer = i;
    package.name = own_name(importers[i].name);
    const PackageId id = packages_.add(std::move(package));
    importers_.push_back(id);
    load(id, importer_metadata(importers[i]), {});
    if (!importers[i].name.empty()) {
      members_.emplace(static_cast<std::uint32_t>(packages_[id].name), id);
    }
  }
}

NameId Universe::name(std::string_view text) {
  const auto [id, is_new] = names_.add(text);
  if (is_new) by_name_.push_back(kNoPackageId);
  return static_cast<NameId>(id);
}

SpecId Universe::spec(std::string_view text) {
  const auto [id, is_new] = spec_texts_.add(text);
  if (is_new) specs_.add(parse_spec(text));
  return static_cast<SpecId>(id);
}

namespace {

// Nothing but digits, dots and operators: a range in every reading. Saves the search for other
// meanings.
bool looks_like_range(std::string_view text) {
  return !text.empty() && text.size() < 64 &&
         text.find_first_not_of("0123456789.^~<>=| ") == std::string_view::npos;
}

}  // namespace

Spec Universe::parse_spec(std::string_view text) {
  Spec spec;
  spec.text = text;
  if (looks_like_range(text)) {
    if (Result<Range> range = Range::parse(text, {.loose = Loose::yes})) {
      spec.kind = Spec::Kind::range;
      spec.range = std::move(*range);
      return spec;
    }
  }
  Result<Specifier> parsed = Specifier::parse(text);
  if (!parsed) {
    spec.problem = parsed.error().what();
    return spec;
  }
  const RangeSpecifier* range = parsed->as<RangeSpecifier>();
  const TagSpecifier* tag = parsed->as<TagSpecifier>();
  if (const AliasSpecifier* alias = parsed->as<AliasSpecifier>()) {
    spec.alias = own_name(alias->name.str());
    range = std::get_if<RangeSpecifier>(&alias->target);
    tag = std::get_if<TagSpecifier>(&alias->target);
  }
  if (range) {
    // Only these take prereleases that nobody named, as npm does.
    const bool any = range->range.raw().empty() || range->range.raw() == "*";
    spec.kind = any ? Spec::Kind::any : Spec::Kind::range;
    spec.range = range->range;
  } else if (tag) {
    spec.kind = Spec::Kind::tag;
    spec.tag = tag->tag;
  } else {
    spec.kind = parsed->as<WorkspaceSpecifier>() ? Spec::Kind::workspace
                : parsed->as<CatalogSpecifier>() ? Spec::Kind::catalog
                                                 : Spec::Kind::source;
    spec.parsed = std::move(*parsed);
  }
  return spec;
}

PackageId Universe::registry_package(NameId name) {
  PackageId& known = by_name_[at(name)];
  if (known == kNoPackageId) {
    Package package;
    package.name = name;
    known = packages_.add(std::move(package));
  }
  return known;
}

PackageId Universe::source_package(const PackageSource& source, NameId slot) {
  const auto known = by_source_.find(source);
  if (known != by_source_.end()) return known->second;
  Package package;
  package.kind = Package::Kind::source;
  package.name = slot;
  package.source = source;
  package.asked_source = source;
  const PackageId id = packages_.add(std::move(package));
  by_source_.emplace(source, id);
  return id;
}

PackageId Universe::member(NameId name) const {
  const auto found = members_.find(static_cast<std::uint32_t>(name));
  return found == members_.end() ? kNoPackageId : found->second;
}

PackageId Universe::find(const MetadataKey& key) const {
  if (key.source.kind != PackageSource::Kind::registry) {
    const auto known = by_source_.find(key.source);
    return known == by_source_.end() ? kNoPackageId : known->second;
  }
  const std::uint32_t id = names_.find(key.name);
  return id == kNone ? kNoPackageId : by_name_[id];
}

void Universe::load(PackageId id, PackageMetadata metadata, PackageSource source, bool from_lock) {
  Package& package = packages_[id];
  package.state = Package::State::loaded;
  package.from_lock = from_lock;
  package.metadata = std::move(metadata);
  package.source = std::move(source);
  package.versions = package.metadata.version_count();
  package.words = words_for(package.versions + 1);
  if (package.kind != Package::Kind::registry) return;
  package.latest = package.metadata.tag("latest").value_or(kNoVersion);
  const auto locked = locked_versions_.find(text(package.name));
  if (locked != locked_versions_.end()) {
    for (const std::string& version : locked->second) {
      const auto index = package.metadata.find(version);
      if (index) package.locked.push_back(*index);
    }
    std::sort(package.locked.rbegin(), package.locked.rend());
  }
  apply_policy(package);
}

void Universe::set_missing(PackageId id, Error why) {
  packages_[id].state = Package::State::missing;
  packages_[id].missing = std::move(why);
}

void Universe::mark_lacking(PackageId id) {
  Package& package = packages_[id];
  if (!package.from_lock || package.lacking) return;
  package.lacking = true;
  lacking_.push_back(id);
}

bool Universe::is_held_back(const Package& package, VersionIndex version) const {
  if (policy_.before == 0 || package.kind != Package::Kind::registry) return false;
  if (is_exempt(policy_.before_exempt, text(package.name))) return false;
  const PackageMetadata& metadata = package.metadata;
  if (!metadata.has_publish_times()) {
    return metadata.modified() == 0 || metadata.modified() > policy_.before;
  }
  // Without a time it may be a minute old (T-RES-10).
  const std::int64_t published = metadata.published(version);
  return published == 0 || published > policy_.before;
}

bool Universe::engine_allows(const Package& package, VersionIndex version) {
  const std::string_view wanted = package.metadata.node_engine(version);
  if (wanted.empty()) return true;
  const auto [entry, is_new] = engines_.try_emplace(std::string(wanted), true);
  if (is_new) {
    const Result<Range> range =
        Range::parse(wanted, {.loose = Loose::yes, .include_prerelease = true});
    const Result<Version> node = Version::parse(policy_.node_version, Loose::yes);
    entry->second = !range || !node || range->contains(*node);
  }
  return entry->second;
}

void Universe::apply_policy(Package& package) {
  const bool engines = policy_.engine_strict && !policy_.node_version.empty();
  if (!engines && policy_.before == 0 && !policy_.platform) return;
  Bits allowed;
  for (std::uint32_t i = 0; i < package.versions; ++i) {
    const bool locked =
        std::find(package.locked.begin(), package.locked.end(), i) != package.locked.end();
    const bool fits =
        (locked || !is_held_back(package, i)) && (!engines || engine_allows(package, i)) &&
        (!policy_.platform || !package.metadata.has_platform_needs(i) ||
         platform_allows(package.metadata.release_facts(i).platform, *policy_.platform));
    if (fits) continue;
    if (allowed.null()) {
      allowed = arena_.zero(package.words);
      allowed.set_range(0, package.versions);
    }
    allowed.clear(i);
  }
  package.allowed = allowed;
}

std::string_view Universe::version_text(PackageId id, VersionIndex version) const {
  return packages_[id].metadata.version_text(version);
}

bool Universe::contains(const Spec& spec, const Package& package, VersionIndex version) const {
  switch (spec.kind) {
    case Spec::Kind::any:
      return true;
    case Spec::Kind::range:
      if (spec.range->contains(package.metadata.version(version))) return true;
      // A member of the project answers with whatever it is going to be released as.
      return package.kind == Package::Kind::importer &&
             package.metadata.version(version).is_prerelease() &&
             must(
                 Range::parse(spec.range->raw(), {.loose = Loose::yes, .include_prerelease = true}))
                 .contains(package.metadata.version(version));
    case Spec::Kind::tag:
      return package.metadata.tag(spec.tag) == version;
    case Spec::Kind::source:
    case Spec::Kind::workspace:
      return true;  // the package was made for this very specifier
    case Spec::Kind::catalog:
    case Spec::Kind::refused:
      return false;
  }
  return false;
}

bool Universe::satisfies(SpecId spec, PackageId id, VersionIndex version) {
  Package& package = packages_[id];
  for (const Package::Answer& known : package.answers) {
    if (known.spec == spec && !known.satisfying.null()) return known.satisfying.has(version);
  }
  return contains(specs_[spec], package, version);
}

Package::Answer& Universe::answer(SpecId spec, PackageId id) {
  Package& package = packages_[id];
  for (Package::Answer& known : package.answers) {
    if (known.spec == spec) return known;
  }
  package.answers.push_back({spec, kNoVersion, false, {}, {}});
  return package.answers.back();
}

void Universe::add_set(const std::vector<Comparator>& set, const Package& package,
                       Bits into) const {
  const PackageMetadata& metadata = package.metadata;
  std::uint32_t low = 0;
  std::uint32_t high = package.versions;
  bool names_prerelease = false;
  for (const Comparator& comparator : set) {
    const VersionView bound = comparator.version.view();
    names_prerelease |= bound.is_prerelease();
    switch (comparator.op) {
      case Comparator::Operator::any:
        break;
      case Comparator::Operator::less:
        high = std::min(high, position(metadata, bound, false));
        break;
      case Comparator::Operator::less_equal:
        high = std::min(high, position(metadata, bound, true));
        break;
      case Comparator::Operator::equal:
        low = std::max(low, position(metadata, bound, false));
        high = std::min(high, position(metadata, bound, true));
        break;
      case Comparator::Operator::greater_equal:
        low = std::max(low, position(metadata, bound, false));
        break;
      case Comparator::Operator::greater:
        low = std::max(low, position(metadata, bound, true));
        break;
    }
  }
  for (std::uint32_t i = low; i < high; ++i) {
    const VersionView version = metadata.version(i);
    if (!version.is_prerelease()) {
      into.set(i);
    } else if (names_prerelease &&
               std::any_of(set.begin(), set.end(), [&version](const Comparator& comparator) {
                 return !comparator.version.prerelease().empty() &&
                        same_triple(comparator.version.view(), version);
               })) {
      into.set(i);
    }
  }
}

Bits Universe::evaluate(const Spec& spec, const Package& package) {
  const Bits bits = arena_.zero(package.words);
  if (spec.kind == Spec::Kind::range && package.kind == Package::Kind::registry) {
    for (const std::vector<Comparator>& set : spec.range->sets()) add_set(set, package, bits);
    return bits;
  }
  for (std::uint32_t i = 0; i < package.versions; ++i) {
    if (contains(spec, package, i)) bits.set(i);
  }
  return bits;
}

Bits Universe::satisfying(SpecId spec, PackageId id) {
  Package::Answer& known = answer(spec, id);
  if (known.satisfying.null()) known.satisfying = evaluate(specs_[spec], packages_[id]);
  return known.satisfying;
}

Bits Universe::candidates(SpecId spec, PackageId id) {
  Package& package = packages_[id];
  const Bits satisfying_set = satisfying(spec, id);
  if (package.from_lock && !package.lacking &&
      (package.allowed.null() ? satisfying_set.empty() : !satisfying_set.meets(package.allowed))) {
    mark_lacking(id);
  }
  if (package.allowed.null()) return satisfying_set;
  Package::Answer& known = answer(spec, id);
  if (!known.candidates.null()) return known.candidates;
  known.candidates = arena_.copy(satisfying_set);
  known.candidates.keep(package.allowed);
  if (specs_[spec].kind == Spec::Kind::tag && known.candidates.empty() && !satisfying_set.empty()) {
    // What the tag names may not be taken yet: the newest release before it may.
    for (std::uint32_t i = satisfying_set.highest(); i-- > 0;) {
      if (package.allowed.has(i) && !package.metadata.version(i).is_prerelease()) {
        known.candidates.set(i);
        break;
      }
    }
  }
  return known.candidates;
}

VersionIndex Universe::best_of(PackageId id, Bits set, bool releases_first) const {
  const Package& package = packages_[id];
  const PackageMetadata& metadata = package.metadata;
  if (package.latest != kNoVersion && set.has(package.latest) &&
      !metadata.is_deprecated(package.latest)) {
    return package.latest;
  }
  VersionIndex prerelease = kNoVersion;
  VersionIndex deprecated = kNoVersion;
  for (std::uint32_t i = set.below(package.versions); i != Bits::kNoBit; i = set.below(i)) {
    if (metadata.is_deprecated(i)) {
      if (deprecated == kNoVersion) deprecated = i;
    } else if (releases_first && metadata.version(i).is_prerelease()) {
      if (prerelease == kNoVersion) prerelease = i;
    } else {
      return i;
    }
  }
  return prerelease != kNoVersion ? prerelease : deprecated;
}

VersionIndex Universe::best(SpecId spec, PackageId id) {
  {
    const Package::Answer& known = answer(spec, id);
    if (known.has_best) return known.best;
  }
  const Package& package = packages_[id];
  VersionIndex found = kNoVersion;
  if (package.latest != kNoVersion && is_allowed(package, package.latest) &&
      !package.metadata.is_deprecated(package.latest) &&
      contains(specs_[spec], package, package.latest)) {
    found = package.latest;
  } else {
    found = best_of(id, candidates(spec, id), releases_first(spec));
  }
  Package::Answer& known = answer(spec, id);
  known.best = found;
  known.has_best = true;
  return found;
}

}  // namespace hod::resolver
