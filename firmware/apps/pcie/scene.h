/* What the fault checks work with: the enumerated tree, a GPU with one open copy engine, and a PIM device. */
#ifndef AQPIM_APPS_PCIE_SCENE_H
#define AQPIM_APPS_PCIE_SCENE_H

#include "aqpim/sdk/gpu.h"
#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/pci_state.h"

#define MOST_STATES 16u

struct scene {
    struct aqpim_pci pci;
    struct aqpim_gpu gpu;
    struct aqpim_gpu_ring ring;
    const struct aqpim_pci_function* pim;
    struct aqpim_pci_state states[MOST_STATES]; /* of what is behind the port under test */
    volatile unsigned last_status;              /* of the last descriptor that failed, or of a queue that stopped */
};
extern struct scene scene;

/* Enumerates, enables error reporting, and opens the GPU. Null, or what went wrong. */
const char* set_up(void);

/* Opens the copy engine's queue, at first and after a reset of the GPU. */
bool open_copy(void);

/* Hands a copy of `bytes` to the copy engine, with an interrupt. */
uint64_t start_copy(struct aqpim_gpu_place source, struct aqpim_gpu_place target, uint64_t bytes);

/* Sends new contents from RAM through the GPU's memory and back, and compares. */
bool copies_work(void);

#endif
