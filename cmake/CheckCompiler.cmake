# Which compilers are trusted. Also run alone, as a test: cmake -DCMAKE_CXX_COMPILER_ID=… -P cmake/CheckCompiler.cmake
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles coroutines: temporaries inside a co_await expression are destroyed "
    "twice. Use clang 16 (apt-get install clang-16; cmake --preset dev) or g++ 13 or later.")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
  message(FATAL_ERROR "clang ${CMAKE_CXX_COMPILER_VERSION} is older than the reference compiler, clang 16.")
endif()
