#include "devices.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "aqpim/gpu.h"
#include "aqpim/memory_map.h"
#include "aqpim/pci_ids.h"
#include "aqpim/sdk/format.h"
#include "aqpim/sdk/interrupt.h"
#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/msix.h"
#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/pci_registers.h"
#include "gpu_attention.h"

/* Room for a wave's prefill of one layer, so that the hart need not wait in the middle of it. */
#define ENTRIES 1024u

struct rings {
    _Alignas(AQPIM_QUEUE_DESCRIPTOR_BYTES) uint8_t descriptors[ENTRIES * AQPIM_QUEUE_DESCRIPTOR_BYTES];
    _Alignas(16) struct aqpim_completion completions[ENTRIES];
};

enum ring { RING_COPY, RING_COMPUTE, RING_PIM, RINGS };
static struct rings rings[RINGS];
static struct aqpim_pci pci;
static const struct run* opened;

uint32_t count_poisoned_functions(void) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < pci.count; i++) {
        const struct aqpim_pci_function* function = &pci.functions[i];
        const uint32_t offset = aqpim_pci_extended_capability(function->config, AQPIM_PCI_EXT_AER);
        if (offset != 0 &&
            (aqpim_read32(function->config + offset + AQPIM_PCI_AER_UNCORRECTABLE) & AQPIM_PCI_AER_POISONED) != 0) {
            printf("error: %02x:%02x.%x has received a poisoned TLP\n", function->bus, function->device,
                   function->function);
            count++;
        }
    }
    return count;
}

static bool has_stopped(const struct aqpim_queue* queue) {
    const uint64_t status = aqpim_read64(queue->registers + AQPIM_QUEUE_STATUS);
    if (status != AQPIM_QUEUE_RUNNING) {
        report_stop(queue, (unsigned)status);
    }
    return status != AQPIM_QUEUE_RUNNING;
}

/* It may wait for an event of a queue that has stopped, or its completion may have been poisoned. */
static bool is_hopeless(const struct aqpim_queue* queue) {
    const struct aqpim_queue* const queues[] = {&opened->copy, &opened->compute, &opened->pim};
    for (unsigned i = 0; i < sizeof queues / sizeof *queues; i++) {
        if (queues[i] != queue && queues[i]->registers != 0 && has_stopped(queues[i])) {
            return true;
        }
    }
    return count_poisoned_functions() != 0;
}

/* Sets up queue `number` of a device, with a ring, an MSI-X vector and a PLIC source of its own. */
static bool open_queue(struct aqpim_queue* queue, const char* name, const struct aqpim_pci_function* function,
                       uint32_t number, enum ring ring) {
    const uint32_t source = AQPIM_IRQ_MSI_FIRST + ring;
    *queue = (struct aqpim_queue){
        .name = name,
        .registers = function->bars[AQPIM_BAR_REGISTERS].address + AQPIM_QUEUE_BASE + number * AQPIM_QUEUE_STRIDE,
        .descriptors = rings[ring].descriptors,
        .completions = rings[ring].completions,
        .entries = ENTRIES,
        .vector = number,
        .source = source,
        .on_error = report_error,
        .is_hopeless = is_hopeless,
    };
    if (!aqpim_msix_route(function, number, source)) {
        printf("error: %s queue: no MSI-X vector %u\n", name, (unsigned)number);
        return false;
    }
    if (!aqpim_queue_open(queue)) {
        printf("error: %s queue: cannot be enabled\n", name);
        return false;
    }
    return true;
}

/* The first function with this device id, whose registers and memory have been placed. */
static const struct aqpim_pci_function* find_device(uint16_t device_id, const char* name) {
    const struct aqpim_pci_function* function = aqpim_pci_find(&pci, AQPIM_PCI_VENDOR, device_id, 0);
    if (function == NULL) {
        printf("error: no %s (%04x:%04x) among %u PCI functions\n", name, AQPIM_PCI_VENDOR, device_id,
               (unsigned)pci.count);
        return NULL;
    }
    if (function->bars[AQPIM_BAR_REGISTERS].address == 0 || function->bars[AQPIM_BAR_MEMORY].address == 0) {
        printf("error: the %s lacks a BAR\n", name);
        return NULL;
    }
    return function;
}

static void print_location(const char* name, const struct aqpim_pci_function* function) {
    printf("%s at %02x:%02x.%x, ", name, function->bus, function->device, function->function);
}

static bool open_gpu(struct run* run) {
    const struct aqpim_pci_function* gpu = find_device(AQPIM_PCI_DEVICE_GPU, "GPU");
    if (gpu == NULL) {
        return false;
    }
    const uint64_t registers = gpu->bars[AQPIM_BAR_REGISTERS].address;
    if (aqpim_read64(registers + AQPIM_GPU_ID) != AQPIM_GPU_MAGIC) {
        printf("error: the GPU's ID register is wrong\n");
        return false;
    }
    /* Another program may have left them at any value. */
    for (uint32_t event = 0; event < GPU_ATTENTION_EVENTS; event++) {
        aqpim_write64(registers + AQPIM_GPU_EVENT + event * sizeof(uint64_t), 0);
    }
    run->gpu_memory_bytes = aqpim_read64(registers + AQPIM_GPU_MEMORY_BYTES);
    print_location("GPU", gpu);
    printf("%s\n", aqpim_format_bytes(run->gpu_memory_bytes).text);
    return open_queue(&run->copy, "GPU copy", gpu, AQPIM_GPU_QUEUE_COPY, RING_COPY) &&
           open_queue(&run->compute, "GPU compute", gpu, AQPIM_GPU_QUEUE_COMPUTE, RING_COMPUTE);
}

static bool open_pim(struct run* run) {
    const struct aqpim_pci_function* pim = find_device(AQPIM_PCI_DEVICE_PIM, "PIM device");
    if (pim == NULL) {
        return false;
    }
    const uint64_t registers = pim->bars[AQPIM_BAR_REGISTERS].address;
    if (!aqpim_pim_memory_open(&run->memory, registers)) {
        printf("error: the PIM device's registers are wrong\n");
        return false;
    }
    run->pim_bus = pim->bars[AQPIM_BAR_MEMORY].address;
    const uint64_t most_centroids = aqpim_read64(registers + AQPIM_PIM_MAX_CENTROIDS);
    if (run->job->centroids > most_centroids) {
        printf("error: %u centroids: the PIM device has room for %lu\n", (unsigned)run->job->centroids,
               (unsigned long)most_centroids);
        return false;
    }
    print_location("PIM", pim);
    printf("%s, %u channels of %u banks\n", aqpim_format_bytes(column_bytes(run, run->memory.columns)).text,
           (unsigned)run->memory.channels, (unsigned)run->memory.banks_per_channel);
    return open_queue(&run->pim, "PIM", pim, AQPIM_PIM_QUEUE, RING_PIM);
}

bool open_devices(struct run* run) {
    opened = run;
    if (!aqpim_pci_enumerate(&pci, &aqpim_board)) {
        printf("error: PCIe: %s\n", pci.error);
        return false;
    }
    if (!open_gpu(run) || (keeps_in_pim(run) && !open_pim(run))) {
        return false;
    }
    aqpim_interrupts_on();
    return true;
}

void write_pim_memory(struct run* run, uint64_t address, const void* words, uint32_t bytes) {
    for (uint32_t at = 0; at < bytes; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, (const uint8_t*)words + at, sizeof word);
        aqpim_write64(run->pim_bus + address + at, word);
    }
    __asm__ volatile("fence o, o" ::: "memory");
}
