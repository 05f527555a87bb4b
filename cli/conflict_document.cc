// SPDX-License-Identifier: MIT
#include "cli/conflict_document.h"

namespace hod::cli {

namespace {

std::string_view kind_name(resolver::Cause::Kind kind) {
  using Kind = resolver::Cause::Kind;
  switch (kind) {
    case Kind::requirement:
      return "requirement";
    case Kind::no_version:
      return "noVersion";
    case Kind::no_package:
      return "noPackage";
    case Kind::peer:
      return "peer";
    case Kind::engine:
      return "engine";
    case Kind::excluded:
      return "excluded";
    case Kind::derived:
      return "derived";
  }
  return "";
}

}  // namespace

Json conflict_document(const resolver::Conflict& conflict) {
  Json document = Json::object();
  Json reasons = Json::array();
  for (std::size_t i = 0; i < conflict.causes.size(); ++i) {
    const resolver::Cause& cause = conflict.causes[i];
    Json row = Json::object();
    row.set("kind", Json::string(kind_name(cause.kind)));
    row.set("who", Json::string(cause.who));
    row.set("dependency", Json::string(cause.dependency));
    row.set("range", Json::string(cause.range));
    row.set("note", Json::string(cause.note));
    if (i < conflict.sentences.size()) row.set("text", Json::string(conflict.sentences[i]));
    reasons.push(std::move(row));
  }
  document.set("reasons", std::move(reasons));
  const bool concluded = conflict.sentences.size() > conflict.causes.size();
  document.set("conclusion", Json::string(concluded ? conflict.sentences.back() : ""));
  Json ways_out = Json::array();
  for (const resolver::Repair& repair : conflict.repairs) {
    Json row = Json::object();
    row.set("command", Json::string(repair.command));
    row.set("explanation", Json::string(repair.explanation));
    ways_out.push(std::move(row));
  }
  document.set("waysOut", std::move(ways_out));
  return document;
}

}  // namespace hod::cli
