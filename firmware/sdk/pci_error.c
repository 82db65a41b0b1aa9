#include "aqpim/sdk/pci_error.h"

#include <stddef.h>

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci_registers.h"

#define ALL_ONES 0xffffffffu

static bool is_root_port(const struct aqpim_pci_function* function) {
    return aqpim_pci_port_type(function->config) == AQPIM_PCI_PORT_ROOT;
}

static uint32_t reporting_capability(const struct aqpim_pci_function* function) {
    return aqpim_pci_extended_capability(function->config, AQPIM_PCI_EXT_AER);
}

static void set_bits(uint64_t address, uint32_t bits) {
    aqpim_write32(address, aqpim_read32(address) | bits);
}

/* Sets bits of a control register; the status in the upper half, which is cleared by ones, stays. */
static void set_control(uint64_t address, uint32_t bits) {
    aqpim_write32(address, (aqpim_read32(address) & 0xffffu) | bits);
}

static void enable_function(const struct aqpim_pci_function* function) {
    const uint32_t express = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_EXPRESS);
    set_control(function->config + AQPIM_PCI_COMMAND, AQPIM_PCI_COMMAND_SERR | AQPIM_PCI_COMMAND_PARITY);
    if (express != 0) {
        set_control(function->config + express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL, AQPIM_PCI_DEVICE_REPORTING);
    }
    if (function->secondary != 0) {
        set_bits(function->config + AQPIM_PCI_BRIDGE_CONTROL, AQPIM_PCI_BRIDGE_SERR);
    }
    const uint32_t offset = reporting_capability(function);
    if (offset != 0) {
        /* Masked at reset, and then a read that fails leaves neither its kind nor its header (6.2.3.2.4). */
        const uint64_t mask = function->config + offset + AQPIM_PCI_AER_CORRECTABLE_MASK;
        aqpim_write32(mask, aqpim_read32(mask) & ~AQPIM_PCI_AER_ADVISORY);
    }
    if (offset != 0 && is_root_port(function)) {
        set_bits(function->config + offset + AQPIM_PCI_AER_ROOT_COMMAND, AQPIM_PCI_AER_ROOT_REPORTING);
    }
}

void aqpim_pci_enable_error_reporting(const struct aqpim_pci* pci) {
    for (uint32_t i = 0; i < pci->count; i++) {
        enable_function(&pci->functions[i]);
    }
}

enum aqpim_pci_status aqpim_pci_read_errors(const struct aqpim_pci_function* function,
                                            struct aqpim_pci_errors* errors) {
    *errors = (struct aqpim_pci_errors){0};
    if (aqpim_read32(function->config + AQPIM_PCI_ID) == ALL_ONES) {
        return AQPIM_PCI_ABSENT;
    }
    const uint32_t express = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_EXPRESS);
    if (express != 0) {
        const uint32_t control = aqpim_read32(function->config + express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL);
        errors->device_status = (control & AQPIM_PCI_DEVICE_ERRORS) >> 16;
    }
    const uint32_t offset = reporting_capability(function);
    if (offset == 0) {
        return AQPIM_PCI_UNABLE;
    }
    const uint64_t capability = function->config + offset;
    errors->uncorrectable = aqpim_read32(capability + AQPIM_PCI_AER_UNCORRECTABLE);
    errors->correctable = aqpim_read32(capability + AQPIM_PCI_AER_CORRECTABLE);
    errors->first = aqpim_read32(capability + AQPIM_PCI_AER_CONTROL) & 0x1fu;
    for (unsigned i = 0; i < 4; i++) {
        errors->header[i] = aqpim_read32(capability + AQPIM_PCI_AER_HEADER_LOG + 4 * i);
    }
    return AQPIM_PCI_OK;
}

void aqpim_pci_clear_errors(const struct aqpim_pci_function* function) {
    const uint32_t express = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_EXPRESS);
    if (express != 0) {
        set_control(function->config + express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL, AQPIM_PCI_DEVICE_ERRORS);
    }
    const uint32_t offset = reporting_capability(function);
    if (offset == 0) {
        return;
    }
    const uint64_t capability = function->config + offset;
    /* Cleared by ones; reserved bits want zeros. */
    set_bits(capability + AQPIM_PCI_AER_UNCORRECTABLE, 0);
    set_bits(capability + AQPIM_PCI_AER_CORRECTABLE, 0);
    if (is_root_port(function)) {
        aqpim_write32(capability + AQPIM_PCI_AER_ROOT_STATUS, AQPIM_PCI_AER_ROOT_ERRORS);
    }
}

void aqpim_pci_clear_all_errors(const struct aqpim_pci* pci) {
    for (uint32_t i = 0; i < pci->count; i++) {
        if (aqpim_read32(pci->functions[i].config + AQPIM_PCI_ID) != ALL_ONES) {
            aqpim_pci_clear_errors(&pci->functions[i]);
        }
    }
}

enum aqpim_pci_status aqpim_pci_read_root_errors(const struct aqpim_pci_function* port,
                                                 struct aqpim_pci_root_errors* errors) {
    *errors = (struct aqpim_pci_root_errors){0};
    const uint32_t offset = reporting_capability(port);
    if (offset == 0 || !is_root_port(port)) {
        return AQPIM_PCI_UNABLE;
    }
    const uint32_t source = aqpim_read32(port->config + offset + AQPIM_PCI_AER_ROOT_SOURCE);
    errors->status = aqpim_read32(port->config + offset + AQPIM_PCI_AER_ROOT_STATUS) & AQPIM_PCI_AER_ROOT_ERRORS;
    errors->correctable_source = (uint16_t)source;
    errors->uncorrectable_source = (uint16_t)(source >> 16);
    return AQPIM_PCI_OK;
}

const char* aqpim_pci_uncorrectable_name(unsigned bit) {
    static const char* const names[32] = {[4] = "data link protocol",
                                          [5] = "surprise down",
                                          [12] = "poisoned TLP",
                                          [13] = "flow control",
                                          [14] = "completion timeout",
                                          [15] = "completer abort",
                                          [16] = "unexpected completion",
                                          [17] = "receiver overflow",
                                          [18] = "malformed TLP",
                                          [19] = "ECRC",
                                          [20] = "unsupported request",
                                          [21] = "ACS violation",
                                          [22] = "internal"};
    return bit < 32 ? names[bit] : NULL;
}

const char* aqpim_pci_correctable_name(unsigned bit) {
    static const char* const names[32] = {[0] = "receiver",        [6] = "bad TLP",
                                          [7] = "bad DLLP",        [8] = "replay rollover",
                                          [12] = "replay timeout", [13] = "advisory non-fatal",
                                          [14] = "internal",       [15] = "header log overflow"};
    return bit < 32 ? names[bit] : NULL;
}
