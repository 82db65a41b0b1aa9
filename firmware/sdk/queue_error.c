#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/queue.h"

struct aqpim_queue_error aqpim_queue_read_error(const struct aqpim_queue* queue) {
    const uint64_t record = aqpim_read64(queue->registers + AQPIM_QUEUE_ERROR_RECORD);
    return (struct aqpim_queue_error){
        .count = aqpim_read64(queue->registers + AQPIM_QUEUE_ERROR_COUNT),
        .status = (uint32_t)(record >> 32),
        .cookie = (uint32_t)record,
        .index = aqpim_read64(queue->registers + AQPIM_QUEUE_ERROR_INDEX),
        .address = aqpim_read64(queue->registers + AQPIM_QUEUE_ERROR_ADDRESS),
    };
}

uint64_t aqpim_queue_elapsed_ps(const struct aqpim_queue* queue, uint64_t ticket) {
    return queue->completions[ticket & (queue->entries - 1)].elapsed_ps;
}

const char* aqpim_completion_text(unsigned status) {
    static const char* const texts[] = {"done",
                                        "unknown opcode",
                                        "a field is out of range",
                                        "nothing answers to the address",
                                        "more than the device can hold",
                                        "bus error",
                                        "timed out"};
    return status < sizeof texts / sizeof *texts ? texts[status] : "unknown status";
}
