/* Configuration space as the SDK uses it (PCI Express Base Specification 5.0, 7.5 and 7.7.2). */
#ifndef AQPIM_SDK_PCI_REGISTERS_H
#define AQPIM_SDK_PCI_REGISTERS_H

#define AQPIM_PCI_ID 0x00u
#define AQPIM_PCI_COMMAND 0x04u /* status in the upper half */
#define AQPIM_PCI_COMMAND_MEMORY 0x0002u
#define AQPIM_PCI_COMMAND_MASTER 0x0004u
#define AQPIM_PCI_COMMAND_NO_INTX 0x0400u
#define AQPIM_PCI_STATUS_CAPABILITIES 0x00100000u
#define AQPIM_PCI_CLASS 0x08u
#define AQPIM_PCI_HEADER 0x0cu /* type in bits 22..16, multifunction in bit 23 */
#define AQPIM_PCI_BAR0 0x10u
#define AQPIM_PCI_CAPABILITIES 0x34u

#define AQPIM_PCI_BAR_IO 0x1u
#define AQPIM_PCI_BAR_TYPE 0x6u
#define AQPIM_PCI_BAR_64BIT 0x4u
#define AQPIM_PCI_BAR_PREFETCHABLE 0x8u

/* Header type 1. */
#define AQPIM_PCI_BUS_NUMBERS 0x18u
#define AQPIM_PCI_IO_WINDOW 0x1cu
#define AQPIM_PCI_MEMORY_WINDOW 0x20u
#define AQPIM_PCI_PREFETCH_WINDOW 0x24u
#define AQPIM_PCI_PREFETCH_BASE_UPPER 0x28u
#define AQPIM_PCI_PREFETCH_LIMIT_UPPER 0x2cu
#define AQPIM_PCI_WINDOW_ALIGN 0x100000u

#define AQPIM_PCI_CAP_EXPRESS 0x10u
#define AQPIM_PCI_CAP_MSIX 0x11u
/* Device/port types, bits 23..20 of the capability's first word. */
#define AQPIM_PCI_PORT_ROOT 4u
#define AQPIM_PCI_PORT_DOWNSTREAM 6u

#endif
