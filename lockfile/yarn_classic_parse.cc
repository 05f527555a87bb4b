// SPDX-License-Identifier: MIT
// See yarn_classic_parse.h. A line is blanks, then words: bare up to a blank, comma or
// colon-at-the-end, or JSON strings.
#include "lockfile/yarn_classic_parse.h"

#include <unordered_set>

#include "core/base/json.h"

namespace hod::lockfile {

namespace {

constexpr std::size_t kLongestText = std::size_t{256} << 20;  // bytes

class Parser {
 public:
  Parser(std::string_view text, std::string_view origin) : text_(text), origin_(origin) {}

  Result<std::vector<YarnEntry>> parse() {
    if (text_.size() > kLongestText) return invalid("it is larger than 256 MiB");
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    for (std::size_t begin = 0; begin < text_.size();) {
      ++line_;
      std::size_t end = text_.find('\n', begin);
      if (end == std::string_view::npos) end = text_.size();
      std::string_view line = text_.substr(begin, end - begin);
      begin = end + 1;
      if (line.ends_with('\r')) line.remove_suffix(1);
      HOD_CHECK(take(line));
    }
    HOD_CHECK(close());
    return std::move(entries_);
  }

 private:
  enum class Block : std::uint8_t { facts, dependencies, optional_dependencies, unknown };

  Result<void> take(std::string_view line) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(indent);
    if (line.empty() || line.starts_with('#')) return {};
    for (const char* marker : {"<<<<<<<", "=======", ">>>>>>>", "|||||||"}) {
      if (line.starts_with(marker)) return invalid("it has the conflict markers of a merge");
    }
    HOD_CHECK(split(line));
    if (indent == 0) return open();
    if (entries_.empty()) return invalid("an indented line outside of any entry");
    if (indent == 2) return take_fact();
    if (indent == 4) return take_dependency();
    // Deeper than anything yarn writes of what is read here.
    return block_ == Block::unknown ? Result<void>() : invalid("the indentation is odd");
  }

  // Words of a line; `is_block_` when it ends with a colon, `commas_` of them between words.
  Result<void> split(std::string_view line) {
    words_.clear();
    commas_ = 0;
    is_block_ = line.ends_with(':');
    if (is_block_) line.remove_suffix(1);
    for (std::size_t at = 0; at < line.size();) {
      if (line[at] == ' ') {
        ++at;
      } else if (line[at] == ',') {
        ++commas_;
        ++at;
      } else if (line[at] == '"') {
        std::size_t end = at + 1;
        while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
        if (end >= line.size()) return invalid("a quoted text does not end");
        auto parsed = Json::parse(line.substr(at, end + 1 - at), origin_);
        if (!parsed) return invalid("a quoted text is not valid");
        words_.push_back(parsed->as_string());
        at = end + 1;
      } else {
        const std::size_t end = std::min(line.find_first_of(" ,", at), line.size());
        words_.emplace_back(line.substr(at, end - at));
        at = end;
      }
    }
    return {};
  }

  Result<void> open() {
    HOD_CHECK(close());
    if (!is_block_ || words_.empty() || commas_ + 1 != words_.size()) {
      return invalid("an entry is expected: patterns with commas between them and a colon");
    }
    YarnEntry& entry = entries_.emplace_back();
    for (std::string& pattern : words_) {
      if (!patterns_.insert(pattern).second) return invalid("`" + pattern + "` is there twice");
      entry.patterns.push_back(std::move(pattern));
    }
    block_ = Block::facts;
    return {};
  }

  Result<void> close() {
    if (entries_.empty() || !entries_.back().version.empty()) return {};
    return invalid("`" + entries_.back().patterns.front() + "` has no version");
  }

  Result<void> take_fact() {
    if (words_.empty()) return invalid("a fact is expected");
    if (is_block_) {
      block_ = words_[0] == "dependencies"           ? Block::dependencies
               : words_[0] == "optionalDependencies" ? Block::optional_dependencies
                                                     : Block::unknown;
      return {};
    }
    block_ = Block::facts;
    if (words_.size() != 2) return {};
    YarnEntry& entry = entries_.back();
    std::string* fact = words_[0] == "version"     ? &entry.version
                        : words_[0] == "resolved"  ? &entry.resolved
                        : words_[0] == "integrity" ? &entry.integrity
                                                   : nullptr;
    if (!fact) return {};
    if (!fact->empty()) return invalid("`" + words_[0] + "` is there twice");
    *fact = std::move(words_[1]);
    return {};
  }

  Result<void> take_dependency() {
    if (block_ == Block::unknown) return {};
    if (block_ == Block::facts || words_.size() != 2)
      return invalid("a name and a range are expected");
    YarnEntry& entry = entries_.back();
    auto& list = block_ == Block::dependencies ? entry.dependencies : entry.optional_dependencies;
    list.emplace_back(std::move(words_[0]), std::move(words_[1]));
    return {};
  }

  tl::unexpected<Error> invalid(std::string what) const {
    return failure(
        Error(ErrorCode::lockfile_invalid, "the lockfile cannot be read: " + std::move(what))
            .at(std::string(origin_) + ":" + std::to_string(line_)));
  }

  std::string_view text_;
  std::string_view origin_;
  std::size_t line_ = 0;
  Block block_ = Block::facts;
  std::vector<std::string> words_;
  std::size_t commas_ = 0;
  bool is_block_ = false;
  std::unordered_set<std::string> patterns_;
  std::vector<YarnEntry> entries_;
};

}  // namespace

Result<std::vector<YarnEntry>> parse_yarn_classic(std::string_view text, std::string_view origin) {
  return Parser(text, origin).parse();
}

}  // namespace hod::lockfile
