# How a Besa target is made: one function for a library, a program and a test, so that flags, warnings and include
# roots are the same everywhere. A library is a folder below lib/; its sources are all *.cc in that folder.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_program(BESA_CCACHE ccache)
if(BESA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime;${BESA_CCACHE}")
endif()

# Linking is what eats memory: one link at a time.
set_property(GLOBAL PROPERTY JOB_POOLS besa_link=1)
set(CMAKE_JOB_POOL_LINK besa_link)

add_library(besa_flags INTERFACE)
target_compile_options(besa_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Wformat=2 -Wundef -Wnull-dereference -Woverloaded-virtual -Wswitch-enum -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside libstdc++ once it has inlined; clang and the sanitizers look for the real thing.
  target_compile_options(besa_flags INTERFACE -Wno-null-dereference -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict -fpch-preprocess)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # std::stable_sort of libstdc++ 12 calls what that library itself declares deprecated.
  target_compile_options(besa_flags INTERFACE -Wno-deprecated-declarations)
endif()
target_compile_definitions(besa_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
if(BESA_SANITIZE)
  target_compile_options(besa_flags INTERFACE -fsanitize=${BESA_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer -U_FORTIFY_SOURCE)
  target_link_options(besa_flags INTERFACE -fsanitize=${BESA_SANITIZE})
endif()
if(BESA_FUZZ)
  target_compile_options(besa_flags INTERFACE -fsanitize=fuzzer-no-link)  # coverage, by which libFuzzer finds its way
endif()
target_link_options(besa_flags INTERFACE -Wl,-z,relro,-z,now)

# besa_library(NAME [DIR folder] DEPS targets...): all *.cc of the folder, include roots lib/ and the build tree.
function(besa_library name)
  cmake_parse_arguments(ARG "" "DIR" "DEPS" ${ARGN})
  if(NOT ARG_DIR)
    set(ARG_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${ARG_DIR}/*.cc")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PRIVATE besa_flags)
    target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}/lib" "${PROJECT_BINARY_DIR}")
    target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE "${PROJECT_SOURCE_DIR}/lib" "${PROJECT_BINARY_DIR}")
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  endif()
endfunction()

# besa_program(NAME SOURCES files... DEPS targets...): an executable in bin/.
function(besa_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE besa_flags ${ARG_DEPS})
endfunction()

# besa_test(NAME PREFIX ctest-prefix [TIMEOUT seconds] SOURCES files... DEPS targets...)
function(besa_test name)
  cmake_parse_arguments(ARG "" "PREFIX;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_SOURCES)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/test")
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE besa_flags ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_precompile_headers(${name} PRIVATE <gtest/gtest.h>)
  gtest_discover_tests(${name} TEST_PREFIX "${ARG_PREFIX}" DISCOVERY_MODE PRE_TEST
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()
