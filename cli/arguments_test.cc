// SPDX-License-Identifier: MIT
#include "cli/arguments.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

namespace {

Result<Arguments> parse(std::vector<std::string> words) { return Arguments::parse(words); }

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("commands are found by name and by alias") {
  struct Row {
    const char* word;
    CommandId command;
  };
  for (const Row& row :
       {Row{"install", CommandId::install}, Row{"i", CommandId::install}, Row{"ci", CommandId::ci},
        Row{"clean-install", CommandId::ci}, Row{"rm", CommandId::remove},
        Row{"un", CommandId::remove}, Row{"rum", CommandId::run}, Row{"x", CommandId::exec},
        Row{"ls", CommandId::list}}) {
    CAPTURE(row.word);
    CHECK(must(parse({row.word})).command() == row.command);
  }
}

TEST_CASE("options may stand before and behind the command") {
  Arguments arguments = must(
      parse({"-C", "some/folder", "--registry=https://registry.example/", "install", "--prod"}));
  CHECK(arguments.command() == CommandId::install);
  CHECK(arguments.value(Option::directory) == "some/folder");
  CHECK(arguments.is_on(Option::prod));
  CHECK(arguments.settings() == std::vector<std::pair<std::string, std::string>>{
                                    {"registry", "https://registry.example/"}});
}

TEST_CASE("install with a package is add, with the letters of add") {
  Arguments arguments = must(parse({"install", "-DE", "typescript@5"}));
  CHECK(arguments.command() == CommandId::add);
  CHECK(arguments.words() == Words{"typescript@5"});
  CHECK(arguments.is_on(Option::save_dev));
  CHECK(arguments.is_on(Option::save_exact));
  CHECK(must(parse({"install", "-P"})).is_on(Option::prod));
  CHECK(must(parse({"install", "-P", "x"})).is_on(Option::save_prod));
  CHECK(must(parse({"install", "-C", "x"})).command() == CommandId::install);
}

TEST_CASE("switches can be negated and given a value, and the last one counts") {
  CHECK(must(parse({"install", "--no-frozen-lockfile"})).given(Option::frozen_lockfile) == false);
  CHECK(must(parse({"install", "--frozen-lockfile=false"})).given(Option::frozen_lockfile) ==
        false);
  CHECK(must(parse({"install", "--no-optional", "--optional"})).given(Option::optional) == true);
  CHECK_FALSE(must(parse({"install"})).given(Option::frozen_lockfile).has_value());
  CHECK(parse({"install", "--frozen-lockfile=perhaps"}).error().code() == ErrorCode::usage);
}

TEST_CASE("options that may be repeated collect, with commas too") {
  CHECK(must(parse({"install", "--omit=dev,peer", "--omit", "optional"})).values(Option::omit) ==
        Words{"dev", "peer", "optional"});
}

TEST_CASE("an unknown option is an error that names the nearest one") {
  Error error = std::move(parse({"install", "--frozen-lockfil"}).error());
  CHECK(error.code() == ErrorCode::usage);
  CHECK(error.what() == "`hod install` has no option `--frozen-lockfil`");
  CHECK(error.hints().front() == "did you mean `--frozen-lockfile`?");
}

TEST_CASE("an option of another command is told where it belongs") {
  Error error = std::move(parse({"ci", "--save-dev"}).error());
  CHECK(error.hints().front() == "it belongs to `hod add`");
  CHECK(parse({"list", "-E"}).error().hints().front() == "it belongs to `hod add`");
}

TEST_CASE("an option without its value is an error") {
  CHECK(parse({"install", "--registry"}).error().what() == "`--registry` needs a value");
  CHECK(parse({"-C"}).error().code() == ErrorCode::usage);
}

TEST_CASE("what stands behind a script's name is the script's") {
  Arguments arguments = must(parse({"run", "--silent", "test", "--watch", "-r", "--json"}));
  CHECK(arguments.words() == Words{"test"});
  CHECK(arguments.passed_on() == Words{"--watch", "-r", "--json"});
  CHECK(arguments.is_on(Option::silent));
  CHECK_FALSE(arguments.is_on(Option::json));
  CHECK(must(parse({"run", "test", "--", "--grep", "--", "x"})).passed_on() ==
        Words{"--grep", "--", "x"});
}

TEST_CASE("which scripts to run may also be said behind the script's name") {
  Arguments arguments = must(parse({"run", "build", "--if-present", "--workspace", "a", "x"}));
  CHECK(arguments.is_on(Option::if_present));
  CHECK(arguments.values(Option::workspace) == Words{"a"});
  CHECK(arguments.passed_on() == Words{"x"});
  CHECK(must(parse({"run", "build", "--", "--if-present"})).passed_on() == Words{"--if-present"});
}

TEST_CASE("a word that is no command stands for a script") {
  Arguments arguments = must(parse({"dev", "--host", "0"}));
  CHECK(arguments.command() == CommandId::run);
  CHECK(arguments.bare());
  CHECK(arguments.words() == Words{"dev"});
  CHECK(arguments.passed_on() == Words{"--host", "0"});
}

TEST_CASE("exec takes a program that looks like an option behind two dashes") {
  Arguments arguments = must(parse({"exec", "--", "tsc", "--version"}));
  CHECK(arguments.words() == Words{"tsc"});
  CHECK(arguments.passed_on() == Words{"--version"});
}

TEST_CASE("no command at all is help, and so on") {
  CHECK(must(parse({})).command() == CommandId::help);
  CHECK(must(parse({"--version"})).is_on(Option::version));
  CHECK(must(parse({"-v"})).is_on(Option::version));
  CHECK(must(parse({"install", "--help"})).is_on(Option::help));
}

TEST_CASE("no command has two options of one letter or name") {
  for (const CommandRow& command : command_table()) {
    for (const OptionRow& row : option_table()) {
      if (!row.commands.contains(command.id)) continue;
      CAPTURE(row.name);
      CHECK(find_option(command.id, row.name) == &row);
      if (row.letter != 0) CHECK(find_letter(command.id, row.letter) == &row);
    }
  }
}
