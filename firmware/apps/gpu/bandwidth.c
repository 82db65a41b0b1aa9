/* Measures what PCIe gives the GPU and the hart: bandwidth of copies by size and engine, and latencies. Bandwidth and
 * the latency of a 64-byte read are by the GPU's own clock; of the hart's by its cycle counter (cycles.h). */
#include <stdio.h>

#include "aqpim/memory_map.h"
#include "aqpim/sdk/format.h"
#include "aqpim/sdk/interrupt.h"
#include "cycles.h"

#define MOST_BYTES (16ull << 20)
#define ROUNDS 16u
#define GO_EVENT 0u

static struct aqpim_pci pci;
static struct aqpim_gpu gpu;
static struct aqpim_gpu_ring rings[AQPIM_GPU_MOST_COPY_ENGINES];
static volatile uint64_t stamps[AQPIM_GPU_MOST_COPY_ENGINES][2];
static uint64_t buffer; /* in RAM, behind the program */

static bool set_up(void) {
    extern char __secondary_stacks_top[];
    buffer = ((uintptr_t)__secondary_stacks_top + (1u << 20) - 1) & ~((1ull << 20) - 1);
    if (!aqpim_pci_enumerate(&pci, &aqpim_board)) {
        printf("error: PCIe: %s\n", pci.error);
        return false;
    }
    const enum aqpim_pci_status status = aqpim_gpu_find(&gpu, &pci, 0);
    if (status != AQPIM_PCI_OK) {
        printf("error: GPU: %s\n", aqpim_pci_status_text(status));
        return false;
    }
    for (uint32_t engine = 0; engine < gpu.copy_engines; engine++) {
        if (!aqpim_gpu_open_copy(&gpu, engine, &rings[engine], AQPIM_IRQ_MSI_FIRST + engine, NULL)) {
            printf("error: copy engine %u cannot be opened\n", (unsigned)engine);
            return false;
        }
    }
    aqpim_interrupts_on();
    return true;
}

/* Bytes that RAM behind the program and the GPU's memory both have, for each engine. */
static uint64_t most_bytes(void) {
    const uint64_t ram = aqpim_board.ram.base + aqpim_board.ram.size / 2;
    uint64_t bytes = ram > buffer ? ram - buffer : 0;
    const uint64_t share = gpu.memory_bytes / gpu.copy_engines;
    bytes = bytes < share ? bytes : share;
    return bytes < MOST_BYTES ? bytes : MOST_BYTES;
}

/* Bytes per nanosecond are GB/s. */
static struct aqpim_text gigabytes_per_s(uint64_t bytes, uint64_t ps) {
    return aqpim_format_ratio(bytes * 1000, ps);
}

static struct aqpim_gpu_copy make_copy(bool to_gpu, uint32_t engine, uint64_t bytes) {
    const struct aqpim_gpu_place ram = aqpim_gpu_bus(buffer);
    const struct aqpim_gpu_place local = aqpim_gpu_local(engine * (gpu.memory_bytes / gpu.copy_engines));
    return to_gpu ? aqpim_gpu_make_copy(ram, local, bytes) : aqpim_gpu_make_copy(local, ram, bytes);
}

static bool measure_copy(bool to_gpu, uint32_t engine, uint64_t bytes) {
    const struct aqpim_gpu_copy copy = make_copy(to_gpu, engine, bytes);
    const uint64_t ps = aqpim_gpu_time_descriptor(&gpu.copy[engine], &copy);
    printf("engine %u %s %s: %s GB/s\n", (unsigned)engine, to_gpu ? "reads" : "writes", aqpim_format_bytes(bytes).text,
           gigabytes_per_s(bytes, ps).text);
    return ps != 0;
}

/* All wait for the same event, so that they begin together. */
static uint64_t start_together(bool to_gpu, uint32_t engine, uint64_t bytes) {
    struct aqpim_queue* queue = &gpu.copy[engine];
    const struct aqpim_gpu_event wait = aqpim_gpu_make_wait(GO_EVENT, 1);
    const struct aqpim_gpu_semaphore begin = aqpim_gpu_make_timestamp(aqpim_gpu_ram(&stamps[engine][0]));
    const struct aqpim_gpu_copy copy = make_copy(to_gpu, engine, bytes);
    struct aqpim_gpu_semaphore end = aqpim_gpu_make_timestamp(aqpim_gpu_ram(&stamps[engine][1]));
    end.header.flags |= AQPIM_FLAG_INTERRUPT;
    aqpim_queue_put(queue, &wait);
    aqpim_queue_put(queue, &begin);
    aqpim_queue_put(queue, &copy);
    return aqpim_queue_submit(queue, &end);
}

static bool measure_all(bool to_gpu, uint64_t bytes) {
    uint64_t tickets[AQPIM_GPU_MOST_COPY_ENGINES];
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;
    aqpim_gpu_write_event(&gpu, GO_EVENT, 0);
    for (uint32_t engine = 0; engine < gpu.copy_engines; engine++) {
        tickets[engine] = start_together(to_gpu, engine, bytes);
    }
    aqpim_gpu_write_event(&gpu, GO_EVENT, 1);
    for (uint32_t engine = 0; engine < gpu.copy_engines; engine++) {
        if (!aqpim_queue_wait(&gpu.copy[engine], tickets[engine])) {
            return false;
        }
        first = stamps[engine][0] < first ? stamps[engine][0] : first;
        last = stamps[engine][1] > last ? stamps[engine][1] : last;
    }
    printf("%u engines %s %s each: %s GB/s\n", (unsigned)gpu.copy_engines, to_gpu ? "read" : "write",
           aqpim_format_bytes(bytes).text, gigabytes_per_s(bytes * gpu.copy_engines, last - first).text);
    return true;
}

static bool measure_bandwidth(void) {
    const uint64_t most = most_bytes();
    bool done = most > 0;
    for (int to_gpu = 1; to_gpu >= 0; to_gpu--) {
        for (uint64_t bytes = 4096; bytes <= most; bytes *= 16) {
            done = measure_copy(to_gpu != 0, 0, bytes) && done;
        }
        for (uint32_t engine = 0; engine < gpu.copy_engines; engine++) {
            done = measure_copy(to_gpu != 0, engine, most) && done;
        }
        done = measure_all(to_gpu != 0, most) && done;
    }
    return done;
}

/* What the device itself says: from the descriptor's being fetched to its being done. */
static bool measure_small_read(void) {
    struct aqpim_gpu_copy copy = make_copy(true, 0, 64);
    copy.header.flags |= AQPIM_FLAG_INTERRUPT;
    const uint64_t ticket = aqpim_queue_submit(&gpu.copy[0], &copy);
    const bool done = aqpim_queue_wait(&gpu.copy[0], ticket);
    printf("DMA read of 64 B: %lu ns\n", (unsigned long)(aqpim_queue_elapsed_ps(&gpu.copy[0], ticket) / 1000));
    return done;
}

static uint64_t median(uint64_t* values) {
    for (unsigned i = 1; i < ROUNDS; i++) {
        const uint64_t value = values[i];
        unsigned at = i;
        for (; at > 0 && values[at - 1] > value; at--) {
            values[at] = values[at - 1];
        }
        values[at] = value;
    }
    return (values[ROUNDS / 2 - 1] + values[ROUNDS / 2]) / 2;
}

static void measure_register_read(const struct rate* rate) {
    uint64_t cycles[ROUNDS];
    const uint64_t first = read_cycles();
    const uint64_t overhead = read_cycles() - first;
    for (unsigned i = 0; i < ROUNDS; i++) {
        const uint64_t begin = read_cycles();
        aqpim_gpu_read_event(&gpu, GO_EVENT);
        const uint64_t taken = read_cycles() - begin;
        cycles[i] = taken > overhead ? taken - overhead : 0;
    }
    printf("MMIO read: %lu ns, median of %u\n", (unsigned long)(cycles_to_ps(rate, median(cycles)) / 1000), ROUNDS);
}

/* Awake, so that the trap is taken as soon as the interrupt arrives. */
static void spin_for_interrupt(const struct aqpim_queue* queue) {
    for (unsigned limit = 1000000; !queue->signalled && limit > 0; limit--) {
    }
}

/* From the time that the device writes as a timestamp, by way of the writes of timestamp and completion, the MSI-X
 * message and the PLIC, to the first instruction of the trap handler. Both in the GPU's time: the handler's cycle count
 * is turned into it through a moment right afterwards. */
static bool measure_interrupt(const struct rate* rate) {
    uint64_t latencies[ROUNDS];
    note_traps();
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct aqpim_gpu_semaphore stamp = aqpim_gpu_make_timestamp(aqpim_gpu_ram(&stamps[0][0]));
        stamp.header.flags |= AQPIM_FLAG_INTERRUPT;
        gpu.copy[0].signalled = false;
        const uint64_t ticket = aqpim_queue_submit(&gpu.copy[0], &stamp);
        spin_for_interrupt(&gpu.copy[0]);
        const struct moment after = now(&gpu);
        latencies[i] = after.ps - cycles_to_ps(rate, after.cycles - trap_cycles) - stamps[0][0];
        if (!aqpim_queue_wait(&gpu.copy[0], ticket)) {
            return false;
        }
    }
    printf("interrupt, from the device's timestamp to the handler's first instruction: %lu ns, median of %u\n",
           (unsigned long)(median(latencies) / 1000), ROUNDS);
    return true;
}

int main(void) {
    if (!set_up()) {
        return 1;
    }
    const struct rate rate = measure_rate(&gpu);
    printf("hart: %s cycles per ns\n", aqpim_format_ratio(rate.cycles * 1000, rate.ps).text);
    measure_register_read(&rate);
    const bool done = measure_small_read() && measure_interrupt(&rate) && measure_bandwidth();
    printf("%s\n", done ? "done" : "error: a copy has failed");
    return done ? 0 : 2;
}
