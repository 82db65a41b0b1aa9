/* Driver of the GPU (aqpim/gpu.h): opens its queues, fills in descriptors, and times transfers by the device's clock.
 */
#ifndef AQPIM_SDK_GPU_H
#define AQPIM_SDK_GPU_H

#include <stdbool.h>
#include <stdint.h>

#include "aqpim/gpu.h"
#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/queue.h"

/* Rings of one queue, which the program supplies: static, or anywhere in RAM. */
#define AQPIM_GPU_RING_ENTRIES 64u
struct aqpim_gpu_ring {
    uint8_t descriptors[AQPIM_GPU_RING_ENTRIES * AQPIM_QUEUE_DESCRIPTOR_BYTES];
    struct aqpim_completion completions[AQPIM_GPU_RING_ENTRIES];
} __attribute__((aligned(AQPIM_QUEUE_DESCRIPTOR_BYTES)));

struct aqpim_gpu {
    const struct aqpim_pci_function* function;
    uint64_t registers;
    uint64_t memory_bus; /* where its memory stands on the bus */
    uint64_t memory_bytes;
    uint32_t copy_engines;
    uint32_t streams;
    struct aqpim_queue copy[AQPIM_GPU_MOST_COPY_ENGINES];
    struct aqpim_queue stream[AQPIM_GPU_MOST_STREAMS];
};

/* GPU number `index` (from 0) of those enumerated. AQPIM_PCI_ABSENT if there is none, or its BARs have no place;
 * AQPIM_PCI_UNABLE if it is another device than it says. No queue is open. */
enum aqpim_pci_status aqpim_gpu_find(struct aqpim_gpu* gpu, const struct aqpim_pci* pci, unsigned index);

/* Opens a copy engine's queue, or a stream's, in `ring`, with its own MSI-X vector routed to the PLIC source. Also
 * again, after the function was reset. False if there is no such queue, vector or source, or the device refuses it. */
bool aqpim_gpu_open_copy(struct aqpim_gpu* gpu, uint32_t engine, struct aqpim_gpu_ring* ring, uint32_t source,
                         aqpim_queue_error_handler on_error);
bool aqpim_gpu_open_stream(struct aqpim_gpu* gpu, uint32_t stream, struct aqpim_gpu_ring* ring, uint32_t source,
                           aqpim_queue_error_handler on_error);

/* All of them: copy engines first, then streams; queue i in rings[i], with source first_source + i. False if that is
 * more than `most` queues or one cannot be opened. */
bool aqpim_gpu_open_all(struct aqpim_gpu* gpu, struct aqpim_gpu_ring* rings, uint32_t most, uint32_t first_source,
                        aqpim_queue_error_handler on_error);

/* The device's time in picoseconds, when the read reaches it. */
uint64_t aqpim_gpu_time_ps(const struct aqpim_gpu* gpu);

/* The value of an event, and setting it. */
uint64_t aqpim_gpu_read_event(const struct aqpim_gpu* gpu, uint32_t event);
void aqpim_gpu_write_event(const struct aqpim_gpu* gpu, uint32_t event, uint64_t value);

/* Where data lie: in the GPU's memory, or at an address of the bus, which is the hart's too. */
struct aqpim_gpu_place {
    uint64_t address;
    bool on_bus;
};
static inline struct aqpim_gpu_place aqpim_gpu_local(uint64_t address) {
    const struct aqpim_gpu_place place = {address, false};
    return place;
}
static inline struct aqpim_gpu_place aqpim_gpu_bus(uint64_t address) {
    const struct aqpim_gpu_place place = {address, true};
    return place;
}
static inline struct aqpim_gpu_place aqpim_gpu_ram(const volatile void* data) {
    return aqpim_gpu_bus((uintptr_t)data);
}

/* Descriptors, with cookie 0 and without AQPIM_FLAG_INTERRUPT: both are the caller's to set. */
struct aqpim_gpu_copy aqpim_gpu_make_copy(struct aqpim_gpu_place source, struct aqpim_gpu_place target, uint64_t bytes);
struct aqpim_gpu_copy aqpim_gpu_make_copy_2d(struct aqpim_gpu_place source, uint64_t source_stride,
                                             struct aqpim_gpu_place target, uint64_t target_stride, uint64_t row_bytes,
                                             uint64_t rows);
struct aqpim_gpu_fill aqpim_gpu_make_fill(uint64_t pattern, struct aqpim_gpu_place target, uint64_t bytes);
/* The pieces' sources are all on the bus, or none is; their targets too. */
struct aqpim_gpu_gather aqpim_gpu_make_gather(struct aqpim_gpu_place list, uint64_t entries, bool sources_on_bus,
                                              bool targets_on_bus);
struct aqpim_gpu_semaphore aqpim_gpu_make_timestamp(struct aqpim_gpu_place target);
struct aqpim_gpu_semaphore aqpim_gpu_make_release(struct aqpim_gpu_place word, uint64_t value);
struct aqpim_gpu_semaphore aqpim_gpu_make_acquire(struct aqpim_gpu_place word, uint64_t value, uint64_t timeout_ns);
struct aqpim_gpu_event aqpim_gpu_make_signal(uint32_t event, uint64_t value);
struct aqpim_gpu_event aqpim_gpu_make_wait(uint32_t event, uint64_t value);
struct aqpim_gpu_fixed aqpim_gpu_make_nop(void);
struct aqpim_gpu_kernel aqpim_gpu_make_kernel(uint64_t flop, uint64_t bytes);
struct aqpim_gpu_matmul aqpim_gpu_make_matmul(uint32_t m, uint32_t n, uint32_t k, uint32_t count);
struct aqpim_gpu_fixed aqpim_gpu_make_fixed(uint64_t time_ps);
struct aqpim_gpu_elementwise aqpim_gpu_make_norm(uint32_t count);
struct aqpim_gpu_elementwise aqpim_gpu_make_activation(uint32_t count);

/* Attention over `sequences` sequences of `tokens` tokens each, whose heads and sequences follow one another without
 * gaps: [sequences][kv_heads][tokens][head_dim]. */
struct aqpim_gpu_attention_shape {
    uint16_t sequences;
    uint16_t kv_heads;
    uint16_t group;
    uint16_t head_dim;
    uint32_t tokens;
};
struct aqpim_gpu_attention aqpim_gpu_make_attention(const struct aqpim_gpu_attention_shape* shape, uint64_t keys,
                                                    uint64_t values, uint64_t queries, uint64_t output,
                                                    enum aqpim_gpu_format format);

/* Does what `descriptor` says between two timestamps of the same queue, and sleeps until it is done. The time between
 * them, in picoseconds; 0 after an error. */
uint64_t aqpim_gpu_time_descriptor(struct aqpim_queue* queue, const void* descriptor);

#endif
