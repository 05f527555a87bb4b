// SPDX-License-Identifier: MIT
// The rows themselves. Adding a command: a row here, its options in option_table.cc, its function
// in program.cc.
#include "cli/command_table.h"

#include "core/base/assert.h"

namespace hod::cli {

namespace {

constexpr CommandRow kCommands[] = {
    {CommandId::install,
     "install",
     {"i"},
     "[<package>...]",
     "install what the project needs",
     "Reads package.json (and those of the workspaces), chooses versions, keeps those of hod.lock, "
     "and makes\n"
     "node_modules look like the outcome. With packages named it does what `hod add` does.\n"
     "When CI is set and there is a lockfile, it is frozen: nothing but what it says is installed.",
     {"hod install", "hod install --frozen-lockfile", "hod install --prod --layout=hoisted"}},
    {CommandId::ci,
     "ci",
     {"clean-install", "ic"},
     "",
     "install exactly what the lockfile says, and prove it",
     "Fails when there is no lockfile or when it does not match package.json. Every file taken "
     "from the cache is\n"
     "checked by its sum, and what stands in node_modules is repaired.",
     {"hod ci", "hod ci --omit=dev"}},
    {CommandId::add,
     "add",
     {},
     "<package>[@<range>]...",
     "add packages to package.json and install them",
     "Takes names with a range or tag, aliases (`short@npm:long-name@2`), git and tarball "
     "addresses, and folders.\n"
     "Without a range the newest version is taken and saved with `^`.",
     {"hod add express", "hod add -D typescript@5", "hod add --save-exact react@18.2.0"}},
    {CommandId::remove,
     "remove",
     {"rm", "un", "uninstall"},
     "<package>...",
     "take packages out of package.json and node_modules",
     "Removes the names from whichever field of package.json has them.",
     {"hod remove express"}},
    {CommandId::run,
     "run",
     {"run-script", "rum"},
     "[<script> [<argument>...]]",
     "run a script of package.json",
     "Runs `pre<script>`, `<script>` and `post<script>` with node_modules/.bin in PATH. Everything "
     "behind the\n"
     "script's name goes to the script; a first `--` is dropped. Without a name the scripts are "
     "listed.\n"
     "A script whose name is no command of hod can be run directly: `hod dev`, `hod test`.",
     {"hod run build", "hod test --watch", "hod run build -r", "hod run lint --if-present"},
     true},
    {CommandId::exec,
     "exec",
     {"x"},
     "<program> [<argument>...]",
     "run a program of the installed packages",
     "Looks into node_modules/.bin of this folder and the ones above it, then into PATH.",
     {"hod exec tsc --noEmit", "hod exec -- eslint ."},
     true},
    {CommandId::list,
     "list",
     {"ls", "ll"},
     "[<package>...]",
     "show what is installed",
     "Shows the direct dependencies of each project with their versions; `--depth` shows what they "
     "bring. With names\n"
     "(`*` matches, `@<range>` narrows), only the ways that lead to those packages; exit code 1 "
     "when there are none.",
     {"hod list", "hod list --depth=1", "hod list '@types/*'", "hod list debug@2"}},
    {CommandId::clean,
     "clean",
     {},
     "",
     "remove node_modules",
     "Removes the node_modules of the project and of all its members. Where package.json has a "
     "script `clean`, that\n"
     "is run instead: `hod purge` removes node_modules in any case.",
     {"hod clean", "hod clean --lockfile"}},
    {CommandId::purge,
     "purge",
     {},
     "",
     "remove node_modules, whatever scripts there are",
     "As `hod clean`, without looking for a script `clean`.",
     {"hod purge"}},
    {CommandId::prune,
     "prune",
     {},
     "",
     "remove what the project does not need from node_modules",
     "Removes packages that hod.lock does not name, and with --prod those that only "
     "devDependencies bring. Never\n"
     "changes hod.lock; runs no scripts.",
     {"hod prune", "hod prune --prod"}},
    {CommandId::update,
     "update",
     {"up", "upgrade"},
     "[<package>...]",
     "move packages to newer versions",
     "Moves what hod.lock holds to the newest versions that the ranges allow: everything, or the "
     "packages named\n"
     "(`*` matches), which may be dependencies of dependencies. package.json stays as it is. "
     "With --latest the\n"
     "ranges of direct dependencies move too, to the newest versions that work together.",
     {"hod update", "hod update express", "hod update --latest '@types/*'",
      "hod update --dry-run"}},
    {CommandId::outdated,
     "outdated",
     {},
     "[<package>...]",
     "show direct dependencies that have newer versions",
     "`in range` is what `hod update` would take, `latest` what the registry calls so. The note "
     "says what stands\n"
     "against it.",
     {"hod outdated", "hod outdated -r --json", "hod outdated --exit-code"}},
    {CommandId::why,
     "why",
     {"explain"},
     "<package>[@<range>]...",
     "show who needs a package, and what decided its version",
     "For each copy: where it is, who asks for it with which range and by which way, overrides, "
     "and why it is\n"
     "not a newer version.",
     {"hod why debug", "hod why debug@2"}},
    {CommandId::why_not,
     "why-not",
     {},
     "<package>@<version>",
     "show what stands against a version",
     "Solves the project with that version required: prints what would change, or why it cannot "
     "be and the\n"
     "smallest ways out. Changes nothing. Exit code 3 when it cannot be.",
     {"hod why-not react@19", "hod why-not debug@2.6.9"}},
    {CommandId::dedupe,
     "dedupe",
     {"ddp"},
     "",
     "bring several versions of a package together",
     "Moves packages of which hod.lock holds several versions, where that leaves fewer of them. "
     "All others stay.",
     {"hod dedupe", "hod dedupe --check"}},
    {CommandId::rollback,
     "rollback",
     {},
     "[<state>]",
     "put back what was installed before",
     "hod.lock, the dependencies in package.json and node_modules become what they were before the "
     "last change,\n"
     "from the cache alone where it still has the packages. Again: one step further back. With a "
     "number: that state\n"
     "of `hod history`, be it older or newer.",
     {"hod rollback", "hod rollback 4", "hod rollback --dry-run"}},
    {CommandId::history,
     "history",
     {},
     "",
     "show the states that `hod rollback` can put back",
     "The last ten, the newest first: number, when, which command made it, and what it changed. "
     "`*` marks the one\n"
     "that stands now.",
     {"hod history", "hod history --json"}},
    {CommandId::cache,
     "cache",
     {"store"},
     "path | info | verify | gc | clean",
     "look at, prove and tidy up the cache of packages",
     "`info` tells what is in it; `verify` reads every file and names what is damaged (exit code "
     "5),"
     " with --repair\n"
     "it takes that out, so that installs fetch it again; `gc` removes what was not used for "
     "--max-age (1d) and\n"
     "no project shares; `clean` removes everything.",
     {"hod cache info", "hod cache verify --repair", "hod cache gc --max-age=30d"}},
    {CommandId::config,
     "config",
     {"c"},
     "get <key> | list",
     "show settings and where they come from",
     "`get` prints one setting's value; `list` prints all that are set, each with its source.",
     {"hod config get registry", "hod config list"}},
    {CommandId::import,
     "import",
     {},
     "",
     "make hod.lock of another package manager's lockfile",
     "Reads package-lock.json, npm-shrinkwrap.json, pnpm-lock.yaml, yarn.lock or bun.lock, and "
     "proves that no\n"
     "version and no edge moved. What the format does not record is asked of the registry. The "
     "old file stays.",
     {"hod import", "hod import --dry-run"}},
    {CommandId::pkg,
     "pkg",
     {},
     "get [<key>...] | set <key>=<value>... | delete <key>...",
     "show and change fields of package.json",
     "Keys go down with dots: `scripts.test`. Indices stand in brackets (`files[0]`, `files[]` "
     "adds "
     "one), and so do\n"
     "names with dots (`overrides[socket.io]`). Values are strings, with --json any JSON. The "
     "file keeps its form.",
     {"hod pkg get name version", "hod pkg set scripts.test=\"node --test\"",
      "hod pkg set private=true --json", "hod pkg delete scripts.lint"}},
    {CommandId::help,
     "help",
     {},
     "[<command>]",
     "show the commands, or one command's options",
     "",
     {"hod help install"}},
    {CommandId::version, "version", {}, "", "print hod's version", "", {"hod --version"}},
};

}  // namespace

std::span<const CommandRow> command_table() { return kCommands; }

const CommandRow& command_row(CommandId id) {
  for (const CommandRow& row : kCommands) {
    if (row.id == id) return row;
  }
  assert_failed("every CommandId has a row", __FILE__, __LINE__);
}

const CommandRow* find_command(std::string_view word) {
  if (word.empty()) return nullptr;
  for (const CommandRow& row : kCommands) {
    if (row.name == word) return &row;
    for (std::string_view alias : row.aliases) {
      if (alias == word) return &row;
    }
  }
  return nullptr;
}

}  // namespace hod::cli
