/* Provokes what goes wrong on PCIe. Each case has to end with an error that is seen, and with a platform that works. */
#include <stddef.h>
#include <stdio.h>

#include "aqpim/pci_ids.h"
#include "aqpim/pim.h"
#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci_error.h"
#include "aqpim/sdk/pci_link.h"
#include "aqpim/sdk/pci_registers.h"
#include "aqpim/sdk/pci_reset.h"
#include "aqpim/sdk/time.h"
#include "scene.h"

#define ALL_ONES 0xffffffffu
#define LONG_BYTES (32ull << 20) /* more than half a millisecond at Gen5 x16 */
#define LINK_NS 100000000ull
#define INTO_THE_COPY_NS 20000ull

/* Null, or what was not as it should be. */
typedef const char* (*check)(void);

static uint64_t smaller(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Whether any BAR holds the 4 bytes from here on. */
static bool is_claimed(uint64_t address) {
    for (uint32_t i = 0; i < scene.pci.count; i++) {
        for (unsigned bar = 0; bar < AQPIM_PCI_BARS; bar++) {
            const struct aqpim_pci_bar* b = &scene.pci.functions[i].bars[bar];
            if (b->size != 0 && address - b->address < b->size) {
                return true;
            }
        }
    }
    return false;
}

/* Errors of all functions on a bus, together. */
static struct aqpim_pci_errors errors_on_bus(uint32_t bus) {
    struct aqpim_pci_errors all = {0};
    for (uint32_t i = 0; i < scene.pci.count; i++) {
        struct aqpim_pci_errors errors;
        if (scene.pci.functions[i].bus == bus &&
            aqpim_pci_read_errors(&scene.pci.functions[i], &errors) == AQPIM_PCI_OK) {
            all.uncorrectable |= errors.uncorrectable;
            all.correctable |= errors.correctable;
            all.device_status |= errors.device_status;
            all.header[2] |= errors.header[2];
        }
    }
    return all;
}

static const char* unsupported_request(void) {
    const struct aqpim_pci_function* port = aqpim_pci_parent(&scene.pci, scene.gpu.function);
    const struct aqpim_pci_range* window = &port->windows[AQPIM_PCI_MEMORY32];
    const uint64_t address = window->address + window->size - 4;
    if (window->size == 0 || is_claimed(address)) {
        return "no free address in the port's window";
    }
    if (aqpim_read32(address) != ALL_ONES) {
        return "the read did not come back as all ones";
    }
    const struct aqpim_pci_errors errors = errors_on_bus(port->secondary);
    if ((errors.uncorrectable & AQPIM_PCI_AER_UNSUPPORTED) == 0) {
        return "the device has no unsupported request in its error status";
    }
    if (errors.header[2] != address) {
        return "the header log does not hold the address";
    }
    aqpim_pci_clear_all_errors(&scene.pci);
    const bool cleared = (errors_on_bus(port->secondary).uncorrectable & AQPIM_PCI_AER_UNSUPPORTED) == 0;
    return cleared ? NULL : "the error status cannot be cleared";
}

static const char* address_error(void) {
    const struct aqpim_pci_function* port = aqpim_pci_parent(&scene.pci, scene.gpu.function);
    const struct aqpim_pci_range* window = &port->windows[AQPIM_PCI_MEMORY32];
    const uint64_t address = window->address + window->size - 64;
    const uint64_t ticket = start_copy(aqpim_gpu_bus(address), aqpim_gpu_local(0), 64);
    if (aqpim_queue_wait(&scene.gpu.copy[0], ticket)) {
        return "a copy from where nothing is has succeeded";
    }
    const struct aqpim_queue_error error = aqpim_queue_read_error(&scene.gpu.copy[0]);
    if (error.status != AQPIM_ADDRESS_ERROR && error.status != AQPIM_BUS_ERROR) {
        return "no error record of a failed read";
    }
    if (error.index != ticket || error.address != address) {
        return "the error record names another descriptor or address";
    }
    return open_copy() ? NULL : "the queue cannot be opened again";
}

/* A copy from RAM that takes long. */
static uint64_t start_long_copy(void) {
    const uint64_t bytes = smaller(smaller(LONG_BYTES, aqpim_board.ram.size / 2), scene.gpu.memory_bytes);
    const uint64_t ticket = start_copy(aqpim_gpu_bus(aqpim_board.ram.base), aqpim_gpu_local(0), bytes);
    aqpim_delay_ns(INTO_THE_COPY_NS);
    return ticket;
}

static const char* function_reset(void) {
    const uint64_t ticket = start_long_copy();
    const enum aqpim_pci_status status = aqpim_pci_reset_function(scene.gpu.function, AQPIM_PCI_RESET_NS);
    if (status != AQPIM_PCI_OK) {
        return aqpim_pci_status_text(status);
    }
    if (aqpim_queue_wait(&scene.gpu.copy[0], ticket)) {
        return "the copy has succeeded in spite of the reset";
    }
    if (aqpim_read64(scene.gpu.copy[0].registers + AQPIM_QUEUE_STATUS) != AQPIM_QUEUE_DISABLED) {
        return "the queue is not as at power-on";
    }
    return open_copy() ? NULL : "the queue cannot be opened again";
}

/* Reads are what a requester hears of; a write into a link that is down is lost. */
static uint64_t start_peer_read(void) {
    const struct aqpim_pci_bar* memory = &scene.pim->bars[AQPIM_BAR_MEMORY];
    const uint64_t bytes = smaller(smaller(LONG_BYTES, memory->size), scene.gpu.memory_bytes);
    const uint64_t ticket = start_copy(aqpim_gpu_bus(memory->address), aqpim_gpu_local(0), bytes);
    aqpim_delay_ns(INTO_THE_COPY_NS);
    return ticket;
}

static const char* hot_reset(void) {
    if (scene.pim == NULL || scene.pim->bus == scene.gpu.function->bus) {
        printf("(no PIM device behind a port of its own) ");
        return NULL;
    }
    const struct aqpim_pci_function* port = aqpim_pci_parent(&scene.pci, scene.pim);
    if (aqpim_pci_save_below(&scene.pci, port, scene.states, MOST_STATES) != AQPIM_PCI_OK) {
        return "the PIM device's state cannot be saved";
    }
    const uint64_t ticket = start_peer_read();
    enum aqpim_pci_status status = aqpim_pci_reset_below(port, AQPIM_PCI_RESET_NS);
    if (status != AQPIM_PCI_OK) {
        return aqpim_pci_status_text(status);
    }
    if (aqpim_queue_wait(&scene.gpu.copy[0], ticket)) {
        return "the copy has succeeded in spite of the reset";
    }
    if (aqpim_read32(scene.pim->config + AQPIM_PCI_BAR0) >> 16 != 0) {
        return "the PIM device has kept a BAR";
    }
    status = aqpim_pci_restore_below(&scene.pci, port, scene.states, MOST_STATES);
    if (status != AQPIM_PCI_OK) {
        return aqpim_pci_status_text(status);
    }
    if (aqpim_read64(scene.pim->bars[AQPIM_BAR_REGISTERS].address + AQPIM_PIM_ID) != AQPIM_PIM_MAGIC) {
        return "the PIM device's registers are gone";
    }
    if (!open_copy()) {
        return "the queue cannot be opened again";
    }
    const uint64_t again = start_copy(aqpim_gpu_bus(scene.pim->bars[AQPIM_BAR_MEMORY].address), aqpim_gpu_local(0), 64);
    return aqpim_queue_wait(&scene.gpu.copy[0], again) ? NULL : "the PIM memory cannot be read";
}

static const char* link_disable(void) {
    const struct aqpim_pci_function* port = aqpim_pci_parent(&scene.pci, scene.gpu.function);
    if (aqpim_pci_save_below(&scene.pci, port, scene.states, MOST_STATES) != AQPIM_PCI_OK) {
        return "the GPU's state cannot be saved";
    }
    const uint64_t ticket = start_long_copy();
    enum aqpim_pci_status status = aqpim_pci_disable_link(port, LINK_NS);
    if (status != AQPIM_PCI_OK) {
        return aqpim_pci_status_text(status);
    }
    if (aqpim_pci_check(&scene.pci, scene.gpu.function) != AQPIM_PCI_LINK_DOWN) {
        return "the link is not seen to be down";
    }
    if (aqpim_read64(scene.gpu.registers) != UINT64_MAX) {
        return "a register behind the link did not read as all ones";
    }
    if (aqpim_queue_wait(&scene.gpu.copy[0], ticket)) {
        return "the copy has succeeded in spite of the link";
    }
    status = aqpim_pci_enable_link(port, LINK_NS);
    if (status != AQPIM_PCI_OK) {
        return aqpim_pci_status_text(status);
    }
    aqpim_delay_ns(AQPIM_PCI_RESET_NS);
    status = aqpim_pci_restore_below(&scene.pci, port, scene.states, MOST_STATES);
    if (status != AQPIM_PCI_OK) {
        return aqpim_pci_status_text(status);
    }
    return open_copy() ? NULL : "the queue cannot be opened again";
}

static const char* power_states(void) {
    struct aqpim_pci_state* state = &scene.states[0];
    const struct aqpim_pci_function* gpu = scene.gpu.function;
    enum aqpim_pci_status status = aqpim_pci_save(gpu, state);
    status = status == AQPIM_PCI_OK ? aqpim_pci_set_power(gpu, AQPIM_PCI_D3HOT, NULL) : status;
    if (status != AQPIM_PCI_OK) {
        return aqpim_pci_status_text(status);
    }
    if (aqpim_read64(scene.gpu.registers) != UINT64_MAX) {
        return "a register answers in D3hot";
    }
    status = aqpim_pci_set_power(gpu, AQPIM_PCI_D0, state);
    if (status != AQPIM_PCI_OK) {
        return aqpim_pci_status_text(status);
    }
    return open_copy() ? NULL : "the queue cannot be opened again";
}

static bool run(const char* name, check function) {
    printf("%s: ", name);
    const char* problem = function();
    if (problem == NULL && !copies_work()) {
        problem = "afterwards, copies do not work";
    }
    printf("%s\n", problem == NULL ? "ok" : problem);
    aqpim_pci_clear_all_errors(&scene.pci);
    return problem == NULL;
}

static const char* nothing(void) {
    return NULL;
}

int main(void) {
    static const struct {
        const char* name;
        check function;
    } checks[] = {
        {"copies before any fault", nothing},
        {"read of an address that no BAR claims", unsupported_request},
        {"copy from an address that no BAR claims", address_error},
        {"function-level reset of the GPU in the middle of a copy", function_reset},
        {"hot reset of the PIM device's port while the GPU reads from it", hot_reset},
        {"link disabled in the middle of a copy", link_disable},
        {"D3hot and back", power_states},
    };
    const char* problem = set_up();
    if (problem != NULL) {
        printf("error: %s\n", problem);
        return 100;
    }
    int failed = 0;
    for (unsigned i = 0; i < sizeof checks / sizeof *checks; i++) {
        failed += run(checks[i].name, checks[i].function) ? 0 : 1;
    }
    printf("%d of %u checks failed\n", failed, (unsigned)(sizeof checks / sizeof *checks));
    return failed;
}
