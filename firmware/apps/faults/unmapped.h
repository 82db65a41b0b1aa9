/* An address in none of the windows of aqpim/memory_map.h, nor of QEMU's `virt`. */
#define UNMAPPED_ADDRESS 0x18000000u
