#include "aqpim/sdk/pci_setup.h"

#include <stddef.h>

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci_registers.h"

#define SMALLEST_PAYLOAD 128u
#define SIZE_CODE 7u
#define MOST_READ_CODE 5u /* 4096 B */

static uint32_t express_register(const struct aqpim_pci_function* function, uint32_t offset) {
    const uint32_t express = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_EXPRESS);
    return express != 0 ? express + offset : 0;
}

/* The largest payload size, as a code, that the functions behind this port support, itself included. */
static uint32_t supported_code(const struct aqpim_pci* pci, const struct aqpim_pci_function* root) {
    uint32_t smallest = SIZE_CODE;
    for (uint32_t i = 0; i < pci->count; i++) {
        const struct aqpim_pci_function* function = &pci->functions[i];
        const uint32_t offset = express_register(function, AQPIM_PCI_EXPRESS_DEVICE_CAPABILITIES);
        if (offset != 0 && (function == root || aqpim_pci_is_below(function, root))) {
            const uint32_t code = aqpim_read32(function->config + offset) & SIZE_CODE;
            smallest = code < smallest ? code : smallest;
        }
    }
    return smallest;
}

static void set_function(const struct aqpim_pci_function* function, uint32_t payload, uint32_t read, bool relaxed) {
    const uint32_t offset = express_register(function, AQPIM_PCI_EXPRESS_DEVICE_CONTROL);
    if (offset == 0) {
        return;
    }
    uint32_t control = aqpim_read32(function->config + offset) & 0xffffu;
    control &= ~(SIZE_CODE << AQPIM_PCI_DEVICE_PAYLOAD_SHIFT | SIZE_CODE << AQPIM_PCI_DEVICE_READ_SHIFT |
                 AQPIM_PCI_DEVICE_RELAXED | AQPIM_PCI_DEVICE_FLR);
    control |= payload << AQPIM_PCI_DEVICE_PAYLOAD_SHIFT | read << AQPIM_PCI_DEVICE_READ_SHIFT |
               (relaxed ? AQPIM_PCI_DEVICE_RELAXED : 0);
    aqpim_write32(function->config + offset, control);
}

/* The code of a size, or a value above MOST_READ_CODE. */
static uint32_t read_code(uint32_t bytes) {
    uint32_t code = 0;
    while (code <= MOST_READ_CODE && SMALLEST_PAYLOAD << code != bytes) {
        code++;
    }
    return code;
}

uint32_t aqpim_pci_set_payload(const struct aqpim_pci* pci, uint32_t read_request, bool relaxed_ordering) {
    uint32_t smallest = SIZE_CODE + 1;
    if (read_request != 0 && read_code(read_request) > MOST_READ_CODE) {
        return 0;
    }
    for (uint32_t root = 0; root < pci->count; root++) {
        const struct aqpim_pci_function* port = &pci->functions[root];
        if (port->bus != 0 || express_register(port, AQPIM_PCI_EXPRESS_DEVICE_CONTROL) == 0) {
            continue;
        }
        const uint32_t payload = supported_code(pci, port);
        const uint32_t read = read_request != 0 ? read_code(read_request) : payload;
        for (uint32_t i = 0; i < pci->count; i++) {
            if (i == root || aqpim_pci_is_below(&pci->functions[i], port)) {
                set_function(&pci->functions[i], payload, read, relaxed_ordering);
            }
        }
        smallest = payload < smallest ? payload : smallest;
    }
    return smallest <= SIZE_CODE ? SMALLEST_PAYLOAD << smallest : 0;
}

static uint32_t size_in_use(const struct aqpim_pci_function* function, uint32_t shift) {
    const uint32_t offset = express_register(function, AQPIM_PCI_EXPRESS_DEVICE_CONTROL);
    return offset != 0 ? SMALLEST_PAYLOAD << (aqpim_read32(function->config + offset) >> shift & SIZE_CODE) : 0;
}

uint32_t aqpim_pci_payload(const struct aqpim_pci_function* function) {
    return size_in_use(function, AQPIM_PCI_DEVICE_PAYLOAD_SHIFT);
}

uint32_t aqpim_pci_read_request(const struct aqpim_pci_function* function) {
    return size_in_use(function, AQPIM_PCI_DEVICE_READ_SHIFT);
}

/* Address of the two words of this BAR in the capability, less the offset of the first; 0 if it is not resizable. */
static uint64_t resize_entry(const struct aqpim_pci_function* function, unsigned bar) {
    const uint32_t offset = aqpim_pci_extended_capability(function->config, AQPIM_PCI_EXT_RESIZABLE_BAR);
    if (offset == 0 || bar >= AQPIM_PCI_BARS) {
        return 0;
    }
    const uint64_t capability = function->config + offset;
    const uint32_t count = AQPIM_PCI_RESIZE_COUNT(aqpim_read32(capability + AQPIM_PCI_RESIZE_CONTROL(0)));
    for (uint32_t i = 0; i < count && i < AQPIM_PCI_BARS; i++) {
        if (AQPIM_PCI_RESIZE_BAR(aqpim_read32(capability + AQPIM_PCI_RESIZE_CONTROL(i))) == bar) {
            return capability + AQPIM_PCI_RESIZE_SIZES(i) - AQPIM_PCI_RESIZE_SIZES(0);
        }
    }
    return 0;
}

uint64_t aqpim_pci_bar_sizes(const struct aqpim_pci_function* function, unsigned bar) {
    const uint64_t entry = resize_entry(function, bar);
    /* Bit 4 stands for 1 MiB. */
    return entry != 0 ? (uint64_t)(aqpim_read32(entry + AQPIM_PCI_RESIZE_SIZES(0)) >> 4) << 20 : 0;
}

enum aqpim_pci_status aqpim_pci_resize_bar(struct aqpim_pci_function* function, unsigned bar, uint64_t size) {
    const bool is_one_size = size != 0 && (size & (size - 1)) == 0;
    if (!is_one_size || (aqpim_pci_bar_sizes(function, bar) & size) == 0) {
        return AQPIM_PCI_UNABLE;
    }
    uint32_t code = 0;
    while ((uint64_t)1 << (20 + code) != size) {
        code++;
    }
    const uint64_t command = function->config + AQPIM_PCI_COMMAND;
    const uint64_t control = resize_entry(function, bar) + AQPIM_PCI_RESIZE_CONTROL(0);
    aqpim_write32(command, aqpim_read32(command) & 0xffffu & ~AQPIM_PCI_COMMAND_MEMORY);
    aqpim_write32(control, (aqpim_read32(control) & ~AQPIM_PCI_RESIZE_SIZE_MASK) | code << AQPIM_PCI_RESIZE_SIZE_SHIFT);
    function->bars[bar].size = size;
    return AQPIM_PCI_OK;
}

unsigned aqpim_pci_redirect(const struct aqpim_pci* pci, bool redirect) {
    unsigned ports = 0;
    for (uint32_t i = 0; i < pci->count; i++) {
        const uint64_t config = pci->functions[i].config;
        const uint32_t offset = aqpim_pci_extended_capability(config, AQPIM_PCI_EXT_ACS);
        const uint32_t type = offset != 0 ? aqpim_pci_port_type(config) : AQPIM_PCI_NOT_EXPRESS;
        if (type != AQPIM_PCI_PORT_ROOT && type != AQPIM_PCI_PORT_DOWNSTREAM) {
            continue;
        }
        const uint64_t word = config + offset + AQPIM_PCI_ACS_CONTROL;
        const uint32_t value = aqpim_read32(word);
        const uint32_t able = value & AQPIM_PCI_ACS_REDIRECT;
        aqpim_write32(word, (value & ~(able << 16)) | (redirect ? able << 16 : 0));
        ports++;
    }
    return ports;
}
