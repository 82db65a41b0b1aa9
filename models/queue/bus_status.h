#pragma once

#include <tlm>

#include "aqpim/queue.h"

namespace aqpim {

/// How a command ends whose access was answered so. A refused address or command is what PCIe calls an unsupported
/// request.
inline aqpim_completion_status completion_status(tlm::tlm_response_status response) {
    switch (response) {
        case tlm::TLM_OK_RESPONSE:
            return AQPIM_DONE;
        case tlm::TLM_ADDRESS_ERROR_RESPONSE:
        case tlm::TLM_COMMAND_ERROR_RESPONSE:
            return AQPIM_ADDRESS_ERROR;
        default:
            return AQPIM_BUS_ERROR;
    }
}

}  // namespace aqpim
