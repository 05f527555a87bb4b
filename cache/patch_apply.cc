// SPDX-License-Identifier: MIT
// A text is a list of lines, each with its own end; a hunk replaces a run of them by another.
//
// What must stay true:
//  (1) Hunks are in order and do not overlap: each begins where the one before it ended, or later.
//  (2) A hunk that says that it begins at the first line, or has no context behind its last change,
//      matches only at the text's beginning or end.
#include "cache/patch_apply.h"

#include <algorithm>

namespace hod::cache {

namespace {

// A hostile patch could look for a long run in a long text of equal lines. Real ones need some
// comparisons a line of the text.
constexpr std::size_t kMostComparisons = 20'000'000;

struct Line {
  std::string_view text;
  std::string_view end;  // "\n", "\r\n"; at the end of the text also "" or "\r"
  bool is_ended() const { return end.ends_with('\n'); }
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    std::string_view line = text.substr(0, size);
    text.remove_prefix(size);
    std::size_t end = line.ends_with('\n') ? 1 : 0;
    if (line.substr(0, line.size() - end).ends_with('\r')) ++end;
    lines.push_back({line.substr(0, line.size() - end), line.substr(line.size() - end)});
  }
  return lines;
}

bool is_same(const Line& line, const PatchLine& wanted) {
  return line.text == wanted.text && line.is_ended() != wanted.ends_file;
}

class Applier {
 public:
  explicit Applier(std::string_view text) : text_size_(text.size()), lines_(lines_of(text)) {
    if (!lines_.empty() && lines_.front().is_ended()) end_ = lines_.front().end;
  }

  PatchedText apply(const std::vector<PatchHunk>& hunks) {
    PatchedText out;
    out_.reserve(text_size_ + text_size_ / 8);
    for (const PatchHunk& hunk : hunks) {
      const char* why = put(hunk);
      if (why == nullptr) continue;
      out.failed = HunkFailure{hunk.text_line, why};
      return out;
    }
    while (position_ < lines_.size()) keep(lines_[position_++]);
    if (cut_) out.failed = HunkFailure{cut_line_, kCut};
    out.text = std::move(out_);
    return out;
  }

 private:
  static constexpr const char* kCut = "there are lines behind one that has no line end";

  // Null, or why the hunk does not fit.
  const char* put(const PatchHunk& hunk) {
    std::vector<const PatchLine*> before;
    for (const PatchLine& line : hunk.lines) {
      if (line.kind != PatchLine::Kind::added) before.push_back(&line);
    }
    if (before.empty() && !lines_.empty()) return "it has no line of the file to stand at";
    const auto place = find(hunk, before);
    if (comparisons_ > kMostComparisons) return "it takes too long to find its place";
    if (!place) return "its lines are not in the file";
    while (position_ < *place) keep(lines_[position_++]);
    for (const PatchLine& line : hunk.lines) replace(line, hunk.text_line);
    shift_ = static_cast<std::ptrdiff_t>(position_) - expected_end(hunk, before.size());
    return nullptr;
  }

  // Where its old lines should end by its head.
  static std::ptrdiff_t expected_end(const PatchHunk& hunk, std::size_t size) {
    return first_line(hunk, size) + static_cast<std::ptrdiff_t>(size);
  }

  // From 0.
  static std::ptrdiff_t first_line(const PatchHunk& hunk, std::size_t size) {
    const auto start = static_cast<std::ptrdiff_t>(hunk.old_start);
    return size == 0 || start == 0 ? 0 : start - 1;
  }

  // (2): the nearest place, later ones first among equals.
  std::optional<std::size_t> find(const PatchHunk& hunk,
                                  const std::vector<const PatchLine*>& before) {
    if (before.size() > lines_.size() - position_) return std::nullopt;
    const std::size_t first = position_;
    const std::size_t last = lines_.size() - before.size();
    const bool at_end = !hunk.lines.empty() && hunk.lines.back().kind != PatchLine::Kind::context;
    const bool at_start = hunk.old_start <= 1;
    if (at_start)
      return first == 0 && fits(0, before, at_end) ? std::optional(first) : std::nullopt;
    if (at_end) {
      return last >= first && fits(last, before, true) ? std::optional(last) : std::nullopt;
    }
    const std::ptrdiff_t wanted = first_line(hunk, before.size()) + shift_;
    const std::size_t middle = static_cast<std::size_t>(
        std::clamp(wanted, static_cast<std::ptrdiff_t>(first), static_cast<std::ptrdiff_t>(last)));
    for (std::size_t away = 0; comparisons_ <= kMostComparisons; ++away) {
      const bool below = middle + away <= last;
      const bool above = away <= middle - first;
      if (!below && !above) return std::nullopt;
      if (below && fits(middle + away, before, false)) return middle + away;
      if (above && fits(middle - away, before, false)) return middle - away;
    }
    return std::nullopt;
  }

  bool fits(std::size_t place, const std::vector<const PatchLine*>& before, bool to_end) {
    if (to_end && place + before.size() != lines_.size()) return false;
    for (std::size_t i = 0; i < before.size(); ++i) {
      ++comparisons_;
      if (!is_same(lines_[place + i], *before[i])) return false;
    }
    return true;
  }

  void replace(const PatchLine& line, std::size_t text_line) {
    switch (line.kind) {
      case PatchLine::Kind::context:
        keep(lines_[position_++]);
        break;
      case PatchLine::Kind::removed:
        note_end(lines_[position_++]);
        break;
      case PatchLine::Kind::added:
        note_cut(text_line);
        out_ += line.text;
        if (!line.ends_file) out_ += end_;
        open_ = line.ends_file;
        break;
    }
  }

  void keep(const Line& line) {
    note_cut(0);
    note_end(line);
    out_.append(line.text).append(line.end);
    open_ = !line.is_ended();
  }

  void note_end(const Line& line) {
    if (line.is_ended()) end_ = line.end;
  }

  void note_cut(std::size_t text_line) {
    if (open_ && !cut_) cut_line_ = text_line;
    cut_ = cut_ || open_;
  }

  std::size_t text_size_;
  std::vector<Line> lines_;
  std::size_t position_ = 0;  // of the first line that is not in out_ yet
  std::ptrdiff_t shift_ = 0;  // how far off the last hunk stood
  std::string_view end_ = "\n";
  std::size_t comparisons_ = 0;
  bool open_ = false;  // the last line of out_ has no end
  bool cut_ = false;   // and something came behind it
  std::size_t cut_line_ = 0;
  std::string out_;
};

}  // namespace

PatchedText apply_hunks(std::string_view text, const std::vector<PatchHunk>& hunks) {
  return Applier(text).apply(hunks);
}

}  // namespace hod::cache
