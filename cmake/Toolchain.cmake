# Which compilers are trusted, and how every target of this project is compiled and linked.

option(POSTERN_WERROR "Treat warnings as errors" OFF)
option(POSTERN_HARDEN "Hardening flags for binaries that meet hostile servers" OFF)
option(POSTERN_COVERAGE "Instrument for source-based coverage" OFF)
option(POSTERN_STOP_POINTS "Let tests end the program at each of its steps (core/base/stop_point.h); never for release" OFF)
set(POSTERN_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

include(CheckCompiler)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(postern_flags INTERFACE)
target_include_directories(postern_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(postern_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<BOOL:${POSTERN_WERROR}>:-Werror>)
target_compile_definitions(postern_flags INTERFACE POSTERN_VERSION="${PROJECT_VERSION}")

# -O1 in Debug: coroutine frames and parsers at -O0 make the test suite several times slower, for no better backtrace.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
target_compile_definitions(postern_flags INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

if(POSTERN_SANITIZE)
  target_compile_options(postern_flags INTERFACE -fsanitize=${POSTERN_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(postern_flags INTERFACE -fsanitize=${POSTERN_SANITIZE})
endif()

# The libraries too: without it the fuzzer sees no edge of the code under test and searches blindly.
if(POSTERN_FUZZ)
  target_compile_options(postern_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(POSTERN_COVERAGE)
  target_compile_options(postern_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(postern_flags INTERFACE -fprofile-instr-generate)
endif()

if(POSTERN_HARDEN)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  target_compile_options(postern_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero
    -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
  target_link_options(postern_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

find_program(LLD NAMES ld.lld-16 ld.lld)
if(LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(postern_flags INTERFACE -fuse-ld=lld)
endif()
