# Cross-builds firmware/ into <build>/firmware/*.elf, as a project of its own with the SDK's toolchain. It is
# built again when one of its files changes; a build with nothing to do does not enter it.

find_program(AQPIM_CROSS_COMPILER riscv64-unknown-elf-gcc REQUIRED)

set(AQPIM_FIRMWARE_BUILD ${CMAKE_BINARY_DIR}/firmware)
set(AQPIM_FIRMWARE_STAMP ${AQPIM_FIRMWARE_BUILD}/built.stamp)
file(GLOB_RECURSE AQPIM_FIRMWARE_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/firmware/*)
list(FILTER AQPIM_FIRMWARE_FILES EXCLUDE REGEX "/firmware/template/")

add_custom_command(
    OUTPUT ${AQPIM_FIRMWARE_STAMP}
    COMMAND ${CMAKE_COMMAND} -S ${CMAKE_SOURCE_DIR}/firmware -B ${AQPIM_FIRMWARE_BUILD} -G ${CMAKE_GENERATOR}
            -DCMAKE_TOOLCHAIN_FILE=${CMAKE_SOURCE_DIR}/firmware/sdk/toolchain.cmake
    COMMAND ${CMAKE_COMMAND} --build ${AQPIM_FIRMWARE_BUILD}
    COMMAND ${CMAKE_COMMAND} -E touch ${AQPIM_FIRMWARE_STAMP}
    DEPENDS ${AQPIM_FIRMWARE_FILES}
    COMMENT "Cross-building the firmware"
    VERBATIM)
add_custom_target(firmware ALL DEPENDS ${AQPIM_FIRMWARE_STAMP})
