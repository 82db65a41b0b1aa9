#include "gpu_attention.h"

#include "aqpim/gpu.h"
#include "gpu_cache.h"

/* Events of the GPU. Each has the value n + 1 when turn n has come so far. */
enum event {
    EVENT_PROJECTED, /* the projections have written queries and new keys and values */
    EVENT_READY      /* keys and values are where the attention reads them */
};

/* A layer of a step; `number` counts those before it. */
struct turn {
    uint64_t number;
    uint32_t step;
    uint32_t layer;
};

static struct turn turn_of(const struct run* run, uint64_t number) {
    const uint32_t layers = run->job->layers;
    return (struct turn){number, (uint32_t)(number / layers), (uint32_t)(number % layers)};
}

static bool prefetches(const struct run* run) {
    return run->cache.stagings > 1;
}

/* The first layer of a step that the GPU attends to. */
static bool is_first(const struct run* run, const struct turn* turn) {
    return turn->layer == 0 || !attends_on_gpu(run, turn->layer - 1);
}

static struct aqpim_descriptor_header header_in(const struct turn* turn, uint16_t opcode, uint16_t flags) {
    return header_of(opcode, flags, turn->step, turn->layer);
}

static struct aqpim_gpu_event event_command(const struct turn* turn, uint16_t opcode, enum event event,
                                            uint16_t flags) {
    return (struct aqpim_gpu_event){
        .header = header_in(turn, opcode, flags), .event = event, .value = turn->number + 1};
}

static void put_wait(struct aqpim_queue* queue, const struct turn* turn, enum event event) {
    const struct aqpim_gpu_event command = event_command(turn, AQPIM_GPU_WAIT, event, 0);
    aqpim_queue_put(queue, &command);
}

/* Rings the doorbell: what waits for a signal must not be handed over before it. */
static uint64_t submit_signal(struct aqpim_queue* queue, const struct turn* turn, enum event event, uint16_t flags) {
    const struct aqpim_gpu_event command = event_command(turn, AQPIM_GPU_SIGNAL, event, flags);
    return aqpim_queue_submit(queue, &command);
}

/* Bytes from a row to the next of a stretch of sequences, KV head by KV head, in the cache. */
static uint64_t row_stride(const struct run* run) {
    return run->cache.together > 1 ? run->cache.sequence_stride : run->cache.head_stride;
}

/* A stretch's new vectors, to behind those that the cache at `target` has. */
static struct aqpim_gpu_copy copy_of_new(const struct run* run, const struct turn* turn, int tensor, uint32_t sequence,
                                         uint64_t target) {
    const struct aqpim_job* job = run->job;
    const uint32_t together = run->cache.together;
    return (struct aqpim_gpu_copy){
        .header = header_in(turn, AQPIM_GPU_COPY, 0),
        .source = (tensor == KEY ? job->gpu_new_keys : job->gpu_new_values) + turn->step * job->new_step_stride +
                  turn->layer * job->new_layer_stride + sequence * vector_bytes(run),
        .target = target + cached_tokens(run, sequence, turn->step) * vector_bytes(run),
        .row_bytes = vector_bytes(run),
        .rows = (uint64_t)job->kv_heads * together,
        .source_stride = (together > 1 ? 1 : job->batch) * vector_bytes(run),
        .target_stride = row_stride(run),
    };
}

/* To where the attention reads them; and to the cache, if that is elsewhere. */
static void put_append(struct run* run, const struct turn* turn, int tensor, uint32_t sequence) {
    const uint64_t attended = attended_address(run, turn->step, turn->layer, tensor, sequence);
    struct aqpim_gpu_copy copy = copy_of_new(run, turn, tensor, sequence, attended);
    aqpim_queue_put(&run->copy, &copy);
    if (is_in_ram(run, turn->layer)) {
        copy = copy_of_new(run, turn, tensor, sequence, cache_address(run, turn->layer, tensor, sequence));
        copy.header.flags |= AQPIM_GPU_FLAG_TARGET_BUS;
        aqpim_queue_put(&run->copy, &copy);
    }
}

/* Keys and values of all tokens before the step's own, which an earlier step's posted writes have put there: the reads
 * stay behind these. */
static void submit_fetch(struct run* run, const struct turn* turn) {
    const uint32_t together = run->cache.together;
    for (uint32_t b = 0; b < run->job->batch; b += together) {
        const struct aqpim_gpu_copy copy = {
            .header = header_in(turn, AQPIM_GPU_COPY, AQPIM_GPU_FLAG_SOURCE_BUS),
            .source = cache_address(run, turn->layer, KEY, b),
            .target = attended_address(run, turn->step, turn->layer, KEY, b),
            .row_bytes = cached_tokens(run, b, turn->step) * vector_bytes(run),
            .rows = (uint64_t)TENSORS * run->job->kv_heads * together,
            .source_stride = row_stride(run),
            .target_stride = row_stride(run),
        };
        if (b + together < run->job->batch) {
            aqpim_queue_put(&run->copy, &copy);
        } else {
            aqpim_queue_submit(&run->copy, &copy);
        }
    }
}

/* Where all sequences have the same number of tokens, the command needs no table. */
static bool has_token_table(const struct run* run) {
    return run->cache.together < run->job->batch;
}

/* The step before has ended, so nobody reads its table any more. */
static void put_token_table(struct run* run, const struct turn* turn) {
    static uint32_t tokens[MOST_SEQUENCES];
    for (uint32_t b = 0; b < run->job->batch; b++) {
        tokens[b] = cached_tokens(run, b, turn->step) + 1;
    }
    const struct aqpim_gpu_copy copy = {
        .header = header_in(turn, AQPIM_GPU_COPY, AQPIM_GPU_FLAG_SOURCE_BUS),
        .source = (uintptr_t)tokens,
        .target = run->cache.tokens,
        .row_bytes = run->job->batch * sizeof *tokens,
        .rows = 1,
    };
    aqpim_queue_put(&run->copy, &copy);
}

static void submit_attention(struct run* run, const struct turn* turn) {
    const struct aqpim_job* job = run->job;
    const uint64_t offset = turn->step * job->query_step_stride + turn->layer * job->query_layer_stride;
    struct aqpim_gpu_attention attention = {
        .header = header_in(turn, AQPIM_GPU_ATTENTION, 0),
        .keys = attended_address(run, turn->step, turn->layer, KEY, 0),
        .values = attended_address(run, turn->step, turn->layer, VALUE, 0),
        .sequence_stride = run->cache.sequence_stride,
        .head_stride = run->cache.head_stride,
        .queries = job->gpu_queries + offset,
        .output = job->gpu_output + offset,
        .tokens = has_token_table(run) ? run->cache.tokens : 0,
        .sequences = (uint16_t)job->batch,
        .kv_heads = (uint16_t)job->kv_heads,
        .group = (uint16_t)query_group(run),
        .head_dim = (uint16_t)job->head_dim,
        .format = (job->flags & AQPIM_JOB_BF16) != 0 ? AQPIM_GPU_BF16 : AQPIM_GPU_FP16,
    };
    for (uint32_t b = 0; b < job->batch; b++) {
        const uint32_t tokens = cached_tokens(run, b, turn->step) + 1;
        attention.total_tokens += tokens;
        attention.most_tokens = tokens > attention.most_tokens ? tokens : attention.most_tokens;
    }
    aqpim_queue_submit(&run->compute, &attention);
}

/* The next layer that is in RAM, of this step or the next, into the buffer that the one before this turn's was in: that
 * layer is over. */
static void submit_next_fetch(struct run* run, const struct turn* turn) {
    const uint32_t skipped = turn->layer + 1 < run->job->layers ? 0 : run->job->layers - layers_in_ram(run);
    const struct turn next = turn_of(run, turn->number + 1 + skipped);
    if (next.step < run->job->steps) {
        submit_fetch(run, &next);
    }
}

/* Brings keys and values to where the attention reads them; returns the ticket of the signal that they are there. */
static uint64_t submit_inputs(struct run* run, const struct turn* turn) {
    const bool in_ram = is_in_ram(run, turn->layer);
    if (in_ram && prefetches(run) && turn->step == 0 && ram_index(run, turn->layer) == 0) {
        submit_fetch(run, turn);
    }
    if (is_first(run, turn) && has_token_table(run)) {
        put_token_table(run, turn);
    }
    put_wait(&run->copy, turn, EVENT_PROJECTED);
    if (in_ram && !prefetches(run)) {
        submit_fetch(run, turn);
    }
    for (uint32_t b = 0; b < run->job->batch; b += run->cache.together) {
        put_append(run, turn, KEY, b);
        put_append(run, turn, VALUE, b);
    }
    return submit_signal(&run->copy, turn, EVENT_READY, AQPIM_FLAG_INTERRUPT);
}

/* A turn's copies may fill the ring. Then the hart waits for the copy engine, which must not wait for a queue that may
 * have stopped. */
static bool may_fill_ring(const struct run* run) {
    const uint32_t copies_of_stretch = 6;
    return copies_of_stretch * (run->job->batch / run->cache.together) > run->copy.entries / 2;
}

bool attend_on_gpu(struct run* run, uint32_t step, uint32_t layer, uint64_t projected) {
    const struct turn turn = turn_of(run, (uint64_t)step * run->job->layers + layer);
    if (may_fill_ring(run) && !aqpim_queue_wait(&run->compute, projected)) {
        return false;
    }
    submit_signal(&run->compute, &turn, EVENT_PROJECTED, 0);
    const uint64_t ready = submit_inputs(run, &turn);
    put_wait(&run->compute, &turn, EVENT_READY);
    submit_attention(run, &turn);
    if (prefetches(run) && is_in_ram(run, layer)) {
        submit_next_fetch(run, &turn);
    }
    /* A queue that has stopped holds those that wait for its events, so each is asked only when its inputs are there.
     */
    return aqpim_queue_wait(&run->compute, projected) && aqpim_queue_wait(&run->copy, ready);
}
