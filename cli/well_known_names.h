// Packages that everybody knows, and names that could be slips of theirs (T-RES-11). The list is
// part of the program: nobody is asked about what is going to be added. Pure.
#pragma once

#include <string_view>

namespace hod::cli {

// The well-known package that `name` is one step of typing away from (edit_distance.h); "" when
// there is none, or `name` is well known itself. Names shorter than five bytes are too near to each
// other to say anything.
std::string_view well_known_near(std::string_view name);

}  // namespace hod::cli
