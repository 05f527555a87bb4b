// SPDX-License-Identifier: MIT
#include "cli/usual_size.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace hod::cli {

namespace {

constexpr std::uint64_t kMegabyte = 1 << 20;
// Made for one platform: machine code.
constexpr std::uint64_t kOfPlatform = 12 * kMegabyte;

struct Known {
  std::string_view name;
  std::uint64_t megabytes;
};

// Much used, and many times larger than the others (most have less than a tenth of a megabyte).
// Sorted by name.
constexpr Known kLarge[] = {
    {"@angular/common", 8},
    {"@angular/compiler", 9},
    {"@angular/core", 10},
    {"@babel/standalone", 12},
    {"@fortawesome/fontawesome-free", 20},
    {"@mui/icons-material", 25},
    {"@mui/material", 11},
    {"@prisma/client", 20},
    {"@reduxjs/toolkit", 6},
    {"@types/node", 3},
    {"@vue/language-core", 2},
    {"ace-builds", 50},
    {"ag-grid-community", 40},
    {"antd", 45},
    {"aws-sdk", 90},
    {"axe-core", 3},
    {"axios", 2},
    {"caniuse-db", 15},
    {"caniuse-lite", 3},
    {"chart.js", 6},
    {"core-js", 2},
    {"cypress", 6},
    {"d3", 2},
    {"date-fns", 20},
    {"echarts", 50},
    {"es-abstract", 3},
    {"eslint", 3},
    {"eslint-plugin-vue", 3},
    {"firebase", 30},
    {"googleapis", 150},
    {"handlebars", 3},
    {"highcharts", 55},
    {"hls.js", 20},
    {"jquery", 2},
    {"jquery-ui", 10},
    {"jsdom", 3},
    {"less", 3},
    {"lodash", 2},
    {"lodash-es", 2},
    {"lucide-react", 20},
    {"mathjs", 9},
    {"mermaid", 60},
    {"mobx", 4},
    {"moment", 5},
    {"monaco-editor", 80},
    {"mongodb", 4},
    {"next", 110},
    {"node-notifier", 6},
    {"npm", 12},
    {"pdfjs-dist", 30},
    {"playwright-core", 8},
    {"pnpm", 20},
    {"prettier", 8},
    {"prisma", 30},
    {"puppeteer-core", 10},
    {"react-dom", 6},
    {"react-icons", 80},
    {"recharts", 5},
    {"rollup", 3},
    {"rxjs", 5},
    {"sass", 6},
    {"storybook", 20},
    {"svelte", 3},
    {"swagger-ui-dist", 11},
    {"tailwindcss", 6},
    {"terser", 2},
    {"three", 30},
    {"tinymce", 11},
    {"typescript", 23},
    {"vite", 4},
    {"vue", 3},
    {"webpack", 7},
};

constexpr bool is_sorted_by_name() {
  for (std::size_t i = 1; i < std::size(kLarge); ++i) {
    if (kLarge[i - 1].name >= kLarge[i].name) return false;
  }
  return true;
}
static_assert(is_sorted_by_name());

bool of_one_platform(const PlatformNeeds& needs) { return !needs.os.empty() && !needs.cpu.empty(); }

}  // namespace

std::uint64_t usual_size(const GraphPackage& package) {
  if (package.unpacked_size != 0) return package.unpacked_size;
  const auto* known =
      std::lower_bound(std::begin(kLarge), std::end(kLarge), package.name,
                       [](const Known& entry, std::string_view name) { return entry.name < name; });
  if (known != std::end(kLarge) && known->name == package.name) return known->megabytes * kMegabyte;
  return of_one_platform(package.platform) ? kOfPlatform : 0;
}

}  // namespace hod::cli
