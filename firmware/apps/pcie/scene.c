#include "scene.h"

#include <stddef.h>
#include <string.h>

#include "aqpim/memory_map.h"
#include "aqpim/pci_ids.h"
#include "aqpim/sdk/interrupt.h"
#include "aqpim/sdk/pci_error.h"
#include "aqpim/sdk/pci_setup.h"

#define WORDS 512u

struct scene scene;

static void on_error(struct aqpim_queue* queue, const struct aqpim_descriptor_header* descriptor, unsigned status) {
    (void)queue;
    (void)descriptor;
    scene.last_status = status;
}

bool open_copy(void) {
    return aqpim_gpu_open_copy(&scene.gpu, 0, &scene.ring, AQPIM_IRQ_MSI_FIRST, on_error);
}

const char* set_up(void) {
    if (!aqpim_pci_enumerate(&scene.pci, &aqpim_board)) {
        return scene.pci.error;
    }
    aqpim_pci_set_payload(&scene.pci, 0, true);
    aqpim_pci_enable_error_reporting(&scene.pci);
    aqpim_pci_clear_all_errors(&scene.pci);
    scene.pim = aqpim_pci_find(&scene.pci, AQPIM_PCI_VENDOR, AQPIM_PCI_DEVICE_PIM, 0);
    if (aqpim_gpu_find(&scene.gpu, &scene.pci, 0) != AQPIM_PCI_OK) {
        return "no GPU";
    }
    if (!open_copy()) {
        return "the GPU's copy engine cannot be opened";
    }
    aqpim_interrupts_on();
    return NULL;
}

uint64_t start_copy(struct aqpim_gpu_place source, struct aqpim_gpu_place target, uint64_t bytes) {
    struct aqpim_gpu_copy copy = aqpim_gpu_make_copy(source, target, bytes);
    copy.header.flags |= AQPIM_FLAG_INTERRUPT;
    return aqpim_queue_submit(&scene.gpu.copy[0], &copy);
}

bool copies_work(void) {
    static uint64_t sent[WORDS];
    static uint64_t received[WORDS];
    static uint64_t round;
    round++;
    for (uint64_t i = 0; i < WORDS; i++) {
        sent[i] = round << 32 | i;
        received[i] = 0;
    }
    start_copy(aqpim_gpu_ram(sent), aqpim_gpu_local(0), sizeof sent);
    const uint64_t ticket = start_copy(aqpim_gpu_local(0), aqpim_gpu_ram(received), sizeof received);
    return aqpim_queue_wait(&scene.gpu.copy[0], ticket) && memcmp(sent, received, sizeof sent) == 0;
}
