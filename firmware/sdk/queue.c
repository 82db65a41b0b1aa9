#include "aqpim/sdk/queue.h"

#include <stddef.h>
#include <string.h>

#include "aqpim/sdk/interrupt.h"
#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/plic.h"
#include "aqpim/sdk/time.h"

/* How long to sleep before looking whether the queue has stopped: a stopped queue raises no interrupt. */
#define WATCHDOG_NS 100000000ull

static uint8_t* descriptor_at(const struct aqpim_queue* queue, uint64_t index) {
    return queue->descriptors + (index & (queue->entries - 1)) * AQPIM_QUEUE_DESCRIPTOR_BYTES;
}

static void on_interrupt(void* context) {
    struct aqpim_queue* queue = context;
    queue->signalled = true;
}

bool aqpim_queue_open(struct aqpim_queue* queue) {
    queue->submitted = 0;
    queue->rung = 0;
    queue->completed = 0;
    queue->errors = 0;
    queue->signalled = false;
    memset(queue->completions, 0, queue->entries * sizeof *queue->completions);
    if (!aqpim_plic_attach(queue->source, on_interrupt, queue)) {
        return false;
    }
    aqpim_write64(queue->registers + AQPIM_QUEUE_CONTROL, 0);
    aqpim_write64(queue->registers + AQPIM_QUEUE_ENTRIES, queue->entries);
    aqpim_write64(queue->registers + AQPIM_QUEUE_SUBMIT_BASE, (uintptr_t)queue->descriptors);
    aqpim_write64(queue->registers + AQPIM_QUEUE_COMPLETE_BASE, (uintptr_t)queue->completions);
    aqpim_write64(queue->registers + AQPIM_QUEUE_VECTOR, queue->vector);
    __asm__ volatile("fence w, o" ::: "memory");
    aqpim_write64(queue->registers + AQPIM_QUEUE_CONTROL, 1);
    return aqpim_read64(queue->registers + AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_RUNNING;
}

static void report(struct aqpim_queue* queue, const struct aqpim_descriptor_header* descriptor, unsigned status) {
    queue->errors++;
    if (queue->on_error != NULL) {
        queue->on_error(queue, descriptor, status);
    }
}

/* Takes the next completion from the ring, if it is there. */
static bool take_completion(struct aqpim_queue* queue) {
    /* `entries` is a power of two: this bit of the index counts the rounds. */
    const uint16_t phase = (queue->completed & queue->entries) == 0 ? 1 : 0;
    const volatile struct aqpim_completion* completion = &queue->completions[queue->completed & (queue->entries - 1)];
    if (queue->completed == queue->submitted || completion->phase != phase) {
        return false;
    }
    __asm__ volatile("fence r, r" ::: "memory");
    const unsigned status = completion->status;
    if (status != AQPIM_DONE) {
        report(queue, (const void*)descriptor_at(queue, queue->completed), status);
    }
    queue->completed++;
    return true;
}

/* Sleeps until this queue's interrupt, unless it came since `signalled` was last cleared. False if it does not come
 * within the watchdog's time. */
static bool sleep_for_interrupt(struct aqpim_queue* queue) {
    aqpim_timer_start(WATCHDOG_NS);
    aqpim_interrupts_off();
    aqpim_enable_interrupt(AQPIM_INTERRUPT_TIMER);
    if (!queue->signalled) {
        aqpim_sleep();
    }
    const bool expired = aqpim_interrupt_pending(AQPIM_INTERRUPT_TIMER);
    aqpim_disable_interrupt(AQPIM_INTERRUPT_TIMER);
    aqpim_interrupts_on();
    return queue->signalled || !expired;
}

static bool has_stopped(struct aqpim_queue* queue) {
    const uint64_t status = aqpim_read64(queue->registers + AQPIM_QUEUE_STATUS);
    if (status != AQPIM_QUEUE_RUNNING) {
        report(queue, NULL, (unsigned)status);
    }
    return status != AQPIM_QUEUE_RUNNING;
}

static bool is_given_up(struct aqpim_queue* queue) {
    if (has_stopped(queue)) {
        return true;
    }
    const bool hopeless = queue->is_hopeless != NULL && queue->is_hopeless(queue);
    queue->errors += hopeless ? 1 : 0;
    return hopeless;
}

static void ring_doorbell(struct aqpim_queue* queue) {
    if (queue->rung != queue->submitted) {
        queue->rung = queue->submitted;
        __asm__ volatile("fence w, o" ::: "memory");
        aqpim_write64(queue->registers + AQPIM_QUEUE_SUBMIT_TAIL, queue->submitted);
    }
}

static bool complete_up_to(struct aqpim_queue* queue, uint64_t count) {
    ring_doorbell(queue);
    for (bool silent = false;;) {
        queue->signalled = false;
        while (take_completion(queue)) {
        }
        if (queue->completed >= count) {
            return true;
        }
        if (silent && is_given_up(queue)) {
            return false;
        }
        silent = !sleep_for_interrupt(queue);
    }
}

uint64_t aqpim_queue_put(struct aqpim_queue* queue, const void* descriptor) {
    const uint64_t ticket = queue->submitted;
    if (ticket >= queue->entries) {
        complete_up_to(queue, ticket - queue->entries + 1);
    }
    struct aqpim_descriptor_header* header = (void*)descriptor_at(queue, ticket);
    memcpy(header, descriptor, AQPIM_QUEUE_DESCRIPTOR_BYTES);
    /* So that a full ring always holds one whose interrupt makes room. */
    if ((ticket & (queue->entries / 2 - 1)) == 0) {
        header->flags |= AQPIM_FLAG_INTERRUPT;
    }
    queue->submitted++;
    return ticket;
}

uint64_t aqpim_queue_submit(struct aqpim_queue* queue, const void* descriptor) {
    const uint64_t ticket = aqpim_queue_put(queue, descriptor);
    ring_doorbell(queue);
    return ticket;
}

bool aqpim_queue_wait(struct aqpim_queue* queue, uint64_t ticket) {
    return complete_up_to(queue, ticket + 1) && queue->errors == 0;
}
