/* PCI Code and ID Assignment Specification 1.11, chapters 2 and 3. */
#include "names.h"

#include <stddef.h>

#include "aqpim/sdk/pci_registers.h"

struct name {
    uint32_t id;
    const char* text;
};

static const struct name capabilities[] = {
    {0x01, "power management"}, {0x05, "MSI"},   {0x09, "vendor-specific"},    {0x0d, "subsystem id"},
    {0x10, "PCI Express"},      {0x11, "MSI-X"}, {0x14, "enhanced allocation"}};

static const struct name extended_capabilities[] = {{0x0001, "advanced error reporting"},
                                                    {0x0002, "virtual channel"},
                                                    {0x0003, "device serial number"},
                                                    {0x000b, "vendor-specific"},
                                                    {0x000d, "access control"},
                                                    {0x000e, "alternative routing id"},
                                                    {0x0010, "single root I/O virtualization"},
                                                    {0x0015, "resizable BAR"},
                                                    {0x0017, "TPH requester"},
                                                    {0x0018, "latency tolerance"},
                                                    {0x0019, "secondary PCI Express"},
                                                    {0x001d, "downstream port containment"},
                                                    {0x0025, "data link feature"},
                                                    {0x0026, "16 GT/s"},
                                                    {0x0027, "lane margining"},
                                                    {0x002a, "32 GT/s"},
                                                    {0x0031, "64 GT/s"}};

static const struct name port_types[] = {{AQPIM_PCI_PORT_ENDPOINT, "endpoint"},
                                         {AQPIM_PCI_PORT_ROOT, "root port"},
                                         {AQPIM_PCI_PORT_UPSTREAM, "switch upstream port"},
                                         {AQPIM_PCI_PORT_DOWNSTREAM, "switch downstream port"}};

static const char* find(const struct name* names, unsigned count, uint32_t id) {
    for (unsigned i = 0; i < count; i++) {
        if (names[i].id == id) {
            return names[i].text;
        }
    }
    return NULL;
}

const char* capability_name(uint8_t id) {
    return find(capabilities, sizeof capabilities / sizeof *capabilities, id);
}

const char* extended_capability_name(uint16_t id) {
    return find(extended_capabilities, sizeof extended_capabilities / sizeof *extended_capabilities, id);
}

const char* port_type_name(uint32_t type) {
    return find(port_types, sizeof port_types / sizeof *port_types, type);
}
