/* PCI identities of the platform's functions. 0x1af4 and the like belong to others; 0xfffe is never assigned. */
#ifndef AQPIM_PCI_IDS_H
#define AQPIM_PCI_IDS_H

#define AQPIM_PCI_VENDOR 0xfffeu
#define AQPIM_PCI_DEVICE_HOST_BRIDGE 0x0001u
#define AQPIM_PCI_DEVICE_ROOT_PORT 0x0002u
#define AQPIM_PCI_DEVICE_SWITCH_UPSTREAM 0x0003u
#define AQPIM_PCI_DEVICE_SWITCH_DOWNSTREAM 0x0004u
#define AQPIM_PCI_DEVICE_GPU 0x0010u
#define AQPIM_PCI_DEVICE_PIM 0x0020u

/* Base class << 16 | subclass << 8 | interface. */
#define AQPIM_PCI_CLASS_HOST_BRIDGE 0x060000u
#define AQPIM_PCI_CLASS_BRIDGE 0x060400u
#define AQPIM_PCI_CLASS_GPU 0x030200u /* 3D controller */
#define AQPIM_PCI_CLASS_PIM 0x120000u /* processing accelerator */

/* BARs of the GPU and the PIM device. */
#define AQPIM_BAR_REGISTERS 0u /* 64 KiB, 64 bit: BAR0/1 */
#define AQPIM_BAR_MEMORY 2u    /* the whole memory, 64 bit prefetchable: BAR2/3 */
#define AQPIM_BAR_MSIX 4u      /* 32 bit: table at 0, pending bits at 0x800 */
#define AQPIM_BAR_REGISTERS_SIZE 0x10000u
#define AQPIM_BAR_MSIX_SIZE 0x1000u
#define AQPIM_MSIX_TABLE_OFFSET 0x000u
#define AQPIM_MSIX_PBA_OFFSET 0x800u

#endif
