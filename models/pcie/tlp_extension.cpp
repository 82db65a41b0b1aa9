#include "models/pcie/tlp_extension.h"

#include <systemc>

#include <cstring>

#include "models/common/sockets.h"

namespace aqpim {

namespace {

bool read_configuration(const ConfigSpace& space, tlm::tlm_generic_payload& payload) {
    const unsigned bytes = payload.get_data_length();
    if (!ConfigSpace::is_access(payload.get_address(), bytes)) {
        return false;
    }
    const std::uint32_t value = space.read(static_cast<unsigned>(payload.get_address()), bytes);
    std::memcpy(payload.get_data_ptr(), &value, bytes);
    return true;
}

bool write_configuration(ConfigSpace& space, const tlm::tlm_generic_payload& payload) {
    const unsigned bytes = payload.get_data_length();
    if (!ConfigSpace::is_access(payload.get_address(), bytes)) {
        return false;
    }
    std::uint32_t value = 0;
    std::memcpy(&value, payload.get_data_ptr(), bytes);
    space.write(static_cast<unsigned>(payload.get_address()), bytes, value);
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

void serve_configuration(ConfigSpace& space, tlm::tlm_generic_payload& payload) {
    if (!is_plain_burst(payload)) {
        return;
    }
    const bool served = payload.is_write() ? write_configuration(space, payload) : read_configuration(space, payload);
    payload.set_response_status(served ? tlm::TLM_OK_RESPONSE : unsupported_request);
}

unsigned debug_configuration(const ConfigSpace& space, tlm::tlm_generic_payload& payload) {
    return payload.is_read() && read_configuration(space, payload) ? payload.get_data_length() : 0;
}

}  // namespace aqpim
