/* Configuration space as the SDK uses it (PCI Express Base Specification 5.0, chapter 7: headers and basic capabilities
 * in 7.5, the others in 7.7 to 7.9). */
#ifndef AQPIM_SDK_PCI_REGISTERS_H
#define AQPIM_SDK_PCI_REGISTERS_H

#define AQPIM_PCI_ID 0x00u
#define AQPIM_PCI_COMMAND 0x04u /* status in the upper half */
#define AQPIM_PCI_COMMAND_MEMORY 0x0002u
#define AQPIM_PCI_COMMAND_MASTER 0x0004u
#define AQPIM_PCI_COMMAND_PARITY 0x0040u
#define AQPIM_PCI_COMMAND_SERR 0x0100u
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
#define AQPIM_PCI_BRIDGE_CONTROL 0x3cu /* in the upper half */
#define AQPIM_PCI_BRIDGE_SERR (0x0002u << 16)
#define AQPIM_PCI_BRIDGE_RESET (0x0040u << 16)

#define AQPIM_PCI_CAP_POWER 0x01u
#define AQPIM_PCI_CAP_EXPRESS 0x10u
#define AQPIM_PCI_CAP_MSIX 0x11u
/* Device/port types, bits 23..20 of the capability's first word. */
#define AQPIM_PCI_PORT_ENDPOINT 0u
#define AQPIM_PCI_PORT_ROOT 4u
#define AQPIM_PCI_PORT_UPSTREAM 5u
#define AQPIM_PCI_PORT_DOWNSTREAM 6u

/* PCI Express capability: offsets in it. */
#define AQPIM_PCI_EXPRESS_DEVICE_CAPABILITIES 0x04u
#define AQPIM_PCI_EXPRESS_DEVICE_CONTROL 0x08u /* status in the upper half */
#define AQPIM_PCI_EXPRESS_LINK_CAPABILITIES 0x0cu
#define AQPIM_PCI_EXPRESS_LINK_CONTROL 0x10u /* status in the upper half */
#define AQPIM_PCI_EXPRESS_ROOT_CONTROL 0x1cu
#define AQPIM_PCI_EXPRESS_DEVICE_CONTROL2 0x28u
#define AQPIM_PCI_EXPRESS_LINK_CONTROL2 0x30u

#define AQPIM_PCI_DEVICE_CAN_FLR (1u << 28)
#define AQPIM_PCI_DEVICE_REPORTING 0x000fu /* correctable, non-fatal, fatal, unsupported request */
#define AQPIM_PCI_DEVICE_RELAXED 0x0010u
#define AQPIM_PCI_DEVICE_PAYLOAD_SHIFT 5u /* three bits: 128 B << code; capabilities have theirs in bits 2..0 */
#define AQPIM_PCI_DEVICE_READ_SHIFT 12u
#define AQPIM_PCI_DEVICE_FLR 0x8000u
#define AQPIM_PCI_DEVICE_ERRORS (0x000fu << 16) /* status, write 1 to clear */
#define AQPIM_PCI_DEVICE_PENDING (0x0020u << 16)

#define AQPIM_PCI_LINK_REPORTS_ACTIVE (1u << 20)
#define AQPIM_PCI_LINK_DISABLE 0x0010u
#define AQPIM_PCI_LINK_RETRAIN 0x0020u
#define AQPIM_PCI_LINK_SPEED(status) ((status) >> 16 & 0xfu) /* generation */
#define AQPIM_PCI_LINK_WIDTH(status) ((status) >> 20 & 0x3fu)
#define AQPIM_PCI_LINK_TRAINING (0x0800u << 16)
#define AQPIM_PCI_LINK_ACTIVE (0x2000u << 16)

/* Power management capability. */
#define AQPIM_PCI_POWER_CONTROL 0x04u
#define AQPIM_PCI_POWER_STATE 0x3u
#define AQPIM_PCI_POWER_NO_SOFT_RESET 0x8u

/* MSI-X capability. */
#define AQPIM_PCI_MSIX_TABLE 0x04u /* offset in bits 31..3, BAR in 2..0 */
#define AQPIM_PCI_MSIX_SIZE(head) (((head) >> 16 & 0x7ffu) + 1)
#define AQPIM_PCI_MSIX_ENTRY_BYTES 16u
#define AQPIM_PCI_MSIX_MASK_ALL (1u << 30)
#define AQPIM_PCI_MSIX_ENABLE (1u << 31)

/* Extended capabilities: id in bits 15..0, the next one's offset in 31..20. */
#define AQPIM_PCI_EXTENDED 0x100u
#define AQPIM_PCI_CONFIG_BYTES 0x1000u
#define AQPIM_PCI_EXT_AER 0x0001u
#define AQPIM_PCI_EXT_SERIAL 0x0003u
#define AQPIM_PCI_EXT_ACS 0x000du
#define AQPIM_PCI_EXT_RESIZABLE_BAR 0x0015u

/* Advanced error reporting. */
#define AQPIM_PCI_AER_UNCORRECTABLE 0x04u /* write 1 to clear */
#define AQPIM_PCI_AER_UNCORRECTABLE_MASK 0x08u
#define AQPIM_PCI_AER_SEVERITY 0x0cu
#define AQPIM_PCI_AER_CORRECTABLE 0x10u /* write 1 to clear */
#define AQPIM_PCI_AER_CORRECTABLE_MASK 0x14u
#define AQPIM_PCI_AER_CONTROL 0x18u
#define AQPIM_PCI_AER_HEADER_LOG 0x1cu
#define AQPIM_PCI_AER_ROOT_COMMAND 0x2cu
#define AQPIM_PCI_AER_ROOT_STATUS 0x30u /* bits 6..0: write 1 to clear */
#define AQPIM_PCI_AER_ROOT_SOURCE 0x34u /* of a correctable error; in the upper half of an uncorrectable one */

#define AQPIM_PCI_AER_DATA_LINK (1u << 4)
#define AQPIM_PCI_AER_SURPRISE_DOWN (1u << 5)
#define AQPIM_PCI_AER_POISONED (1u << 12)
#define AQPIM_PCI_AER_FLOW_CONTROL (1u << 13)
#define AQPIM_PCI_AER_TIMEOUT (1u << 14)
#define AQPIM_PCI_AER_COMPLETER_ABORT (1u << 15)
#define AQPIM_PCI_AER_UNEXPECTED (1u << 16)
#define AQPIM_PCI_AER_OVERFLOW (1u << 17)
#define AQPIM_PCI_AER_MALFORMED (1u << 18)
#define AQPIM_PCI_AER_UNSUPPORTED (1u << 20)
#define AQPIM_PCI_AER_ACS (1u << 21)

#define AQPIM_PCI_AER_RECEIVER (1u << 0)
#define AQPIM_PCI_AER_BAD_TLP (1u << 6)
#define AQPIM_PCI_AER_BAD_DLLP (1u << 7)
#define AQPIM_PCI_AER_ROLLOVER (1u << 8)
#define AQPIM_PCI_AER_REPLAY_TIMEOUT (1u << 12)
#define AQPIM_PCI_AER_ADVISORY (1u << 13)

#define AQPIM_PCI_AER_ROOT_REPORTING 0x7u /* correctable, non-fatal, fatal */
#define AQPIM_PCI_AER_ROOT_CORRECTABLE 0x01u
#define AQPIM_PCI_AER_ROOT_UNCORRECTABLE 0x04u
#define AQPIM_PCI_AER_ROOT_ERRORS 0x7fu

/* Access control services: capabilities in the lower half of this word, control in the upper. */
#define AQPIM_PCI_ACS_CONTROL 0x04u
#define AQPIM_PCI_ACS_REDIRECT 0x001cu /* of requests, of completions; upstream forwarding */

/* Resizable BARs: two words for each. */
#define AQPIM_PCI_RESIZE_SIZES(index) (0x04u + 8 * (index)) /* bit 4: 1 MiB, bit 5: 2 MiB, ... bit 31: 128 TiB */
#define AQPIM_PCI_RESIZE_CONTROL(index) (0x08u + 8 * (index))
#define AQPIM_PCI_RESIZE_BAR(control) ((control)&0x7u)
#define AQPIM_PCI_RESIZE_COUNT(control) ((control) >> 5 & 0x7u)
#define AQPIM_PCI_RESIZE_SIZE_SHIFT 8u /* six bits: 1 MiB << code */
#define AQPIM_PCI_RESIZE_SIZE_MASK (0x3fu << AQPIM_PCI_RESIZE_SIZE_SHIFT)

#endif
