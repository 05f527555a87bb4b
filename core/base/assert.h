// A broken promise in our own code: printed and aborted, in release builds too. Never for bad input
// (that is an Error).
#pragma once

namespace hod {

[[noreturn]] void assert_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace hod

#define HOD_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::hod::assert_failed(#condition, __FILE__, __LINE__))
