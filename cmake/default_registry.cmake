# No registry's address stands in the source: whoever builds hod decides. Without -DHOD_DEFAULT_REGISTRY the
# machine's npm is asked once, at configure time.
if(NOT HOD_DEFAULT_REGISTRY)
  find_program(HOD_NPM npm)
  if(HOD_NPM)
    execute_process(COMMAND ${HOD_NPM} config get registry WORKING_DIRECTORY /
                    OUTPUT_VARIABLE registry OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_VARIABLE npm_says RESULT_VARIABLE failed)
    if(NOT failed AND registry MATCHES "^https?://")
      set(HOD_DEFAULT_REGISTRY "${registry}" CACHE STRING "" FORCE)
    endif()
  endif()
endif()
if(NOT HOD_DEFAULT_REGISTRY MATCHES "^https?://[^/]+")
  get_filename_component(preset "${CMAKE_BINARY_DIR}" NAME)
  set(why "Here is no npm that could be asked for its registry.")
  if(HOD_DEFAULT_REGISTRY)
    set(why "`${HOD_DEFAULT_REGISTRY}` is no http or https address.")
  elseif(HOD_NPM)
    string(STRIP "${npm_says}" npm_says)
    set(why "`${HOD_NPM} config get registry` gave no address: ${registry} ${npm_says}")
  endif()
  message(FATAL_ERROR "hod needs the address of a default registry, which is built in. ${why}\n"
                      "Name one, and run make again:\n"
                      "  cmake --preset ${preset} -DHOD_DEFAULT_REGISTRY=https://registry.example/\n"
                      "or install npm, whose configured registry is taken.")
endif()
if(NOT HOD_DEFAULT_REGISTRY MATCHES "/$")
  set(HOD_DEFAULT_REGISTRY "${HOD_DEFAULT_REGISTRY}/" CACHE STRING "" FORCE)
endif()
