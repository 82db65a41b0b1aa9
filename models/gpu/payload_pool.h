#pragma once

#include <tlm>

#include <cstdint>
#include <deque>
#include <vector>

namespace aqpim {

/// One plain burst, as a payload says it.
struct PayloadAccess {
    tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
    std::uint64_t address = 0;
    std::uint8_t* data = nullptr;
    std::uint32_t bytes = 0;
    bool contents = true;  ///< false: the data does not matter (NoContents)
};

/// Memory-managed payloads (IEEE 1666 clause 14.5), which serve again once everybody has released them.
class PayloadPool : public tlm::tlm_mm_interface {
 public:
    PayloadPool() = default;
    PayloadPool(const PayloadPool&) = delete;
    PayloadPool& operator=(const PayloadPool&) = delete;

    /// A payload for `access`, which the caller has acquired.
    tlm::tlm_generic_payload& take(const PayloadAccess& access);

 private:
    void free(tlm::tlm_generic_payload* payload) override;

    std::deque<tlm::tlm_generic_payload> payloads_;
    std::vector<tlm::tlm_generic_payload*> free_;
};

}  // namespace aqpim
