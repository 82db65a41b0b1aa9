/* Driver of a command queue (aqpim/queue.h): submits descriptors, and sleeps until they are complete. */
#ifndef AQPIM_SDK_QUEUE_H
#define AQPIM_SDK_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "aqpim/queue.h"

#define AQPIM_QUEUE_DESCRIPTOR_BYTES 128u

struct aqpim_queue;

/* Told of every completion whose status (enum aqpim_completion_status) is not AQPIM_DONE; and, without a descriptor, of
 * a queue that has stopped, and its enum aqpim_queue_status. */
typedef void (*aqpim_queue_error_handler)(struct aqpim_queue* queue, const struct aqpim_descriptor_header* descriptor,
                                          unsigned status);

/* Asked of a queue that runs and has been silent for the watchdog's 100 ms while somebody waits for it: whether what it
 * waits for cannot come any more. */
typedef bool (*aqpim_queue_doubt)(const struct aqpim_queue* queue);

struct aqpim_queue {
    /* Filled in by the user, before aqpim_queue_open(). */
    const char* name;
    uint64_t registers;                   /* address of the queue's registers */
    uint8_t* descriptors;                 /* `entries` * 128 bytes, 128 B aligned */
    struct aqpim_completion* completions; /* `entries`, 16 B aligned */
    uint32_t entries;                     /* a power of two, 4 to 4096 */
    uint32_t vector;                      /* MSI-X vector that is routed to `source` */
    uint32_t source;                      /* PLIC source */
    aqpim_queue_error_handler on_error;   /* may be null */
    aqpim_queue_doubt is_hopeless;        /* may be null */
    /* The driver's own. Indices run free. */
    uint64_t submitted;
    uint64_t rung; /* up to which the device knows of descriptors */
    uint64_t completed;
    uint64_t errors;
    volatile bool signalled;
};

/* Sets the queue and its interrupt up. False if the device refuses it or the source cannot be attached. */
bool aqpim_queue_open(struct aqpim_queue* queue);

/* Puts a descriptor into the ring; when the ring is full, first sleeps until there is room. The device learns of it
 * with the next submit or wait, so that it fetches several at once. Returns the ticket to wait for. */
uint64_t aqpim_queue_put(struct aqpim_queue* queue, const void* descriptor);

/* The same, and rings the doorbell. */
uint64_t aqpim_queue_submit(struct aqpim_queue* queue, const void* descriptor);

/* Sleeps until the descriptor of this ticket, and so every one before it, is complete. It, or a later one, must carry
 * AQPIM_FLAG_INTERRUPT. False if there was an error in this queue at any time, or the queue has stopped or is hopeless.
 */
bool aqpim_queue_wait(struct aqpim_queue* queue, uint64_t ticket);

/* What the device says of the latest descriptor that did not end in AQPIM_DONE. */
struct aqpim_queue_error {
    uint64_t count;  /* such descriptors since the queue was opened; all ones: the device does not answer */
    uint32_t status; /* enum aqpim_completion_status */
    uint32_t cookie;
    uint64_t index;   /* its ticket */
    uint64_t address; /* first byte of the access that failed; 0: none did */
};
struct aqpim_queue_error aqpim_queue_read_error(const struct aqpim_queue* queue);

/* Time of execution of a descriptor that is complete and whose place in the ring has not been used again. */
uint64_t aqpim_queue_elapsed_ps(const struct aqpim_queue* queue, uint64_t ticket);

/* enum aqpim_completion_status, in words. */
const char* aqpim_completion_text(unsigned status);

#endif
