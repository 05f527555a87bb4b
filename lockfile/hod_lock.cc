// SPDX-License-Identifier: MIT
// Writing hod.lock. docs/lockfile-format.md is the specification; hod_lock_read.cc reads it.
//
// What must stay true:
//  (1) The same canonical graph gives the same bytes; nothing comes from outside the graph.
//  (2) One fact a line, one block a package: changes of different packages do not meet in a merge.
//  (3) What is written can be read: every text is quoted where a bare word would be ambiguous.
#include "lockfile/hod_lock.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/base/printable.h"
#include "lockfile/hod_lock_format.h"

namespace hod::lockfile {

namespace {

std::string quoted_word(std::string_view text) {
  std::string literal = json_quoted(text);
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii) || Json::parse(literal, "")) return literal;
  return json_quoted(printable(text));  // no UTF-8: nobody could read it back
}

class Writer {
 public:
  explicit Writer(const ResolutionGraph& graph) : graph_(graph) {}

  std::string write() {
    // Measured on real projects: about 300 bytes a package.
    out_.reserve(1024 + graph_.packages.size() * 400);
    out_.append(kFormatWord).append(" ").append(kFormatVersion).append("\n");
    write_pairs("overrides", graph_.overrides);
    write_pairs("patches", graph_.patches);
    for (const GraphImporter& importer : graph_.importers) write_importer(importer);
    for (const GraphPackage& package : graph_.packages) write_package(package);
    return std::move(out_);
  }

 private:
  void write_pairs(std::string_view block,
                   const std::vector<std::pair<std::string, std::string>>& pairs) {
    if (pairs.empty()) return;
    out_.append("\n").append(block).append("\n");
    for (const auto& [key, value] : pairs) {
      out_ += "  ";
      word(key, First::yes);
      word(value);
      out_ += "\n";
    }
  }

  void write_importer(const GraphImporter& importer) {
    out_ += "\nimporter";
    word(importer.path);
    out_ += "\n";
    if (!importer.name.empty()) field("name", importer.name);
    write_edges(importer.edges);
  }

  void write_package(const GraphPackage& package) {
    out_ += "\npackage";
    word(package.name + "@" + package.version + package.peer_context);
    write_source(package.source);
    out_ += "\n";
    if (!package.integrity.empty()) {
      out_.append("  integrity ").append(package.integrity).append("\n");
    }
    if (!package.tarball.empty()) field("tarball", package.tarball);
    list("os", package.platform.os);
    list("cpu", package.platform.cpu);
    list("libc", package.platform.libc);
    if (!package.node_engine.empty()) field("node", package.node_engine);
    list("bundled", package.bundled);
    for (const Bin& bin : package.bins) {
      out_ += "  bin";
      word(bin.name);
      word(bin.path);
      out_ += "\n";
    }
    if (package.has_install_script) out_ += "  scripts\n";
    if (!package.deprecated.empty()) {
      out_.append("  deprecated ").append(quoted_word(package.deprecated)).append("\n");
    }
    write_edges(package.edges);
  }

  void write_edges(const std::vector<GraphEdge>& edges) {
    for (const GraphEdge& edge : edges) {
      out_.append("  ").append(dependency_kind_name(edge.kind));
      word(edge.alias);
      word(edge.specifier);
      write_target(edge);
      out_ += "\n";
    }
  }

  void write_target(const GraphEdge& edge) {
    switch (edge.target.kind) {
      case EdgeTarget::Kind::absent:
        out_ += " -";
        return;
      case EdgeTarget::Kind::importer:
        out_ += " importer";
        word(graph_.importers[edge.target.index].path);
        return;
      case EdgeTarget::Kind::package: {
        const GraphPackage& target = graph_.packages[edge.target.index];
        const bool is_short = target.name == edge.alias && !target.version.empty();
        word((is_short ? "" : target.name + "@") + target.version + target.peer_context);
        write_source(target.source);
        return;
      }
    }
  }

  void write_source(const PackageSource& source) {
    if (source == PackageSource{}) return;
    out_.append(" ").append(source_word(source.kind));
    word(source.location);
  }

  void field(std::string_view name, std::string_view value) {
    out_.append("  ").append(name);
    word(value);
    out_ += "\n";
  }

  void list(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    out_.append("  ").append(name);
    for (const std::string& value : values) word(value);
    out_ += "\n";
  }

  enum class First : unsigned char { no, yes };
  void word(std::string_view text, First first = First::no) {
    if (first == First::no) out_ += " ";
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_bare)) {
      out_ += text;
    } else {
      out_ += quoted_word(text);
    }
  }

  const ResolutionGraph& graph_;
  std::string out_;
};

}  // namespace

std::string write_hod_lock(const ResolutionGraph& graph) { return Writer(graph).write(); }

}  // namespace hod::lockfile
