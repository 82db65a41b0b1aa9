#include "models/pcie/served_payload.h"

namespace aqpim {

void ServedPayload::prepare(const pcie::Tlp& request, std::uint8_t* data) {
    payload_.set_command(request.type == pcie::TlpType::memory_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload_.set_address(request.address);
    payload_.set_data_ptr(data != nullptr ? data : nothing_.data());
    payload_.set_data_length(request.bytes);
    payload_.set_streaming_width(request.bytes);
    payload_.set_dmi_allowed(false);
    payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    if (data == nullptr) {
        payload_.set_extension(&no_contents_);
    } else {
        payload_.clear_extension(&no_contents_);
    }
    tlp_ = {};
    tlp_.requester = request.requester;
}

pcie::CompletionStatus ServedPayload::status() const {
    switch (payload_.get_response_status()) {
        case tlm::TLM_OK_RESPONSE:
            return pcie::CompletionStatus::success;
        case tlm::TLM_ADDRESS_ERROR_RESPONSE:
            return pcie::CompletionStatus::unsupported_request;
        default:
            return pcie::CompletionStatus::completer_abort;
    }
}

}  // namespace aqpim
