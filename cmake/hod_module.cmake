# One function makes a module: the library `hod_<name>` and, from every `x_test.cc` that stands beside a listed
# `x.cc` or `x.h`, the test program `hod_<name>_tests`. Libraries from outside are PRIVATE: their headers stay in
# the one file that wraps them (tests/layering_test reads docs/ARCHITECTURE.md and checks it).
function(hod_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;TESTS;USES;PRIVATE" ${ARGN})
  add_library(hod_${name} STATIC ${ARG_SOURCES})
  add_library(hod::${name} ALIAS hod_${name})
  target_include_directories(hod_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(hod_${name} PUBLIC hod_flags ${ARG_USES} PRIVATE ${ARG_PRIVATE})
  hod_precompile(hod_${name})

  set(tests ${ARG_TESTS})
  foreach(source IN LISTS ARG_SOURCES ARG_HEADERS)
    string(REGEX REPLACE "\\.(cc|h)$" "_test.cc" test ${source})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${test} AND NOT test IN_LIST tests)
      list(APPEND tests ${test})
    endif()
  endforeach()
  if(tests AND NOT HOD_FUZZ)
    hod_test(${name} SOURCES ${tests} USES hod_${name})
  endif()
endfunction()

# A doctest program, run by ctest from the repository's root.
function(hod_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_executable(hod_${name}_tests ${ARG_SOURCES} $<TARGET_OBJECTS:hod_doctest_main>)
  target_include_directories(hod_${name}_tests PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(hod_${name}_tests PRIVATE HOD_SOURCE_DIR="${PROJECT_SOURCE_DIR}" HOD_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(hod_${name}_tests PRIVATE ${ARG_USES} hod_flags)
  hod_precompile(hod_${name}_tests)
  add_test(NAME ${name} COMMAND hod_${name}_tests WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()

# All targets share one precompiled header: the standard headers everybody uses and core/base/result.h.
function(hod_precompile target)
  if(HOD_PCH)
    target_precompile_headers(${target} REUSE_FROM hod_pch)
  endif()
endfunction()
