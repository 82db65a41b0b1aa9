/* Copy engines and streams side by side: events and semaphores keep the order, copies overlap computing, and a GPU
 * reads another's memory. */
#include <stddef.h>
#include <stdio.h>

#include "aqpim/memory_map.h"
#include "aqpim/sdk/format.h"
#include "aqpim/sdk/interrupt.h"
#include "transfers.h"

#define GPUS 2u
#define QUEUES 2u /* of each GPU: a copy engine, a stream */
#define ROUNDS 8u
#define CHUNK_BYTES (1ull << 20)
#define COPIED 1u   /* event: chunks that are in the GPU's memory */
#define COMPUTED 2u /* event: chunks that the stream has worked on */

static struct aqpim_pci pci;
static struct aqpim_gpu gpus[GPUS];
static struct aqpim_gpu_ring rings[GPUS][QUEUES];
static volatile uint64_t stamps[4];
static volatile uint64_t word;
static volatile unsigned last_status;

static void on_error(struct aqpim_queue* queue, const struct aqpim_descriptor_header* descriptor, unsigned status) {
    (void)queue;
    last_status = descriptor != NULL ? status : AQPIM_BUS_ERROR;
}

static bool open_gpu(unsigned index) {
    const uint32_t source = AQPIM_IRQ_MSI_FIRST + index * QUEUES;
    return aqpim_gpu_find(&gpus[index], &pci, index) == AQPIM_PCI_OK &&
           aqpim_gpu_open_copy(&gpus[index], 0, &rings[index][0], source, on_error) &&
           aqpim_gpu_open_stream(&gpus[index], 0, &rings[index][1], source + 1, on_error);
}

static void put_stamp(struct aqpim_queue* queue, volatile uint64_t* stamp) {
    const struct aqpim_gpu_semaphore timestamp = aqpim_gpu_make_timestamp(aqpim_gpu_ram(stamp));
    aqpim_queue_put(queue, &timestamp);
}

static uint64_t put_last(struct aqpim_queue* queue, volatile uint64_t* stamp) {
    struct aqpim_gpu_semaphore timestamp = aqpim_gpu_make_timestamp(aqpim_gpu_ram(stamp));
    timestamp.header.flags |= AQPIM_FLAG_INTERRUPT;
    return aqpim_queue_submit(queue, &timestamp);
}

static void put_wait(struct aqpim_queue* queue, uint32_t event, uint64_t value) {
    const struct aqpim_gpu_event wait = aqpim_gpu_make_wait(event, value);
    aqpim_queue_put(queue, &wait);
}

static void put_signal(struct aqpim_queue* queue, uint32_t event, uint64_t value) {
    const struct aqpim_gpu_event signal = aqpim_gpu_make_signal(event, value);
    aqpim_queue_put(queue, &signal);
}

static void clear_events(void) {
    aqpim_gpu_write_event(&gpus[0], COPIED, 0);
    aqpim_gpu_write_event(&gpus[0], COMPUTED, 0);
}

static uint64_t chunk_bytes(void) {
    const uint64_t ram = aqpim_board.ram.size / 2;
    return ram < CHUNK_BYTES ? ram : CHUNK_BYTES;
}

static struct aqpim_gpu_copy chunk(void) {
    return aqpim_gpu_make_copy(aqpim_gpu_bus(aqpim_board.ram.base), aqpim_gpu_local(0), chunk_bytes());
}

/* The stream is started first, and still comes second. */
static const char* event_order(void) {
    struct aqpim_queue* copy = &gpus[0].copy[0];
    struct aqpim_queue* stream = &gpus[0].stream[0];
    const struct aqpim_gpu_copy data = chunk();
    clear_events();
    put_wait(stream, COPIED, 1);
    const uint64_t last = put_last(stream, &stamps[1]);
    aqpim_queue_put(copy, &data);
    put_stamp(copy, &stamps[0]);
    put_signal(copy, COPIED, 1);
    put_last(copy, &stamps[2]);
    if (!aqpim_queue_wait(stream, last)) {
        return "a descriptor has failed";
    }
    if (aqpim_gpu_read_event(&gpus[0], COPIED) != 1) {
        return "the event has another value";
    }
    return stamps[1] >= stamps[0] ? NULL : "the stream did not wait for the copy";
}

/* ROUNDS chunks are copied, and each is computed on for `compute_ps`. With `ahead` = 1 a chunk is copied while the one
 * before is computed on. Returns the time of it all; 0 after an error. */
static uint64_t run_chunks(uint64_t ahead, uint64_t compute_ps) {
    struct aqpim_queue* copy = &gpus[0].copy[0];
    struct aqpim_queue* stream = &gpus[0].stream[0];
    const struct aqpim_gpu_copy data = chunk();
    const struct aqpim_gpu_fixed compute = aqpim_gpu_make_fixed(compute_ps);
    clear_events();
    put_stamp(copy, &stamps[0]);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        if (round > ahead) {
            put_wait(copy, COMPUTED, round - ahead);
        }
        aqpim_queue_put(copy, &data);
        put_signal(copy, COPIED, round + 1);
        put_wait(stream, COPIED, round + 1);
        aqpim_queue_put(stream, &compute);
        put_signal(stream, COMPUTED, round + 1);
    }
    const uint64_t copied = put_last(copy, &stamps[1]);
    const uint64_t computed = put_last(stream, &stamps[2]);
    const bool done = aqpim_queue_wait(copy, copied) && aqpim_queue_wait(stream, computed);
    return done ? stamps[2] - stamps[0] : 0;
}

static const char* overlap(void) {
    const struct aqpim_gpu_copy data = chunk();
    const uint64_t copy_ps = aqpim_gpu_time_descriptor(&gpus[0].copy[0], &data);
    const uint64_t serial = run_chunks(0, copy_ps);
    const uint64_t overlapped = run_chunks(1, copy_ps);
    printf("%u chunks of %s, one after the other %s, overlapped %s: ", ROUNDS, aqpim_format_bytes(chunk_bytes()).text,
           aqpim_format_time(serial / 1000).text, aqpim_format_time(overlapped / 1000).text);
    if (copy_ps == 0 || serial == 0 || overlapped == 0) {
        return "a descriptor has failed";
    }
    if (serial < 2 * ROUNDS * copy_ps * 9 / 10) {
        return "copies and computing overlapped without being allowed to";
    }
    /* ROUNDS + 1 of 2 ROUNDS steps are left, and some time for handing over. */
    return overlapped < serial * 7 / 10 ? NULL : "copies do not overlap computing";
}

/* A copy engine waits for a word in RAM that a stream writes. */
static const char* semaphore(void) {
    const struct aqpim_gpu_semaphore acquire = aqpim_gpu_make_acquire(aqpim_gpu_ram(&word), 7, 0);
    const struct aqpim_gpu_semaphore release = aqpim_gpu_make_release(aqpim_gpu_ram(&word), 7);
    const struct aqpim_gpu_fixed compute = aqpim_gpu_make_fixed(5000000);
    word = 0;
    aqpim_queue_put(&gpus[0].copy[0], &acquire);
    const uint64_t last = put_last(&gpus[0].copy[0], &stamps[1]);
    aqpim_queue_put(&gpus[0].stream[0], &compute);
    put_stamp(&gpus[0].stream[0], &stamps[0]);
    aqpim_queue_put(&gpus[0].stream[0], &release);
    const uint64_t released = put_last(&gpus[0].stream[0], &stamps[2]);
    if (!aqpim_queue_wait(&gpus[0].copy[0], last) || !aqpim_queue_wait(&gpus[0].stream[0], released)) {
        return "a descriptor has failed";
    }
    return stamps[1] >= stamps[0] ? NULL : "the copy engine did not wait";
}

/* What nobody releases is given up, and the queue goes on. */
static const char* semaphore_timeout(void) {
    struct aqpim_queue* queue = &gpus[0].copy[0];
    struct aqpim_gpu_semaphore acquire = aqpim_gpu_make_acquire(aqpim_gpu_ram(&word), 1000, 20000);
    acquire.header.cookie = 99;
    last_status = AQPIM_DONE;
    if (do_copy(&gpus[0], &acquire)) {
        return "the semaphore was acquired";
    }
    const struct aqpim_queue_error error = aqpim_queue_read_error(queue);
    if (last_status != AQPIM_TIMED_OUT || error.status != AQPIM_TIMED_OUT || error.cookie != 99) {
        return "no error record of a timeout";
    }
    return aqpim_queue_open(queue) ? NULL : "the queue cannot be opened again";
}

static bool report(const char* name, const char* problem) {
    printf("%s: %s\n", name, problem == NULL ? "ok" : problem);
    return problem == NULL;
}

static int run_checks(bool has_peer) {
    int failed = 0;
    failed += !report("rows with strides", rows_with_strides(&gpus[0]));
    failed += !report("fill", fill_with_a_pattern(&gpus[0]));
    failed += !report("scatter and gather", scatter_and_gather(&gpus[0]));
    failed += !report("a stream waits for a copy", event_order());
    failed += !report("copies overlap computing", overlap());
    failed += !report("a copy engine waits for a word in RAM", semaphore());
    failed += !report("a semaphore that nobody releases", semaphore_timeout());
    if (has_peer) {
        failed += !report("a GPU reads from another", peer_to_peer(&gpus[0], &gpus[1]));
        failed += !report("and the other way round", peer_to_peer(&gpus[1], &gpus[0]));
    } else {
        printf("no second GPU\n");
    }
    return failed;
}

int main(void) {
    if (!aqpim_pci_enumerate(&pci, &aqpim_board)) {
        printf("error: PCIe: %s\n", pci.error);
        return 100;
    }
    if (!open_gpu(0)) {
        printf("error: no GPU, or its queues cannot be opened\n");
        return 100;
    }
    const bool has_peer = open_gpu(1);
    aqpim_interrupts_on();
    const int failed = run_checks(has_peer);
    printf("%d checks failed\n", failed);
    return failed;
}
