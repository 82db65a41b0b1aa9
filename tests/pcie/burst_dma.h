#pragma once

#include <tlm_utils/peq_with_get.h>

#include <vector>

#include "models/common/no_contents.h"
#include "tests/pcie/tree.h"

namespace aqpim {

/// Moves bytes by nb_transport, as bursts of which some are outstanding at a time, as a copy engine does.
class BurstDma : private tlm::tlm_mm_interface {
 public:
    struct Transfer {
        tlm::tlm_command command;
        std::uint64_t address;
        std::uint64_t bytes;
        std::uint32_t burst_bytes = 4096;
        unsigned outstanding = 32;
    };

    explicit BurstDma(TestCore& core);
    ~BurstDma();

    /// From a thread: returns when the last response is there. `data` may be null: then it does not matter.
    void run(const Transfer& transfer, std::uint8_t* data = nullptr);

    /// Of the latest run.
    Picoseconds duration() const { return duration_; }
    const std::vector<tlm::tlm_response_status>& statuses() const { return statuses_; }  ///< in the order of their end
    const std::vector<std::uint64_t>& addresses() const { return addresses_; }           ///< in the same order
    bool all_ok() const;

 private:
    void free(tlm::tlm_generic_payload* payload) override;
    tlm::tlm_generic_payload& take();
    void start(const Transfer& transfer, std::uint64_t done, std::uint8_t* data);
    void collect();

    TestCore& core_;
    tlm_utils::peq_with_get<tlm::tlm_generic_payload> responses_;
    std::vector<std::unique_ptr<tlm::tlm_generic_payload>> payloads_;
    std::vector<tlm::tlm_generic_payload*> idle_;
    std::vector<std::uint8_t> nothing_;
    NoContents no_contents_;
    unsigned in_flight_ = 0;
    Picoseconds duration_ = 0;
    std::vector<tlm::tlm_response_status> statuses_;
    std::vector<std::uint64_t> addresses_;
};

}  // namespace aqpim
