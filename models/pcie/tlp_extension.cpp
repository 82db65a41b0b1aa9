#include "models/pcie/tlp_extension.h"

#include <systemc>

#include <cstring>

#include "models/common/sockets.h"

namespace aqpim {

namespace {

bool read_configuration(const ConfigSpace& space, std::uint64_t address, std::uint8_t* data, unsigned bytes) {
    if (data == nullptr || !ConfigSpace::is_access(address, bytes)) {
        return false;
    }
    const std::uint32_t value = space.read(static_cast<unsigned>(address), bytes);
    std::memcpy(data, &value, bytes);
    return true;
}

bool write_configuration(ConfigSpace& space, std::uint64_t address, const std::uint8_t* data, unsigned bytes) {
    if (data == nullptr || !ConfigSpace::is_access(address, bytes)) {
        return false;
    }
    std::uint32_t value = 0;
    std::memcpy(&value, data, bytes);
    space.write(static_cast<unsigned>(address), bytes, value);
    return true;
}

}  // namespace

TlpExtension& tlp_of(const tlm::tlm_generic_payload& payload) {
    TlpExtension* const tlp = payload.get_extension<TlpExtension>();
    if (tlp == nullptr) {
        SC_REPORT_ERROR("/aqpim/pcie", "a transaction without TlpExtension on a PCIe socket");
    }
    return *tlp;
}

MessagePayload::MessagePayload(TlpExtension& tlp) : loan_(payload_, tlp) {
    payload_.set_write();
    payload_.set_data_ptr(reinterpret_cast<unsigned char*>(&data_));
    payload_.set_data_length(sizeof data_);
    payload_.set_streaming_width(sizeof data_);
}

void serve_configuration(ConfigSpace& space, tlm::tlm_generic_payload& payload) {
    if (!is_plain_burst(payload)) {
        return;
    }
    const std::uint64_t address = payload.get_address();
    std::uint8_t* const data = payload.get_data_ptr();
    const unsigned bytes = payload.get_data_length();
    const bool served = payload.is_write() ? write_configuration(space, address, data, bytes)
                                           : read_configuration(space, address, data, bytes);
    payload.set_response_status(served ? tlm::TLM_OK_RESPONSE : unsupported_request);
}

bool serve_configuration(ConfigSpace& space, const pcie::Tlp& request, std::uint8_t* data) {
    return request.type == pcie::TlpType::configuration_write
               ? write_configuration(space, request.address, data, request.bytes)
               : read_configuration(space, request.address, data, request.bytes);
}

unsigned debug_configuration(const ConfigSpace& space, tlm::tlm_generic_payload& payload) {
    const unsigned bytes = payload.get_data_length();
    return payload.is_read() && read_configuration(space, payload.get_address(), payload.get_data_ptr(), bytes) ? bytes
                                                                                                                : 0;
}

}  // namespace aqpim
