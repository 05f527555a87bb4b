// SPDX-License-Identifier: MIT
// Reading patches. A line is looked at once; hunks are read by the counts in their head, so that a
// removed line that looks like a header ("--- a/x") is still a removed line.
//
//   text before ──"diff --git" or "--- "──▶ headers ──"@@"──▶ hunks ──next header──▶ headers
//
// What must stay true:
//  (1) Each path of a FileChange passed inside_path(): relative, no `.`, `..`, empty part, no
//      backslash that could climb, nothing mended (T-LINK-07, by the rules of T-TAR-01).
//  (2) A line that belongs to a diff is never passed over: what is not understood is an error.
#include "cache/patch_parse.h"

#include <algorithm>
#include <charconv>

#include "cache/hash.h"
#include "cache/tar_path.h"
#include "core/base/encoding.h"
#include "core/base/printable.h"

namespace hod::cache {

namespace {

constexpr std::string_view kNowhere = "/dev/null";

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<std::size_t> take_count(std::string_view& text) {
  std::size_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// One character of git's quoted paths behind its backslash.
std::optional<char> take_escaped(std::string_view& text) {
  constexpr std::string_view kLetters = "abtnvfr\"\\";
  constexpr std::string_view kValues = "\a\b\t\n\v\f\r\"\\";
  if (text.empty()) return std::nullopt;
  const std::size_t known = kLetters.find(text[0]);
  if (known != std::string_view::npos) {
    text.remove_prefix(1);
    return kValues[known];
  }
  if (text.size() < 3) return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (text[i] < '0' || text[i] > '7') return std::nullopt;
    value = value * 8 + static_cast<unsigned>(text[i] - '0');
  }
  if (value > 0xFF) return std::nullopt;
  text.remove_prefix(3);
  return static_cast<char>(value);
}

// "\"a/\\303\\244\" rest": the path; `text` is what follows it.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  text.remove_prefix(1);
  while (!text.empty() && text[0] != '"') {
    if (!take_prefix(text, "\\")) {
      out += text[0];
      text.remove_prefix(1);
    } else if (const std::optional<char> character = take_escaped(text)) {
      out += *character;
    } else {
      return std::nullopt;
    }
  }
  if (!take_prefix(text, "\"")) return std::nullopt;
  return out;
}

// What a header line names; a tab and a time may stand behind it.
std::optional<std::string> named_path(std::string_view text) {
  if (text.starts_with('"')) return take_quoted(text);
  return std::string(text.substr(0, text.find('\t')));
}

// "a/lib/x" → "lib/x": one leading part is dropped, as `git apply` does.
std::optional<std::string_view> without_prefix(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  return path.substr(slash + 1);
}

// (1)
bool inside_path(const std::string& path) {
  const Result<std::string> safe = path_in_package("a/" + path, PathLimits{});
  return safe && !path.empty() && *safe == path;
}

struct Names {
  std::optional<std::string> before, after;
};

// "a/x b/x", where nothing but their being equal tells where the first one ends.
Names git_names(std::string_view text) {
  Names names;
  if (text.starts_with('"')) {
    names.before = take_quoted(text);
    if (!take_prefix(text, " ")) return {};
    names.after = named_path(text);
    return names;
  }
  const std::size_t half = text.size() / 2;
  if (text.size() % 2 == 0 || text[half] != ' ') return {};
  names.before = std::string(text.substr(0, half));
  names.after = std::string(text.substr(half + 1));
  if (without_prefix(*names.before) != without_prefix(*names.after)) return {};
  return names;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view origin) : rest_(text), origin_(origin) {}

  Result<std::vector<FileChange>> parse() {
    while (next()) HOD_CHECK(read_line());
    HOD_CHECK(end_file());
    if (changes_.empty()) {
      line_number_ = 0;
      return invalid("there is no change in it");
    }
    return std::move(changes_);
  }

 private:
  // What the headers of one file said.
  struct Headers {
    bool any = false;
    Names git;    // `diff --git`
    Names moved;  // rename or copy from, to
    bool created = false, removed = false, copied = false;
    std::optional<bool> executable;
    Names plain;  // `---`, `+++`
    std::size_t line = 0;
  };

  bool next() {
    if (rest_.empty()) return false;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++line_number_;
    return true;
  }

  Result<void> read_line() {
    std::string_view text = line_;
    if (take_prefix(text, "diff --git ")) {
      HOD_CHECK(end_file());
      begin_file();
      headers_.git = git_names(text);
      return {};
    }
    if (text.starts_with("--- ")) return read_before(text.substr(4));
    if (text.starts_with("@@ ")) return read_hunk();
    if (text.starts_with("GIT binary patch") || text.starts_with("Binary files ")) {
      return invalid("it changes a binary file, which a patch of text cannot");
    }
    if (headers_.any && hunks_.empty()) return read_header(text);
    return pass_over(text);
  }

  void begin_file() {
    headers_ = {};
    headers_.any = true;
    headers_.line = line_number_;
  }

  Result<void> read_header(std::string_view text) {
    if (take_prefix(text, "new file mode ")) {
      headers_.created = true;
      return read_mode(text);
    }
    if (take_prefix(text, "deleted file mode ")) {
      headers_.removed = true;
      return read_mode(text);
    }
    if (take_prefix(text, "new mode ")) return read_mode(text);
    if (take_prefix(text, "old mode ")) return check_mode(text);
    if (take_prefix(text, "index ")) {
      const std::size_t blank = text.find(' ');
      return blank == std::string_view::npos ? Result<void>() : check_mode(text.substr(blank + 1));
    }
    if (take_prefix(text, "rename from ")) return read_move(text, headers_.moved.before, false);
    if (take_prefix(text, "rename to ")) return read_move(text, headers_.moved.after, false);
    if (take_prefix(text, "copy from ")) return read_move(text, headers_.moved.before, true);
    if (take_prefix(text, "copy to ")) return read_move(text, headers_.moved.after, true);
    if (text.starts_with("similarity index ") || text.starts_with("dissimilarity index ")) {
      return {};
    }
    return pass_over(text);
  }

  Result<void> check_mode(std::string_view text) const {
    if (text == "120000") return invalid("it has a symbolic link");
    if (text == "100644" || text == "100755") return {};
    return invalid("it has the mode `" + printable(text) + "`, and files have 100644 or 100755");
  }

  Result<void> read_mode(std::string_view text) {
    HOD_CHECK(check_mode(text));
    headers_.executable = text == "100755";
    return {};
  }

  Result<void> read_move(std::string_view text, std::optional<std::string>& to, bool copied) {
    to = named_path(text);
    headers_.copied = copied;
    if (!to) return invalid("a quoted path does not end");
    return {};
  }

  // `--- a/x`, and on the next line `+++ b/x`.
  Result<void> read_before(std::string_view text) {
    const bool starts_file = !headers_.any || headers_.plain.before || !hunks_.empty();
    if (starts_file) {
      HOD_CHECK(end_file());
      begin_file();
    }
    headers_.plain.before = named_path(text);
    if (!next() || !line_.starts_with("+++ ")) return invalid("`+++` is missing behind `---`");
    headers_.plain.after = named_path(line_.substr(4));
    if (!headers_.plain.before || !headers_.plain.after) {
      return invalid("a quoted path does not end");
    }
    return {};
  }

  // (2): prose between diffs is fine, the lines of a diff are not prose.
  Result<void> pass_over(std::string_view text) const {
    if (!headers_.any || text.empty() || text == "-- ") return {};  // of a mail
    if (std::string_view("+-@ \\").find(text[0]) == std::string_view::npos) return {};
    return invalid("this line belongs to no hunk: the counts in the hunk's head are wrong");
  }

  // "@@ -1,2 +1,3 @@"
  Result<void> read_hunk() {
    if (!headers_.plain.after) return invalid("a hunk without `---` and `+++` before it");
    std::string_view text = line_;
    PatchHunk hunk;
    hunk.text_line = line_number_;
    const auto take_range = [&text](std::string_view sign, std::size_t& start) {
      if (!take_prefix(text, sign)) return std::optional<std::size_t>();
      const std::optional<std::size_t> first = take_count(text);
      if (!first) return std::optional<std::size_t>();
      start = *first;
      return take_prefix(text, ",") ? take_count(text) : std::optional<std::size_t>(1);
    };
    std::size_t new_start = 0;
    const auto old_count = take_range("@@ -", hunk.old_start);
    const auto new_count = take_range(" +", new_start);
    if (!old_count || !new_count || !text.starts_with(" @@")) {
      return invalid("the head of a hunk is `@@ -line,count +line,count @@`");
    }
    HOD_CHECK(read_hunk_lines(hunk, *old_count, *new_count));
    hunks_.push_back(std::move(hunk));
    return {};
  }

  Result<void> read_hunk_lines(PatchHunk& hunk, std::size_t old_count, std::size_t new_count) {
    while (old_count > 0 || new_count > 0 || rest_.starts_with('\\')) {
      if (!next()) return invalid("the patch ends within a hunk");
      if (line_.starts_with('\\')) {
        if (hunk.lines.empty()) return invalid("this line belongs to no hunk");
        hunk.lines.back().ends_file = true;
        continue;
      }
      PatchLine line;
      // Editors take the one blank of an empty line away.
      const char sign = line_.empty() ? ' ' : line_[0];
      if (sign == '-') line.kind = PatchLine::Kind::removed;
      if (sign == '+') line.kind = PatchLine::Kind::added;
      if (sign != ' ' && sign != '-' && sign != '+') return invalid("a line of a hunk is cut");
      std::size_t& count = sign == '+' ? new_count : old_count;
      if (count == 0 || (sign == ' ' && new_count == 0)) {
        return invalid("a hunk has more lines than its head says");
      }
      --count;
      if (sign == ' ') --new_count;
      if (!line_.empty()) line.text = line_.substr(1);
      hunk.lines.push_back(std::move(line));
    }
    return {};
  }

  // ---- a file's headers as a change

  Result<void> end_file() {
    if (!headers_.any) return {};
    FileChange change;
    HOD_CHECK(name_files(change));
    for (const std::string* path : {&change.old_path, &change.new_path}) {
      if (!inside_path(*path)) {
        return refused("it names `" + printable(*path) + "`, which is no path inside the package");
      }
    }
    change.executable = headers_.executable;
    change.hunks = std::move(hunks_);
    hunks_.clear();
    headers_ = {};
    changes_.push_back(std::move(change));
    return {};
  }

  Result<void> name_files(FileChange& change) {
    if (headers_.moved.before || headers_.moved.after) return name_moved(change);
    Names names = headers_.plain.after ? headers_.plain : headers_.git;
    if (!names.before || !names.after) return refused("its headers name no file");
    const bool created = headers_.created || *names.before == kNowhere;
    const bool removed = headers_.removed || *names.after == kNowhere;
    if (created && removed) return refused("it makes and removes one file");
    if (created) names.before = names.after;
    if (removed) names.after = names.before;
    const auto before = without_prefix(*names.before);
    const auto after = without_prefix(*names.after);
    if (!before || !after) {
      return refused("it names `" + printable(before ? *names.after : *names.before) +
                     "`, and paths begin with `a/` or `b/`");
    }
    if (*before != *after) {
      return refused("it goes from `" + printable(*before) + "` to `" + printable(*after) +
                     "` without `rename from` and `rename to`");
    }
    change.old_path = change.new_path = *after;
    if (created) change.kind = FileChange::Kind::create;
    if (removed) change.kind = FileChange::Kind::remove;
    return {};
  }

  Result<void> name_moved(FileChange& change) {
    if (!headers_.moved.before || !headers_.moved.after || headers_.created || headers_.removed) {
      return refused("its headers contradict each other");
    }
    change.kind = headers_.copied ? FileChange::Kind::copy : FileChange::Kind::rename;
    change.old_path = *headers_.moved.before;
    change.new_path = *headers_.moved.after;
    const Names& plain = headers_.plain;
    const bool fits = !plain.after || (without_prefix(*plain.before) == change.old_path &&
                                       without_prefix(*plain.after) == change.new_path);
    if (!fits) return refused("its headers contradict each other");
    return {};
  }

  tl::unexpected<Error> invalid(std::string what) const {
    std::string place(origin_);
    if (line_number_ > 0) place += ":" + std::to_string(line_number_);
    return failure(Error(ErrorCode::patch_invalid, "the patch cannot be used: " + std::move(what))
                       .at(std::move(place)));
  }
  tl::unexpected<Error> refused(std::string what) {
    line_number_ = headers_.line;
    return invalid(std::move(what));
  }

  std::string_view rest_;
  std::string_view origin_;
  std::string_view line_;
  std::size_t line_number_ = 0;
  Headers headers_;
  std::vector<PatchHunk> hunks_;
  std::vector<FileChange> changes_;
};

}  // namespace

std::string with_plain_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i];
  }
  return out;
}

std::string patch_hash(std::string_view text) {
  return to_hex(digest_of(DigestAlgorithm::sha256, with_plain_line_ends(text)));
}

Result<std::vector<FileChange>> parse_patch(std::string_view text, std::string_view origin) {
  return Parser(with_plain_line_ends(text), origin).parse();
}

}  // namespace hod::cache
