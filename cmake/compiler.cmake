# Warnings, sanitizers and ccache for every target of the house.
add_library(dunlin_flags INTERFACE)
target_compile_options(dunlin_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Werror)
# g++ 12 reports false overlaps in std::string concatenation once it optimises (GCC bug 105651).
target_compile_options(dunlin_flags INTERFACE
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-restrict>)
# A unity build includes sources into one file, so g++ takes their anonymous namespaces for a header's.
if(CMAKE_UNITY_BUILD)
  target_compile_options(dunlin_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
target_compile_definitions(dunlin_flags INTERFACE DUNLIN_VERSION="${PROJECT_VERSION}")

if(DUNLIN_SANITIZE)
  add_compile_options(-fsanitize=${DUNLIN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DUNLIN_SANITIZE})
  # g++ 12 reports false "maybe uninitialized" uses once the sanitizers have rewritten the code.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

find_program(DUNLIN_CCACHE ccache)
if(DUNLIN_CCACHE)
  # Precompiled headers need ccache to trust time stamps and macros.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${DUNLIN_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${DUNLIN_CCACHE})
endif()
