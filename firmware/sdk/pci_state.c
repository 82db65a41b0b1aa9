#include "aqpim/sdk/pci_state.h"

#include <stddef.h>

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci_link.h"
#include "aqpim/sdk/pci_registers.h"

#define ALL_ONES 0xffffffffu
#define LINK_ACTIONS (AQPIM_PCI_LINK_DISABLE | AQPIM_PCI_LINK_RETRAIN)

static bool is_absent(const struct aqpim_pci_function* function) {
    return aqpim_read32(function->config + AQPIM_PCI_ID) == ALL_ONES;
}

static bool is_root_port(const struct aqpim_pci_function* function) {
    return aqpim_pci_port_type(function->config) == AQPIM_PCI_PORT_ROOT;
}

static uint16_t read16(uint64_t address) {
    return (uint16_t)aqpim_read32(address);
}

static void save_express(const struct aqpim_pci_function* function, struct aqpim_pci_state* state) {
    const uint32_t offset = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_EXPRESS);
    if (offset != 0) {
        const uint64_t express = function->config + offset;
        state->device_control = read16(express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL);
        state->device_control2 = read16(express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL2);
        state->link_control = read16(express + AQPIM_PCI_EXPRESS_LINK_CONTROL);
        state->root_control = read16(express + AQPIM_PCI_EXPRESS_ROOT_CONTROL);
    }
}

static void restore_express(const struct aqpim_pci_function* function, const struct aqpim_pci_state* state) {
    const uint32_t offset = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_EXPRESS);
    if (offset == 0) {
        return;
    }
    const uint64_t express = function->config + offset;
    aqpim_write32(express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL, state->device_control & ~AQPIM_PCI_DEVICE_FLR & 0xffffu);
    aqpim_write32(express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL2, state->device_control2);
    aqpim_write32(express + AQPIM_PCI_EXPRESS_LINK_CONTROL, state->link_control & ~LINK_ACTIONS & 0xffffu);
    if (is_root_port(function)) {
        aqpim_write32(express + AQPIM_PCI_EXPRESS_ROOT_CONTROL, state->root_control);
    }
}

static void save_errors(const struct aqpim_pci_function* function, struct aqpim_pci_state* state) {
    const uint32_t offset = aqpim_pci_extended_capability(function->config, AQPIM_PCI_EXT_AER);
    if (offset != 0) {
        const uint64_t aer = function->config + offset;
        state->aer_uncorrectable_mask = aqpim_read32(aer + AQPIM_PCI_AER_UNCORRECTABLE_MASK);
        state->aer_severity = aqpim_read32(aer + AQPIM_PCI_AER_SEVERITY);
        state->aer_correctable_mask = aqpim_read32(aer + AQPIM_PCI_AER_CORRECTABLE_MASK);
        state->aer_control = aqpim_read32(aer + AQPIM_PCI_AER_CONTROL);
        state->aer_root_command = is_root_port(function) ? aqpim_read32(aer + AQPIM_PCI_AER_ROOT_COMMAND) : 0;
    }
}

static void restore_errors(const struct aqpim_pci_function* function, const struct aqpim_pci_state* state) {
    const uint32_t offset = aqpim_pci_extended_capability(function->config, AQPIM_PCI_EXT_AER);
    if (offset != 0) {
        const uint64_t aer = function->config + offset;
        aqpim_write32(aer + AQPIM_PCI_AER_UNCORRECTABLE_MASK, state->aer_uncorrectable_mask);
        aqpim_write32(aer + AQPIM_PCI_AER_SEVERITY, state->aer_severity);
        aqpim_write32(aer + AQPIM_PCI_AER_CORRECTABLE_MASK, state->aer_correctable_mask);
        aqpim_write32(aer + AQPIM_PCI_AER_CONTROL, state->aer_control);
        if (is_root_port(function)) {
            aqpim_write32(aer + AQPIM_PCI_AER_ROOT_COMMAND, state->aer_root_command);
        }
    }
}

/* Resizable BARs in the capability, 0 without. */
static unsigned resizable_bars(const struct aqpim_pci_function* function, uint64_t* capability) {
    const uint32_t offset = aqpim_pci_extended_capability(function->config, AQPIM_PCI_EXT_RESIZABLE_BAR);
    *capability = function->config + offset;
    const uint32_t count =
        offset != 0 ? AQPIM_PCI_RESIZE_COUNT(aqpim_read32(*capability + AQPIM_PCI_RESIZE_CONTROL(0))) : 0;
    return count < AQPIM_PCI_BARS ? count : AQPIM_PCI_BARS;
}

static void save_sizes(const struct aqpim_pci_function* function, struct aqpim_pci_state* state) {
    uint64_t capability;
    const unsigned count = resizable_bars(function, &capability);
    for (unsigned i = 0; i < count; i++) {
        state->resize[i] = aqpim_read32(capability + AQPIM_PCI_RESIZE_CONTROL(i));
    }
}

static void restore_sizes(const struct aqpim_pci_function* function, const struct aqpim_pci_state* state) {
    uint64_t capability;
    const unsigned count = resizable_bars(function, &capability);
    for (unsigned i = 0; i < count; i++) {
        aqpim_write32(capability + AQPIM_PCI_RESIZE_CONTROL(i), state->resize[i]);
    }
}

/* Address of the MSI-X table; 0 if there is none that can be reached. */
static uint64_t msix_table(const struct aqpim_pci_function* function, uint32_t capability) {
    const uint32_t table = aqpim_read32(function->config + capability + AQPIM_PCI_MSIX_TABLE);
    const uint32_t bar = table & 7u;
    const uint32_t command = aqpim_read32(function->config + AQPIM_PCI_COMMAND);
    const bool reachable = bar < AQPIM_PCI_BARS && function->bars[bar].address != 0;
    return reachable && (command & AQPIM_PCI_COMMAND_MEMORY) != 0 ? function->bars[bar].address + (table & ~7u) : 0;
}

static void save_interrupts(const struct aqpim_pci_function* function, struct aqpim_pci_state* state) {
    const uint32_t offset = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_MSIX);
    const uint64_t table = offset != 0 ? msix_table(function, offset) : 0;
    if (table == 0) {
        return;
    }
    state->msix = aqpim_read32(function->config + offset);
    const uint32_t vectors = AQPIM_PCI_MSIX_SIZE(state->msix);
    state->vectors = vectors < AQPIM_PCI_SAVED_VECTORS ? vectors : AQPIM_PCI_SAVED_VECTORS;
    for (uint32_t vector = 0; vector < state->vectors; vector++) {
        for (unsigned word = 0; word < 4; word++) {
            state->table[vector][word] = aqpim_read32(table + vector * AQPIM_PCI_MSIX_ENTRY_BYTES + 4 * word);
        }
    }
}

/* With the memory space on. Enabled last, so that nothing is sent to where a half-written entry points. */
static void restore_interrupts(const struct aqpim_pci_function* function, const struct aqpim_pci_state* state) {
    const uint32_t offset = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_MSIX);
    const uint64_t table = offset != 0 ? msix_table(function, offset) : 0;
    if (table == 0) {
        return;
    }
    for (uint32_t vector = 0; vector < state->vectors; vector++) {
        for (unsigned word = 0; word < 4; word++) {
            aqpim_write32(table + vector * AQPIM_PCI_MSIX_ENTRY_BYTES + 4 * word, state->table[vector][word]);
        }
    }
    aqpim_write32(function->config + offset, state->msix & (AQPIM_PCI_MSIX_ENABLE | AQPIM_PCI_MSIX_MASK_ALL));
}

enum aqpim_pci_status aqpim_pci_save(const struct aqpim_pci_function* function, struct aqpim_pci_state* state) {
    if (is_absent(function)) {
        return AQPIM_PCI_ABSENT;
    }
    *state = (struct aqpim_pci_state){0};
    state->command = read16(function->config + AQPIM_PCI_COMMAND);
    if (function->secondary != 0) {
        const uint32_t control = aqpim_read32(function->config + AQPIM_PCI_BRIDGE_CONTROL);
        struct aqpim_pci_link link;
        state->bridge_control = (uint16_t)((control & ~AQPIM_PCI_BRIDGE_RESET) >> 16);
        state->link_was_up = aqpim_pci_read_link(function, &link) == AQPIM_PCI_OK && link.active;
    }
    const uint32_t acs = aqpim_pci_extended_capability(function->config, AQPIM_PCI_EXT_ACS);
    state->acs = acs != 0 ? aqpim_read32(function->config + acs + AQPIM_PCI_ACS_CONTROL) : 0;
    save_express(function, state);
    save_errors(function, state);
    save_sizes(function, state);
    save_interrupts(function, state);
    return AQPIM_PCI_OK;
}

enum aqpim_pci_status aqpim_pci_restore(const struct aqpim_pci_function* function,
                                        const struct aqpim_pci_state* state) {
    if (is_absent(function)) {
        return AQPIM_PCI_ABSENT;
    }
    const uint64_t config = function->config;
    const uint32_t acs = aqpim_pci_extended_capability(config, AQPIM_PCI_EXT_ACS);
    restore_express(function, state);
    restore_errors(function, state);
    restore_sizes(function, state);
    if (acs != 0) {
        aqpim_write32(config + acs + AQPIM_PCI_ACS_CONTROL, state->acs);
    }
    aqpim_pci_write_placement(function);
    if (function->secondary != 0) {
        const uint32_t low = aqpim_read32(config + AQPIM_PCI_BRIDGE_CONTROL) & 0xffffu;
        aqpim_write32(config + AQPIM_PCI_BRIDGE_CONTROL, (uint32_t)state->bridge_control << 16 | low);
    }
    /* Bus mastering only when the vectors are back: a function that is no master sends none. */
    aqpim_write32(config + AQPIM_PCI_COMMAND, state->command & ~AQPIM_PCI_COMMAND_MASTER & 0xffffu);
    restore_interrupts(function, state);
    aqpim_write32(config + AQPIM_PCI_COMMAND, state->command);
    return state->link_was_up ? aqpim_pci_wait_for_link(function, AQPIM_PCI_RESET_NS) : AQPIM_PCI_OK;
}

/* The first function below the bridge from index `at` on, which goes behind it; null if there is none. */
static const struct aqpim_pci_function* next_below(const struct aqpim_pci* pci, const struct aqpim_pci_function* bridge,
                                                   uint32_t* at) {
    while (*at < pci->count) {
        const struct aqpim_pci_function* function = &pci->functions[(*at)++];
        if (aqpim_pci_is_below(function, bridge)) {
            return function;
        }
    }
    return NULL;
}

static enum aqpim_pci_status first_failure(enum aqpim_pci_status earlier, enum aqpim_pci_status later) {
    return earlier == AQPIM_PCI_OK ? later : earlier;
}

enum aqpim_pci_status aqpim_pci_save_below(const struct aqpim_pci* pci, const struct aqpim_pci_function* bridge,
                                           struct aqpim_pci_state* states, uint32_t most) {
    enum aqpim_pci_status status = AQPIM_PCI_OK;
    uint32_t at = 0;
    uint32_t count = 0;
    const struct aqpim_pci_function* function;
    while ((function = next_below(pci, bridge, &at)) != NULL) {
        if (count == most) {
            return AQPIM_PCI_UNABLE;
        }
        status = first_failure(status, aqpim_pci_save(function, &states[count++]));
    }
    return status;
}

enum aqpim_pci_status aqpim_pci_restore_below(const struct aqpim_pci* pci, const struct aqpim_pci_function* bridge,
                                              const struct aqpim_pci_state* states, uint32_t most) {
    enum aqpim_pci_status status = AQPIM_PCI_OK;
    uint32_t at = 0;
    uint32_t count = 0;
    const struct aqpim_pci_function* function;
    while ((function = next_below(pci, bridge, &at)) != NULL) {
        if (count == most) {
            return AQPIM_PCI_UNABLE;
        }
        status = first_failure(status, aqpim_pci_restore(function, &states[count++]));
    }
    return status;
}
