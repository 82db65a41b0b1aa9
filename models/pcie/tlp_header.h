#pragma once

#include <tlm>

#include "models/pcie/aer.h"
#include "models/pcie/detailed/packet.h"
#include "models/pcie/tlp_extension.h"

namespace aqpim {

/// The header of a request, as the header log of AER shows it (PCIe Base Specification 2.2.1, 2.2.5 to 2.2.8). Memory
/// requests have one of 4 double words above 4 GiB, else of 3. Fast fidelity knows no tags: they are zero.
HeaderLog header_log(const pcie::Tlp& tlp);
HeaderLog header_log(const tlm::tlm_generic_payload& payload, const TlpExtension& tlp);

/// Codes of error messages (section 2.2.8.3).
std::uint8_t message_code(ErrorMessage message);
ErrorMessage message_of(std::uint8_t code);

}  // namespace aqpim
