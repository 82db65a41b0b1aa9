#include "transfers.h"

#include <stddef.h>
#include <string.h>

#define WORDS 64u
#define PATTERN 0x0123456789abcdefull

static uint64_t sent[WORDS];
static uint64_t received[WORDS];

static void prepare(uint64_t seed) {
    for (uint64_t i = 0; i < WORDS; i++) {
        sent[i] = seed << 32 | i;
    }
    memset(received, 0, sizeof received);
}

bool do_copy(struct aqpim_gpu* gpu, void* descriptor) {
    struct aqpim_descriptor_header* header = descriptor;
    header->flags |= AQPIM_FLAG_INTERRUPT;
    return aqpim_queue_wait(&gpu->copy[0], aqpim_queue_submit(&gpu->copy[0], descriptor));
}

/* Eight rows of 16 bytes, 64 apart, come back without gaps. */
const char* rows_with_strides(struct aqpim_gpu* gpu) {
    prepare(1);
    struct aqpim_gpu_copy there = aqpim_gpu_make_copy(aqpim_gpu_ram(sent), aqpim_gpu_local(0), sizeof sent);
    struct aqpim_gpu_copy back =
        aqpim_gpu_make_copy_2d(aqpim_gpu_local(0), 64, aqpim_gpu_ram(received), 16, 16, WORDS / 8);
    if (!do_copy(gpu, &there) || !do_copy(gpu, &back)) {
        return "a copy has failed";
    }
    for (unsigned i = 0; i < WORDS / 4; i++) {
        if (received[i] != sent[i / 2 * 8 + i % 2]) {
            return "a word is wrong";
        }
    }
    return received[WORDS / 4] == 0 ? NULL : "too much was written";
}

const char* fill_with_a_pattern(struct aqpim_gpu* gpu) {
    prepare(2);
    struct aqpim_gpu_fill fill = aqpim_gpu_make_fill(PATTERN, aqpim_gpu_local(4096), sizeof received);
    struct aqpim_gpu_copy back =
        aqpim_gpu_make_copy(aqpim_gpu_local(4096), aqpim_gpu_ram(received), sizeof received - 8);
    if (!do_copy(gpu, &fill) || !do_copy(gpu, &back)) {
        return "a fill or copy has failed";
    }
    for (unsigned i = 0; i + 1 < WORDS; i++) {
        if (received[i] != PATTERN) {
            return "a word is wrong";
        }
    }
    return received[WORDS - 1] == 0 ? NULL : "too much was written";
}

/* Every word goes to the GPU's memory in the reverse order. */
const char* scatter_and_gather(struct aqpim_gpu* gpu) {
    static struct aqpim_gpu_piece pieces[WORDS];
    prepare(3);
    for (uint64_t i = 0; i < WORDS; i++) {
        pieces[i] = (struct aqpim_gpu_piece){(uintptr_t)&sent[i], 8192 + 8 * (WORDS - 1 - i), 8};
    }
    struct aqpim_gpu_gather gather = aqpim_gpu_make_gather(aqpim_gpu_ram(pieces), WORDS, true, false);
    struct aqpim_gpu_copy back = aqpim_gpu_make_copy(aqpim_gpu_local(8192), aqpim_gpu_ram(received), sizeof received);
    if (!do_copy(gpu, &gather) || !do_copy(gpu, &back)) {
        return "a gather or copy has failed";
    }
    for (unsigned i = 0; i < WORDS; i++) {
        if (received[i] != sent[WORDS - 1 - i]) {
            return "a word is wrong";
        }
    }
    return NULL;
}

/* Through the other GPU's memory BAR: RAM only gives the data and takes them back. */
const char* peer_to_peer(struct aqpim_gpu* to, struct aqpim_gpu* from) {
    prepare(4);
    struct aqpim_gpu_copy there = aqpim_gpu_make_copy(aqpim_gpu_ram(sent), aqpim_gpu_local(0), sizeof sent);
    struct aqpim_gpu_copy across =
        aqpim_gpu_make_copy(aqpim_gpu_bus(from->memory_bus), aqpim_gpu_local(16384), sizeof sent);
    struct aqpim_gpu_copy back = aqpim_gpu_make_copy(aqpim_gpu_local(16384), aqpim_gpu_ram(received), sizeof received);
    if (!do_copy(from, &there) || !do_copy(to, &across) || !do_copy(to, &back)) {
        return "a copy has failed";
    }
    return memcmp(sent, received, sizeof sent) == 0 ? NULL : "the data differ";
}
