# How every target of the tree is built: warnings, SystemC's settings, precompiled headers, tests.

find_package(PkgConfig REQUIRED)
pkg_check_modules(SystemC REQUIRED IMPORTED_TARGET systemc tlm)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)

add_library(aqpim_options INTERFACE)
target_compile_options(aqpim_options INTERFACE -Wall -Wextra -Wpedantic -Werror)
target_include_directories(aqpim_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/firmware/include)
target_link_libraries(aqpim_options INTERFACE fmt::fmt Threads::Threads)
if(AQPIM_SANITIZE)
    target_compile_options(aqpim_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                                                   -fno-omit-frame-pointer
                                                   # Reports name lines, and need no more of what -g writes.
                                                   -g1
                                                   # The stacks of SystemC threads hide from it what an exception
                                                   # has unwound.
                                                   -fno-sanitize-address-use-after-scope
                                                   # GCC 12 finds one in std::regex when it is instrumented.
                                                   -Wno-maybe-uninitialized)
    target_link_options(aqpim_options INTERFACE -fsanitize=address,undefined)
endif()

# Debian builds libsystemc as C++17; without this its API version symbol does not link.
add_library(aqpim_systemc INTERFACE)
target_compile_definitions(aqpim_systemc INTERFACE SC_CPLUSPLUS=201703L SC_INCLUDE_DYNAMIC_PROCESSES)
target_link_libraries(aqpim_systemc INTERFACE PkgConfig::SystemC aqpim_options)

# What many sources include and no change of ours touches, compiled once: without and with SystemC's headers.
set(AQPIM_COMMON_HEADERS <algorithm> <array> <chrono> <cstdint> <cstring> <deque> <filesystem> <fmt/format.h> <fmt/ranges.h>
    <fstream> <functional> <iostream> <map> <memory> <numeric> <optional> <random> <set> <span> <sstream> <string>
    <unordered_map> <utility> <vector>)
set(AQPIM_SYSTEMC_HEADERS <systemc> <tlm> <tlm_utils/simple_initiator_socket.h> <tlm_utils/simple_target_socket.h>)
file(WRITE ${CMAKE_BINARY_DIR}/pch/pch.cpp "")
add_library(aqpim_plain_pch STATIC ${CMAKE_BINARY_DIR}/pch/pch.cpp)
target_link_libraries(aqpim_plain_pch PUBLIC aqpim_options)
target_precompile_headers(aqpim_plain_pch PRIVATE ${AQPIM_COMMON_HEADERS})
add_library(aqpim_pch STATIC ${CMAKE_BINARY_DIR}/pch/pch.cpp)
target_link_libraries(aqpim_pch PUBLIC aqpim_systemc)
target_precompile_headers(aqpim_pch PRIVATE ${AQPIM_SYSTEMC_HEADERS} ${AQPIM_COMMON_HEADERS})

# Sources of a target are compiled a few together, which takes a third off a clean build: most of its time goes into the
# templates that they have in common. So what a source has in an unnamed namespace, its target's other sources see.
# -DAQPIM_UNITY=OFF: each source for itself, which is quicker where one of them changes.
option(AQPIM_UNITY "Compile several sources as one unit" ON)
function(aqpim_share_units TARGET)
    if(AQPIM_UNITY)
        set_target_properties(${TARGET} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
    endif()
endfunction()

# aqpim_library(NAME [PLAIN] SOURCES... [USES LIB...]): one model's library. PLAIN: needs no simulation kernel.
function(aqpim_library NAME)
    cmake_parse_arguments(LIB "PLAIN" "" "USES" ${ARGN})
    add_library(aqpim_${NAME} STATIC ${LIB_UNPARSED_ARGUMENTS})
    aqpim_share_units(aqpim_${NAME})
    list(TRANSFORM LIB_USES PREPEND aqpim_)
    target_link_libraries(aqpim_${NAME} PUBLIC ${LIB_USES})
    if(LIB_PLAIN)
        target_link_libraries(aqpim_${NAME} PUBLIC aqpim_options)
        target_precompile_headers(aqpim_${NAME} REUSE_FROM aqpim_plain_pch)
    else()
        target_link_libraries(aqpim_${NAME} PUBLIC aqpim_systemc)
        target_precompile_headers(aqpim_${NAME} REUSE_FROM aqpim_pch)
    endif()
endfunction()
