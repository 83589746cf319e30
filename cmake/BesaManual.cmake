# docs/man/NAME.SECTION.scd -> man/NAME.SECTION, with every build, and installed. scdoc dates a page by SOURCE_DATE_EPOCH
# if that is set.

# besa_manual(): the target "manual".
function(besa_manual)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/man/*.scd")
  set(pages "")
  foreach(source ${sources})
    get_filename_component(name "${source}" NAME_WLE)
    string(REGEX MATCH "[1-8]$" section "${name}")
    set(page "${PROJECT_BINARY_DIR}/man/${name}")
    # Written beside and moved: a page that scdoc refuses must not stay behind as an empty file that counts as built.
    add_custom_command(OUTPUT "${page}"
      COMMAND "${SCDOC}" < "${source}" > "${page}.new" && "${CMAKE_COMMAND}" -E rename "${page}.new" "${page}"
      DEPENDS "${source}" COMMENT "Manual page ${name}" VERBATIM)
    list(APPEND pages "${page}")
    install(FILES "${page}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
  endforeach()
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/man")
  add_custom_target(manual ALL DEPENDS ${pages})
endfunction()
