add_library(davy_options INTERFACE)
target_include_directories(davy_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_include_directories(davy_options SYSTEM INTERFACE ${CMAKE_SOURCE_DIR}/cmake)  # <headers.h>, by no absolute path
target_compile_options(davy_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow-uncaptured-local -Werror=return-type
  -pthread -Werror=switch -Wno-missing-designated-field-initializers -fno-omit-frame-pointer
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -fdebug-compilation-dir=. -Wno-deprecated-declarations)
target_link_libraries(davy_options INTERFACE fmt::fmt)

# Where the sources lie, for tests that read them: in one small object, so that no other differs between clones.
add_library(davy_source_dir STATIC ${CMAKE_SOURCE_DIR}/tests/source_dir.cc)
target_link_libraries(davy_source_dir PRIVATE davy_options)
target_compile_definitions(davy_source_dir PRIVATE DAVY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_include_directories(davy_source_dir INTERFACE ${CMAKE_SOURCE_DIR}/tests)

# The headers of others that cost most to read, precompiled: without Asio and with it, for the program and for its tests,
# which are not optimized: they are half of all there is to compile, and each runs a few times at most.
# -fno-pch-timestamp: the compiler cache goes by content.
target_compile_options(davy_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
add_library(davy_test_options INTERFACE)
target_link_libraries(davy_test_options INTERFACE davy_options GTest::gmock GTest::gtest_main davy_source_dir)
target_compile_options(davy_test_options INTERFACE -O0 -U_FORTIFY_SOURCE)  # it asks for optimization

function(davy_headers name options)
  add_library(davy_${name} STATIC ${CMAKE_SOURCE_DIR}/cmake/${name}.cc)
  target_link_libraries(davy_${name} PRIVATE ${options} ${ARGN})
  target_precompile_headers(davy_${name} PRIVATE <${name}.h>)
endfunction()
davy_headers(headers davy_options)
davy_headers(headers_asio davy_options asio_impl)
davy_headers(headers_test davy_test_options)
davy_headers(headers_test_asio davy_test_options asio_impl)

# davy_precompile(TARGET HEADERS LINKS …): HEADERS or HEADERS_asio goes by what the target links.
function(davy_precompile target headers)
  set(suffix)
  foreach(link ${ARGN})
    if(TARGET ${link})
      get_target_property(knows ${link} DAVY_ASIO)
      if(knows OR link STREQUAL "asio")
        set(suffix _asio)
        set_target_properties(${target} PROPERTIES DAVY_ASIO TRUE)
      endif()
    endif()
  endforeach()
  target_precompile_headers(${target} REUSE_FROM davy_${headers}${suffix})
endfunction()

# davy_library(NAME LINKS …): src/NAME/**.cc without *_test.cc becomes a library davy_NAME (header-only when there is
# no source yet), and the *_test.cc beside them the test program NAME_test.
function(davy_library name)
  cmake_parse_arguments(arg "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(links)
  foreach(link ${arg_LINKS})
    if(TARGET davy_${link})
      list(APPEND links davy_${link})
    else()
      list(APPEND links ${link})
    endif()
  endforeach()
  if(sources)
    add_library(davy_${name} STATIC ${sources})
    target_link_libraries(davy_${name} PUBLIC davy_options ${links})
    davy_precompile(davy_${name} headers ${links})
  else()
    add_library(davy_${name} INTERFACE)
    target_link_libraries(davy_${name} INTERFACE davy_options ${links})
  endif()
  if(tests)
    davy_test(${name}_test SOURCES ${tests} LINKS davy_${name})
  endif()
endfunction()

# davy_test(NAME SOURCES … LINKS …): one GoogleTest program, one ctest entry (cases run inside it, in one process).
function(davy_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} davy_test_options)
  davy_precompile(${name} headers_test ${arg_LINKS})
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# davy_fuzz(NAME SOURCES … LINKS …): a libFuzzer program build/fuzz/NAME_fuzz, in the preset "fuzz" only; its seeds are in
# tests/fuzz/corpus/NAME (tools/fuzz).
add_custom_target(fuzzers)
function(davy_fuzz name)
  if(NOT DAVY_FUZZ)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name}_fuzz ${arg_SOURCES})
  target_link_libraries(${name}_fuzz PRIVATE ${arg_LINKS} davy_options)
  target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name}_fuzz PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  add_dependencies(fuzzers ${name}_fuzz)
endfunction()

# The target "programs": all that these folders build. A newcomer's demo does not wait for the tests.
function(davy_programs)
  add_custom_target(programs)
  foreach(folder ${ARGN})
    get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
    if(targets)
      add_dependencies(programs ${targets})
    endif()
  endforeach()
endfunction()
