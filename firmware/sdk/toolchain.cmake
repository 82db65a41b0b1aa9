# CMake toolchain of firmware: Debian's gcc-riscv64-unknown-elf with picolibc, RV64IMAC, no floating point.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_ASM_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(AQPIM_ARCH "-march=rv64imac_zicsr -mabi=lp64 -mcmodel=medany")
set(CMAKE_C_FLAGS_INIT "${AQPIM_ARCH} --specs=picolibc.specs -DPICOLIBC_INTEGER_PRINTF_SCANF")
set(CMAKE_ASM_FLAGS_INIT "${AQPIM_ARCH}")
# The library's directory is found by -march, and has no Zicsr in its name.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-march=rv64imac")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
