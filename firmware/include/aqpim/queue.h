/* Command queues of the GPU and the PIM device: a ring of descriptors in memory, a doorbell, and a ring of completions,
 * as in NVMe. Shared by firmware and models. All fields are little-endian. */
#ifndef AQPIM_QUEUE_H
#define AQPIM_QUEUE_H

#include <stdint.h>

/* Queue q of a device has its registers at BAR0 + AQPIM_QUEUE_BASE + q * AQPIM_QUEUE_STRIDE. 64 bits each. */
#define AQPIM_QUEUE_BASE 0x1000u
#define AQPIM_QUEUE_STRIDE 0x100u

#define AQPIM_QUEUE_CONTROL 0x00u       /* RW: bit 0 enables; 0 -> 1 sets all indices to zero */
#define AQPIM_QUEUE_STATUS 0x08u        /* RO: enum aqpim_queue_status */
#define AQPIM_QUEUE_ENTRIES 0x10u       /* RW while disabled: of each ring, a power of two, 2 to 4096 */
#define AQPIM_QUEUE_SUBMIT_BASE 0x18u   /* RW while disabled: bus address of the descriptors */
#define AQPIM_QUEUE_COMPLETE_BASE 0x20u /* RW while disabled: bus address of the completions */
#define AQPIM_QUEUE_VECTOR 0x28u        /* RW: MSI-X vector of the completions */
#define AQPIM_QUEUE_SUBMIT_TAIL 0x30u   /* RW: doorbell; free-running index one past the newest descriptor */
#define AQPIM_QUEUE_SUBMIT_HEAD 0x38u   /* RO: free-running index of the next descriptor to be fetched */
/* The latest descriptor that did not end in AQPIM_DONE; kept until the queue is enabled again. */
#define AQPIM_QUEUE_ERROR_COUNT 0x40u   /* RO: such descriptors since then */
#define AQPIM_QUEUE_ERROR_RECORD 0x48u  /* RO: status << 32 | cookie */
#define AQPIM_QUEUE_ERROR_INDEX 0x50u   /* RO: free-running index of the descriptor */
#define AQPIM_QUEUE_ERROR_ADDRESS 0x58u /* RO: first byte of the access that failed, 0 if none did */

enum aqpim_queue_status {
    AQPIM_QUEUE_DISABLED = 0,
    AQPIM_QUEUE_RUNNING = 1,
    AQPIM_QUEUE_FETCH_ERROR = 2,   /* a descriptor could not be read; the queue has stopped */
    AQPIM_QUEUE_BAD_CONFIG = 3,    /* enabled with ENTRIES or a base that is not allowed */
    AQPIM_QUEUE_OVERRUN = 4,       /* SUBMIT_TAIL more than ENTRIES ahead, or moved back; the queue has stopped */
    AQPIM_QUEUE_COMPLETE_ERROR = 5 /* a completion could not be written; the queue has stopped */
};

/* Starts every descriptor. */
struct aqpim_descriptor_header {
    uint16_t opcode;
    uint16_t flags;  /* AQPIM_FLAG_* */
    uint32_t cookie; /* comes back in the completion */
};
#define AQPIM_FLAG_INTERRUPT 0x1u /* raise the queue's MSI-X vector when complete */

/* Written to COMPLETE_BASE + (index % ENTRIES) * 16, in the order of submission. */
struct aqpim_completion {
    uint32_t cookie;
    uint16_t status;     /* enum aqpim_completion_status */
    uint16_t phase;      /* 1 on the first round through the ring, 0 on the second, 1 on the third, ... */
    uint64_t elapsed_ps; /* from the start of its execution to done */
};

enum aqpim_completion_status {
    AQPIM_DONE = 0,
    AQPIM_BAD_OPCODE = 1,
    AQPIM_BAD_FIELD = 2,     /* a descriptor's field is out of its range */
    AQPIM_ADDRESS_ERROR = 3, /* an address that nothing answers to: of the bus, an unsupported request */
    AQPIM_UNSUPPORTED = 4,   /* more than this device's registers or rows can hold */
    AQPIM_BUS_ERROR = 5, /* the bus answered with an error: completer abort, poison, completion timeout, link down */
    AQPIM_TIMED_OUT = 6  /* a semaphore has not been released in time */
};

#ifdef __cplusplus
static_assert(sizeof(struct aqpim_completion) == 16, "completions are 16 bytes");
#else
_Static_assert(sizeof(struct aqpim_completion) == 16, "completions are 16 bytes");
#endif

#endif
