#include "aqpim/sdk/gpu.h"

#include <stddef.h>

#include "aqpim/pci_ids.h"
#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/msix.h"

enum aqpim_pci_status aqpim_gpu_find(struct aqpim_gpu* gpu, const struct aqpim_pci* pci, unsigned index) {
    *gpu = (struct aqpim_gpu){.function = aqpim_pci_find(pci, AQPIM_PCI_VENDOR, AQPIM_PCI_DEVICE_GPU, index)};
    if (gpu->function == NULL || gpu->function->bars[AQPIM_BAR_REGISTERS].address == 0 ||
        gpu->function->bars[AQPIM_BAR_MEMORY].address == 0) {
        return AQPIM_PCI_ABSENT;
    }
    gpu->registers = gpu->function->bars[AQPIM_BAR_REGISTERS].address;
    gpu->memory_bus = gpu->function->bars[AQPIM_BAR_MEMORY].address;
    if (aqpim_read64(gpu->registers + AQPIM_GPU_ID) != AQPIM_GPU_MAGIC) {
        return AQPIM_PCI_UNABLE;
    }
    gpu->memory_bytes = aqpim_read64(gpu->registers + AQPIM_GPU_MEMORY_BYTES);
    const uint64_t engines = aqpim_read64(gpu->registers + AQPIM_GPU_COPY_ENGINES);
    const uint64_t streams = aqpim_read64(gpu->registers + AQPIM_GPU_STREAMS);
    gpu->copy_engines = engines < AQPIM_GPU_MOST_COPY_ENGINES ? (uint32_t)engines : AQPIM_GPU_MOST_COPY_ENGINES;
    gpu->streams = streams < AQPIM_GPU_MOST_STREAMS ? (uint32_t)streams : AQPIM_GPU_MOST_STREAMS;
    return AQPIM_PCI_OK;
}

static bool open_queue(const struct aqpim_gpu* gpu, struct aqpim_queue* queue, const char* name, uint32_t number,
                       struct aqpim_gpu_ring* ring, uint32_t source, aqpim_queue_error_handler on_error) {
    *queue = (struct aqpim_queue){
        .name = name,
        .registers = gpu->registers + AQPIM_QUEUE_BASE + number * AQPIM_QUEUE_STRIDE,
        .descriptors = ring->descriptors,
        .completions = ring->completions,
        .entries = AQPIM_GPU_RING_ENTRIES,
        .vector = number,
        .source = source,
        .on_error = on_error,
    };
    return aqpim_msix_route(gpu->function, number, source) && aqpim_queue_open(queue);
}

bool aqpim_gpu_open_copy(struct aqpim_gpu* gpu, uint32_t engine, struct aqpim_gpu_ring* ring, uint32_t source,
                         aqpim_queue_error_handler on_error) {
    static const char* const names[AQPIM_GPU_MOST_COPY_ENGINES] = {"copy 0", "copy 1", "copy 2", "copy 3",
                                                                   "copy 4", "copy 5", "copy 6", "copy 7"};
    return engine < gpu->copy_engines &&
           open_queue(gpu, &gpu->copy[engine], names[engine], AQPIM_GPU_QUEUE_COPY + engine, ring, source, on_error);
}

bool aqpim_gpu_open_stream(struct aqpim_gpu* gpu, uint32_t stream, struct aqpim_gpu_ring* ring, uint32_t source,
                           aqpim_queue_error_handler on_error) {
    static const char* const names[AQPIM_GPU_MOST_STREAMS] = {"stream 0", "stream 1", "stream 2", "stream 3",
                                                              "stream 4", "stream 5", "stream 6", "stream 7"};
    return stream < gpu->streams && open_queue(gpu, &gpu->stream[stream], names[stream],
                                               AQPIM_GPU_QUEUE_COMPUTE + stream, ring, source, on_error);
}

bool aqpim_gpu_open_all(struct aqpim_gpu* gpu, struct aqpim_gpu_ring* rings, uint32_t most, uint32_t first_source,
                        aqpim_queue_error_handler on_error) {
    if (gpu->copy_engines + gpu->streams > most) {
        return false;
    }
    for (uint32_t engine = 0; engine < gpu->copy_engines; engine++) {
        if (!aqpim_gpu_open_copy(gpu, engine, &rings[engine], first_source + engine, on_error)) {
            return false;
        }
    }
    for (uint32_t stream = 0; stream < gpu->streams; stream++) {
        const uint32_t at = gpu->copy_engines + stream;
        if (!aqpim_gpu_open_stream(gpu, stream, &rings[at], first_source + at, on_error)) {
            return false;
        }
    }
    return true;
}

uint64_t aqpim_gpu_time_ps(const struct aqpim_gpu* gpu) {
    return aqpim_read64(gpu->registers + AQPIM_GPU_TIME);
}

uint64_t aqpim_gpu_read_event(const struct aqpim_gpu* gpu, uint32_t event) {
    return aqpim_read64(gpu->registers + AQPIM_GPU_EVENT + event * sizeof(uint64_t));
}

void aqpim_gpu_write_event(const struct aqpim_gpu* gpu, uint32_t event, uint64_t value) {
    aqpim_write64(gpu->registers + AQPIM_GPU_EVENT + event * sizeof(uint64_t), value);
}

uint64_t aqpim_gpu_time_descriptor(struct aqpim_queue* queue, const void* descriptor) {
    volatile uint64_t stamps[2] = {0, 0};
    const struct aqpim_gpu_semaphore begin = aqpim_gpu_make_timestamp(aqpim_gpu_ram(&stamps[0]));
    struct aqpim_gpu_semaphore end = aqpim_gpu_make_timestamp(aqpim_gpu_ram(&stamps[1]));
    end.header.flags |= AQPIM_FLAG_INTERRUPT;
    aqpim_queue_put(queue, &begin);
    aqpim_queue_put(queue, descriptor);
    const uint64_t ticket = aqpim_queue_put(queue, &end);
    return aqpim_queue_wait(queue, ticket) ? stamps[1] - stamps[0] : 0;
}
