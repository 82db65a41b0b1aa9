#include "models/gpu/payload_pool.h"

#include "models/common/no_contents.h"

namespace aqpim {

tlm::tlm_generic_payload& PayloadPool::take(const PayloadAccess& access) {
    if (free_.empty()) {
        free_.push_back(&payloads_.emplace_back(this));
    }
    tlm::tlm_generic_payload& payload = *free_.back();
    free_.pop_back();
    payload.acquire();
    payload.set_command(access.command);
    payload.set_address(access.address);
    payload.set_data_ptr(access.data);
    payload.set_data_length(access.bytes);
    payload.set_streaming_width(access.bytes);
    payload.set_byte_enable_ptr(nullptr);
    payload.set_dmi_allowed(false);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    if (!access.contents) {
        payload.set_auto_extension(new NoContents);
    }
    return payload;
}

void PayloadPool::free(tlm::tlm_generic_payload* payload) {
    payload->reset();
    free_.push_back(payload);
}

}  // namespace aqpim
