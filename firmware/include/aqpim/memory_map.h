/* Where things stand in the host's address space: QEMU's RISC-V `virt` machine, plus two devices of our own at places
 * that `virt` leaves free. Shared by firmware and models. */
#ifndef AQPIM_MEMORY_MAP_H
#define AQPIM_MEMORY_MAP_H

#define AQPIM_FINISHER_BASE 0x00100000u
#define AQPIM_FINISHER_SIZE 0x00001000u
/* Software trace port, like the stimulus ports of Arm's System Trace Macrocell. */
#define AQPIM_TRACE_PORT_BASE 0x00102000u
#define AQPIM_TRACE_PORT_SIZE 0x00001000u
#define AQPIM_CLINT_BASE 0x02000000u
#define AQPIM_CLINT_SIZE 0x00010000u
#define AQPIM_PLIC_BASE 0x0c000000u
#define AQPIM_PLIC_SIZE 0x00600000u
#define AQPIM_UART_BASE 0x10000000u
#define AQPIM_UART_SIZE 0x00000100u
/* Banks of NOR flash, one behind the other. */
#define AQPIM_FLASH_BASE 0x20000000u
#define AQPIM_FLASH_BANK_SIZE 0x02000000u
#define AQPIM_FLASH_BANKS 2u
/* Turns MSI writes into PLIC sources, as Arm's GICv2m frame does for the GIC; where `virt` has its IMSICs. */
#define AQPIM_MSI_BASE 0x24000000u
#define AQPIM_MSI_SIZE 0x00001000u
#define AQPIM_ECAM_BASE 0x30000000u
#define AQPIM_ECAM_SIZE 0x10000000u
#define AQPIM_PCIE_MMIO32_BASE 0x40000000u
#define AQPIM_PCIE_MMIO32_SIZE 0x40000000u
#define AQPIM_RAM_BASE 0x80000000u
/* RAM that does not fit below the 64-bit PCIe window goes above it, like the memory above 4 GiB of other machines. */
#define AQPIM_RAM_LOW_MOST 0x380000000ull /* 14 GiB */
#define AQPIM_RAM_HIGH_BASE 0x40000000000ull
#define AQPIM_PCIE_MMIO64_BASE 0x400000000ull
#define AQPIM_PCIE_MMIO64_SIZE 0x3fc00000000ull /* up to 4 TiB */

/* PLIC sources. */
#define AQPIM_PLIC_SOURCES 96u /* source 0 does not exist */
#define AQPIM_IRQ_UART 10u
#define AQPIM_IRQ_MSI_FIRST 64u /* a message with data n, 64 to 95, raises source n */
#define AQPIM_IRQ_MSI_COUNT 32u

/* Finisher commands (SiFive test device). A failure carries its code in the upper half. */
#define AQPIM_FINISHER_FAIL 0x3333u
#define AQPIM_FINISHER_PASS 0x5555u
#define AQPIM_FINISHER_RESET 0x7777u
/* The SDK's code for a trap that no handler took: the run ends as a firmware fault. */
#define AQPIM_EXIT_UNHANDLED_TRAP 0xffffu

/* `mtime` counts at this rate, as on `virt`. */
#define AQPIM_TIMEBASE_HZ 10000000u

#endif
