#include "aqpim/sdk/trace.h"

#include "aqpim/sdk/board.h"
#include "aqpim/sdk/mmio.h"

void aqpim_trace_begin(unsigned phase, uint32_t argument) {
    if (aqpim_board.trace_port != 0) {
        aqpim_write32(aqpim_board.trace_port + AQPIM_TRACE_BEGIN, phase | argument << 8);
    }
}

void aqpim_trace_end(unsigned phase) {
    if (aqpim_board.trace_port != 0) {
        aqpim_write32(aqpim_board.trace_port + AQPIM_TRACE_END, phase);
    }
}
