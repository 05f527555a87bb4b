// SPDX-License-Identifier: MIT
// See repair_command.h.
#include "resolver/repair_command.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace hod::resolver {

namespace {

using Pending = CommandScene::Pending;

const char* add_flag(DependencyKind kind) {
  switch (kind) {
    case DependencyKind::development:
      return " -D";
    case DependencyKind::optional:
      return " -O";
    case DependencyKind::peer:
    case DependencyKind::optional_peer:
      return " --save-peer";
    case DependencyKind::production:
      return "";
  }
  return "";
}

// `text` as one word of a shell command.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "@%+=:,./-_^~";
  const bool plain = std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kPlain.find(c) != std::string_view::npos;
  });
  if (plain) return text;
  return text.find_first_of("\"$`\\!") == std::string::npos ? "\"" + text + "\"" : "'" + text + "'";
}

// One step of a path for `pkg`: names with dots have to stand in brackets.
std::string path_step(const std::string& name) {
  return name.find('.') == std::string::npos ? "." + name : "[" + name + "]";
}

// How a command reaches the manifest of `importer` from where the user is.
std::string place(const CommandScene& scene, const std::string& importer) {
  if (importer == scene.importer) return "";
  return importer == "." ? " -w" : " --workspace " + shell_word(importer);
}

std::string add_command(const CommandScene& scene, const std::string& importer, DependencyKind kind,
                        const std::vector<std::string>& words) {
  std::string command = "hod add" + place(scene, importer) + add_flag(kind);
  for (const std::string& word : words) command += " " + shell_word(word);
  return command;
}

// The commands that do what the failed one was about to do, those of `changed` in its new form.
std::string with_pending(const CommandScene& scene, std::string first, const Pending* changed,
                         const std::string& specifier) {
  std::vector<const Pending*> left;
  for (const Pending& one : scene.pending) left.push_back(&one);
  while (!left.empty()) {
    const Pending& head = *left.front();
    std::vector<std::string> words;
    std::erase_if(left, [&](const Pending* one) {
      if (one->importer != head.importer || one->kind != head.kind) return false;
      words.push_back(one->alias + "@" + (one == changed ? specifier : one->specifier));
      return true;
    });
    if (!first.empty()) first += " && ";
    first += add_command(scene, head.importer, head.kind, words);
  }
  return first;
}

std::string step_text(const OverrideStep& step) {
  return step.selector.empty() ? step.name : step.name + "@" + step.selector;
}

}  // namespace

std::string range_command(const CommandScene& scene, const std::string& importer,
                          const std::string& alias, const std::string& specifier) {
  const auto pending = std::find_if(
      scene.pending.begin(), scene.pending.end(),
      [&](const Pending& one) { return one.importer == importer && one.alias == alias; });
  if (pending != scene.pending.end()) return with_pending(scene, "", &*pending, specifier);
  const std::string word = alias + "@" + specifier;
  // Without a flag a dependency stays in the field that has it, and new ones are for production:
  // then one command does both.
  const bool together =
      !scene.pending.empty() &&
      std::all_of(scene.pending.begin(), scene.pending.end(), [&](const Pending& one) {
        return one.importer == importer && one.kind == DependencyKind::production;
      });
  std::vector<std::string> words{word};
  if (!together) {
    const std::string first = add_command(scene, importer, DependencyKind::production, words);
    return with_pending(scene, first, nullptr, "");
  }
  for (const Pending& one : scene.pending) words.push_back(one.alias + "@" + one.specifier);
  return add_command(scene, importer, DependencyKind::production, words);
}

std::string override_command(const CommandScene& scene, const std::string& owner,
                             const std::string& alias, const std::string& specifier) {
  const std::string word = "overrides" + path_step(owner) + path_step(alias) + "=" + specifier;
  return with_pending(scene, "hod pkg set" + place(scene, ".") + " " + shell_word(word), nullptr,
                      "");
}

std::optional<std::string> drop_command(const CommandScene& scene, const Override& rule) {
  std::string nested;
  std::string path;
  for (const OverrideStep& step : rule.parents) {
    nested += "." + step_text(step);
    path += path_step(step_text(step));
  }
  nested += "." + step_text(rule.target);
  path += path_step(step_text(rule.target));
  for (const std::string root : {"overrides", "resolutions", "pnpm.overrides"}) {
    if (!rule.origin.starts_with(root + ".")) continue;
    const std::string tail = rule.origin.substr(root.size());
    // Yarn and pnpm write a whole way as one key.
    if (tail != nested && root == "overrides") continue;
    const std::string word = root + (tail == nested ? path : path_step(tail.substr(1)));
    return with_pending(scene, "hod pkg delete" + place(scene, ".") + " " + shell_word(word),
                        nullptr, "");
  }
  return std::nullopt;
}

}  // namespace hod::resolver
