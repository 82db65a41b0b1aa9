# The firmware SDK. After project(... LANGUAGES C ASM) with toolchain.cmake:
#     include(<sdk>/aqpim_sdk.cmake)        or   find_package(AqpimSdk CONFIG REQUIRED)   with AqpimSdk_DIR=<sdk>/cmake
#     aqpim_add_firmware(name sources...)   builds name.elf
include_guard(GLOBAL)
set(AQPIM_SDK_DIR ${CMAKE_CURRENT_LIST_DIR})

add_library(aqpim_sdk STATIC)
foreach(FILE crt0.S trap.S board.c fdt.c finisher.c format.c gpu.c gpu_descriptors.c interrupt.c memory.c msix.c pci.c
             pci_capability.c pci_error.c pci_link.c pci_place.c pci_reset.c pci_setup.c pci_state.c pim_memory.c
             plic.c queue.c queue_error.c time.c trace.c uart.c)
    target_sources(aqpim_sdk PRIVATE ${AQPIM_SDK_DIR}/${FILE})
endforeach()
target_include_directories(aqpim_sdk PUBLIC ${AQPIM_SDK_DIR}/../include)
# main() takes the hart id and the device tree.
target_compile_options(aqpim_sdk PUBLIC -O2 -g -ffunction-sections -fdata-sections -Wno-main
                       PRIVATE -Wall -Wextra -Werror)
target_link_options(aqpim_sdk PUBLIC -nostartfiles -T${AQPIM_SDK_DIR}/link.ld -Wl,--gc-sections -Wl,--fatal-warnings)
# Else the compiler finds memcpy in memcpy's loop, and calls it.
set_source_files_properties(${AQPIM_SDK_DIR}/memory.c
                            PROPERTIES COMPILE_OPTIONS -fno-tree-loop-distribute-patterns)
set_target_properties(aqpim_sdk PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF
                      INTERFACE_LINK_DEPENDS ${AQPIM_SDK_DIR}/link.ld)

function(aqpim_add_firmware NAME)
    add_executable(${NAME} ${ARGN})
    target_link_libraries(${NAME} PRIVATE aqpim_sdk)
    set_target_properties(${NAME} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF SUFFIX .elf)
endfunction()
