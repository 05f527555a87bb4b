// SPDX-License-Identifier: MIT
// hod add and hod remove: a change of manifests with an install behind it. The project's own
// lifecycle scripts do not run (as with npm): the project did not change, only what it uses.
#include <fmt/core.h>

#include "cli/install_options.h"
#include "cli/install_pipeline.h"
#include "cli/install_summary.h"
#include "cli/selection.h"
#include "cli/session.h"
#include "cli/well_known_names.h"

namespace hod::cli {

namespace {

Result<std::optional<DependencyField>> chosen_field(const Arguments& arguments) {
  std::optional<DependencyField> field;
  struct Row {
    Option option;
    DependencyField field;
  };
  for (const Row& row : {Row{Option::save_prod, DependencyField::dependencies},
                         Row{Option::save_dev, DependencyField::dev},
                         Row{Option::save_optional, DependencyField::optional},
                         Row{Option::save_peer, DependencyField::peer}}) {
    if (!arguments.is_on(row.option)) continue;
    if (field) {
      return failure(
          Error(ErrorCode::usage, fmt::format("a package cannot be saved to {} and to {}",
                                              field_name(*field), field_name(row.field))));
    }
    field = row.field;
  }
  return field;
}

// T-RES-11. Said before anything is fetched; it stops nobody.
void tell_likely_slips(const std::vector<NamedSpecifier>& wanted, Reporter& reporter) {
  for (const NamedSpecifier& one : wanted) {
    if (!one.name || !one.specifier.from_registry()) continue;
    const std::string_view name = one.name->text();
    if (const std::string_view known = well_known_near(name); !known.empty()) {
      reporter.warning(fmt::format(
          "`{}` is one letter away from the well-known `{}`: make sure that it is what you mean",
          name, known));
    }
  }
}

Result<int> change_and_install(Session& session, ChangeRequest changes) {
  const Arguments& arguments = session.arguments;
  InstallRequest request;
  bool found = session.place.has_value();
  request.place = found ? *session.place : ProjectPlace{session.folder, "."};
  request.make_manifest = !found && !changes.add.empty();
  HOD_TRY(request.options, install_options(session, request.place.root));
  request.save = arguments.given(Option::save).value_or(true);
  request.run_scripts = false;
  changes.start_folder = session.folder;
  request.changes = [&](const Project& project, const ResolutionGraph*) -> Result<ChangeRequest> {
    HOD_TRY(changes.members, select_members(project, arguments, session.folder));
    if (changes.members.empty())
      return failure(ErrorCode::usage, "the options leave no project to change");
    return std::move(changes);
  };
  return install_and_tell(session, std::move(request));
}

}  // namespace

Result<int> add_command(Session& session) {
  const Arguments& arguments = session.arguments;
  if (arguments.words().empty()) {
    return failure(
        Error(ErrorCode::usage, "`hod add` needs a package").hint("hod add <package>[@<range>]"));
  }
  ChangeRequest changes;
  HOD_TRY(changes.field, chosen_field(arguments));
  changes.rule = {session.settings.save_exact.value, session.settings.save_prefix.value};
  Errors errors;
  for (const std::string& word : arguments.words()) {
    auto wanted = parse_named_specifier(word, session.environment.get("HOME").value_or(""));
    if (wanted) {
      changes.add.push_back(std::move(*wanted));
    } else {
      errors.push_back(std::move(wanted.error()).during("reading `" + word + "`"));
    }
  }
  if (!errors.empty()) return report(session.reporter, errors);
  tell_likely_slips(changes.add, session.reporter);
  return change_and_install(session, std::move(changes));
}

Result<int> remove_command(Session& session) {
  const Arguments& arguments = session.arguments;
  if (arguments.words().empty()) {
    return failure(Error(ErrorCode::usage, "`hod remove` needs a package's name")
                       .hint("hod remove <package>"));
  }
  HOD_TRY(ProjectPlace place, session.project_place());
  ChangeRequest changes;
  changes.remove = arguments.words();
  return change_and_install(session, std::move(changes));
}

}  // namespace hod::cli
