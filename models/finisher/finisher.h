#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "models/common/register_file.h"
#include "models/common/sockets.h"

namespace aqpim {

/// Ends the simulation or resets the machine on firmware's word, as SiFive's test device on QEMU's `virt` machine does.
/// One register:
///
///     0x0  WO 4  command  AQPIM_FINISHER_PASS, AQPIM_FINISHER_RESET, or AQPIM_FINISHER_FAIL | code << 16
///
/// A command may be written with 2 bytes; its code is then zero. The first one holds until it is carried out, at its
/// annotated time. Other values are ignored and counted.
class Finisher : public sc_core::sc_module {
 public:
    enum class Kind { pass, fail };
    struct Outcome {
        Kind kind;
        unsigned code;  ///< of a failure
        Picoseconds time_ps;
    };

    TargetSocket<Finisher> socket{"socket"};

    /// Called to reset the machine; set before the simulation starts.
    std::function<void()> on_reset;

    explicit Finisher(sc_core::sc_module_name name);
    ~Finisher() override;

    /// How firmware ended the run; nothing if it has not.
    const std::optional<Outcome>& outcome() const { return outcome_; }
    std::uint64_t resets() const { return resets_; }
    std::uint64_t bad_commands() const { return bad_commands_; }

 private:
    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    void command(std::uint64_t value, const sc_core::sc_time& delay);
    void carry_out();

    RegisterFile registers_;
    sc_core::sc_event due_;
    std::optional<Outcome> outcome_;
    bool reset_is_due_ = false;
    std::uint64_t resets_ = 0;
    std::uint64_t bad_commands_ = 0;
};

}  // namespace aqpim
