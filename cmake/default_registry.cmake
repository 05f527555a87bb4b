# No registry's address stands in the source: whoever builds hod decides. Without -DHOD_DEFAULT_REGISTRY the
# machine's npm is asked once, at configure time.
if(NOT HOD_DEFAULT_REGISTRY)
  find_program(HOD_NPM npm)
  if(HOD_NPM)
    execute_process(COMMAND ${HOD_NPM} config get registry WORKING_DIRECTORY /
                    OUTPUT_VARIABLE registry OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed AND registry MATCHES "^https?://")
      set(HOD_DEFAULT_REGISTRY "${registry}" CACHE STRING "" FORCE)
    endif()
  endif()
endif()
if(NOT HOD_DEFAULT_REGISTRY MATCHES "^https?://[^/]+")
  message(FATAL_ERROR "hod needs a default registry: pass -DHOD_DEFAULT_REGISTRY=https://registry.example/ "
                      "or install npm, whose `npm config get registry` is used")
endif()
if(NOT HOD_DEFAULT_REGISTRY MATCHES "/$")
  set(HOD_DEFAULT_REGISTRY "${HOD_DEFAULT_REGISTRY}/" CACHE STRING "" FORCE)
endif()
