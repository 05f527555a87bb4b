// SPDX-License-Identifier: MIT
// Two passes over the words. The first one finds the command (options may stand before it, and the
// meaning of a letter depends on the command); the second reads everything by that command's rows.
//
// What must stay true:
//  (1) An option that is not in the tables is an error, never ignored: a typing error must not
//  change what is installed. (2) Behind the first word of run and exec everything is the program's,
//  but for the rows marked `anywhere`.
#include "cli/arguments.h"

#include <algorithm>

#include "core/base/edit_distance.h"

namespace hod::cli {

namespace {

bool looks_like_option(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

struct LongForm {
  std::string_view name;
  bool negated = false;
  std::optional<std::string_view> value;
};

// "--no-save=x" → no-save, x. Whether "no-" negates is for the tables to say.
LongForm split_long(std::string_view word) {
  LongForm form;
  word.remove_prefix(2);
  std::size_t equals = word.find('=');
  form.name = word.substr(0, equals);
  if (equals != std::string_view::npos) form.value = word.substr(equals + 1);
  return form;
}

constexpr std::string_view kNegation = "no-";

template <class Find>
const OptionRow* find_long(LongForm& form, Find find) {
  if (const OptionRow* row = find(form.name)) return row;
  if (form.name.substr(0, kNegation.size()) != kNegation) return nullptr;
  const OptionRow* row = find(form.name.substr(kNegation.size()));
  if (row == nullptr || row->takes == Takes::value || row->takes == Takes::values) return nullptr;
  form.negated = true;
  return row;
}

bool takes_next_word(const OptionRow& row) {
  return row.takes == Takes::value || row.takes == Takes::values;
}

// Does `word` need the next one as its value, whatever the command is?
bool consumes_next(std::string_view word) {
  if (word.substr(0, 2) == "--") {
    LongForm form = split_long(word);
    const OptionRow* row = find_long(form, find_option_of_any);
    return row != nullptr && takes_next_word(*row) && !form.value;
  }
  const OptionRow* row = find_letter_of_any(word.back());
  return row != nullptr && takes_next_word(*row) && word.size() == 2;
}

// The index of the command's word, or the number of words when there is none.
std::size_t find_command_word(std::span<const std::string> words) {
  std::size_t i = 0;
  while (i < words.size() && words[i] != "--") {
    if (!looks_like_option(words[i])) return i;
    i += consumes_next(words[i]) ? 2 : 1;
  }
  return words.size();
}

bool has_word_behind(std::span<const std::string> words, std::size_t command_word) {
  std::span<const std::string> rest = words.subspan(command_word + 1);
  std::size_t at = find_command_word(rest);
  // Behind a `--` everything is a word.
  return at < rest.size() || (!rest.empty() && rest.back() != "--" &&
                              std::find(rest.begin(), rest.end(), "--") != rest.end());
}

std::vector<std::string> option_names(CommandId command) {
  std::vector<std::string> names;
  for (const OptionRow& row : option_table()) {
    if (!row.commands.contains(command)) continue;
    names.push_back((row.shown_negated ? "no-" : "") + std::string(row.name));
    for (std::string_view other : row.other_names) {
      if (!other.empty()) names.emplace_back(other);
    }
  }
  return names;
}

// The commands that do have an option of this row: "`hod add`".
std::string owners_of(const OptionRow& row) {
  std::string out;
  for (const CommandRow& command : command_table()) {
    if (!row.commands.contains(command.id)) continue;
    out += (out.empty() ? "`hod " : ", `hod ") + std::string(command.name) + "`";
  }
  return out;
}

Error unknown_option(const CommandRow& command, std::string_view shown, std::string_view name) {
  std::string verb = "hod " + std::string(command.name);
  Error error(ErrorCode::usage, "`" + verb + "` has no option `" + std::string(shown) + "`");
  const OptionRow* foreign = name.size() == 1 && shown.substr(0, 2) != "--"
                                 ? find_letter_of_any(name[0])
                                 : find_option_of_any(name);
  if (foreign != nullptr) {
    error = std::move(error).hint("it belongs to " + owners_of(*foreign));
  } else if (auto near = nearest(option_names(command.id), name); !near.empty()) {
    error = std::move(error).hint("did you mean `--" + near.front() + "`?");
  }
  return std::move(error).hint("`" + verb + " --help` lists the options");
}

std::optional<bool> parse_switch(std::string_view text) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "0" || text == "no" || text == "off") return false;
  return std::nullopt;
}

}  // namespace

class ArgumentParser {
 public:
  ArgumentParser(std::span<const std::string> words, const CommandRow& command,
                 std::size_t command_word)
      : words_(words), command_(command), command_word_(command_word) {
    out_.command_ = command.id;
  }

  Result<Arguments> run() {
    for (at_ = 0; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      if (at_ == command_word_) continue;
      if (command_.passes_on && !out_.words_.empty()) {
        HOD_CHECK(take_passed_on(word));
      } else if (word == "--") {
        take_rest();
      } else if (word.substr(0, 2) == "--") {
        HOD_CHECK(take_long(word));
      } else if (looks_like_option(word)) {
        HOD_CHECK(take_letters(word));
      } else {
        out_.words_.push_back(word);
      }
    }
    return std::move(out_);
  }

 private:
  // Behind the script's name. A first `--` ends even the search for our own options, as npm users
  // write it.
  Result<void> take_passed_on(const std::string& word) {
    if (word == "--" && !rest_is_foreign_) {
      rest_is_foreign_ = true;
      return {};
    }
    if (!rest_is_foreign_ && word.substr(0, 2) == "--") {
      LongForm form = split_long(word);
      const OptionRow* row =
          find_long(form, [&](std::string_view name) { return find_option(command_.id, name); });
      if (row != nullptr && row->anywhere) return take_long(word);
    }
    out_.passed_on_.push_back(word);
    return {};
  }

  // `--` before any word: what follows are words, whatever they look like.
  void take_rest() {
    for (++at_; at_ < words_.size(); ++at_) {
      auto& target = command_.passes_on && !out_.words_.empty() ? out_.passed_on_ : out_.words_;
      target.push_back(words_[at_]);
    }
  }

  Result<void> take_long(const std::string& word) {
    LongForm form = split_long(word);
    const OptionRow* row =
        find_long(form, [&](std::string_view name) { return find_option(command_.id, name); });
    if (row == nullptr)
      return failure(unknown_option(command_, "--" + std::string(form.name), form.name));
    return take(*row, "--" + std::string(form.name), !form.negated, form.value);
  }

  // "-DE" is "-D -E"; "-Cfolder" is "-C folder".
  Result<void> take_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      std::string shown = std::string("-") + word[i];
      const OptionRow* row = find_letter(command_.id, word[i]);
      if (row == nullptr) return failure(unknown_option(command_, shown, std::string(1, word[i])));
      std::string_view rest = std::string_view(word).substr(i + 1);
      if (takes_next_word(*row) && !rest.empty()) return take(*row, shown, true, rest);
      HOD_CHECK(take(*row, shown, true, std::nullopt));
    }
    return {};
  }

  Result<void> take(const OptionRow& row, const std::string& shown, bool on,
                    std::optional<std::string_view> value) {
    if (row.takes == Takes::nothing) {
      if (value) {
        std::optional<bool> read = parse_switch(*value);
        if (!read)
          return failure(ErrorCode::usage, "`" + shown + "` is a switch: true or false, not `" +
                                               std::string(*value) + "`");
        on = on == *read;
      }
      out_.given_.push_back({&row, on, "", false});
      return {};
    }
    if (takes_next_word(row) && !value) {
      if (at_ + 1 >= words_.size() || at_ + 1 == command_word_) {
        return failure(Error(ErrorCode::usage, "`" + shown + "` needs a value")
                           .hint(shown + " " + std::string(row.placeholder)));
      }
      value = words_[++at_];
    }
    out_.given_.push_back({&row, on, std::string(value.value_or("")), value.has_value()});
    return {};
  }

  std::span<const std::string> words_;
  const CommandRow& command_;
  std::size_t command_word_;
  std::size_t at_ = 0;
  bool rest_is_foreign_ = false;
  Arguments out_;

 public:
  static Result<Arguments> parse(std::span<const std::string> words) {
    std::size_t at = find_command_word(words);
    if (at == words.size()) return ArgumentParser(words, command_row(CommandId::help), at).run();
    if (const CommandRow* command = find_command(words[at])) {
      // `hod install express` is `hod add express`, with the options of add.
      bool adds = command->id == CommandId::install && has_word_behind(words, at);
      return ArgumentParser(words, adds ? command_row(CommandId::add) : *command, at).run();
    }
    HOD_TRY(Arguments arguments,
            ArgumentParser(words, command_row(CommandId::run), words.size()).run());
    arguments.bare_ = true;
    return arguments;
  }
};

Result<Arguments> Arguments::parse(std::span<const std::string> words) {
  return ArgumentParser::parse(words);
}

std::optional<bool> Arguments::given(Option option) const {
  auto found = std::find_if(given_.rbegin(), given_.rend(),
                            [&](const Given& g) { return g.row->id == option; });
  if (found == given_.rend()) return std::nullopt;
  return found->on;
}

std::optional<std::string> Arguments::value(Option option) const {
  auto found = std::find_if(given_.rbegin(), given_.rend(),
                            [&](const Given& g) { return g.row->id == option; });
  if (found == given_.rend() || !found->on) return std::nullopt;
  return found->value;
}

std::vector<std::string> Arguments::values(Option option) const {
  std::vector<std::string> out;
  for (const Given& given : given_) {
    if (given.row->id != option) continue;
    std::string_view rest = given.value;
    while (!rest.empty()) {
      std::size_t comma = rest.find(',');
      if (comma != 0) out.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> Arguments::settings() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Given& given : given_) {
    if (given.row->setting.empty()) continue;
    std::string value = given.has_value ? given.value : given.on ? "true" : "false";
    out.emplace_back(std::string(given.row->setting), std::move(value));
  }
  return out;
}

}  // namespace hod::cli
