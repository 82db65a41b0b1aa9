#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "aqpim/memory_map.h"
#include "models/common/register_file.h"
#include "models/common/sockets.h"
#include "models/plic/edge_interrupt_if.h"

namespace aqpim {

/// Platform-level interrupt controller (RISC-V PLIC specification 1.0.0) in SiFive's layout as on QEMU's `virt`
/// machine: AQPIM_PLIC_SOURCES sources, of which 0 does not exist; context 2 * hart is the hart's machine mode, 2 *
/// hart + 1 its supervisor mode. Registers of 4 bytes; any other width is a burst error:
///
///     0x000000 + 4 * source                   RW  priority   0 (never) to 7
///     0x001000 + 4 * word                     RO  pending    bit n of word w: source 32 * w + n
///     0x002000 + 0x80 * context + 4 * word    RW  enable     the same
///     0x200000 + 0x1000 * context             RW  threshold  0 to 7; only higher priorities interrupt
///     0x200004 + 0x1000 * context             RW  claim (read): highest priority, then lowest number; complete (write)
///
/// A gateway forwards one request and then none until its completion. A line that is still high at the completion
/// requests again. So does a pulse that arrived after the claim: the gateway's counter of edges ends at one. A claim
/// heeds no threshold, and a completion by a context that does not enable the source is ignored, as in the
/// specification. A register's state changes when it is accessed, the interrupt lines follow at the annotated time.
class Plic : public sc_core::sc_module, public EdgeInterruptIf {
 public:
    static constexpr unsigned sources = AQPIM_PLIC_SOURCES;
    static constexpr unsigned contexts_per_hart = 2;
    static constexpr std::uint32_t highest_priority = 7;  // 3 bits, as on `virt`

    using Line = sc_core::sc_port<sc_core::sc_signal_in_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;
    using Output = sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

    TargetSocket<Plic> socket{"socket"};
    sc_core::sc_vector<Line> source;                ///< level-sensitive, by source number; may stay unbound
    sc_core::sc_vector<Output> external_interrupt;  ///< by context; may stay unbound

    Plic(sc_core::sc_module_name name, unsigned harts);
    ~Plic() override;

    void pulse(unsigned number) override;
    /// Registers as at power-on, nothing pending or in service but what the lines ask for.
    void reset();

 private:
    static constexpr unsigned words = (sources + 31) / 32;
    struct Gateway {
        std::uint32_t priority = 0;
        bool pending = false;     ///< request forwarded, not claimed
        bool in_service = false;  ///< claimed, not completed
        bool edge_waits = false;  ///< a pulse came while in service
    };
    struct Context {
        std::array<std::uint32_t, words> enabled{};
        std::uint32_t threshold = 0;
    };

    void add_context_registers(unsigned context);
    void end_of_elaboration() override;

    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
    void claim(unsigned context);
    void complete(unsigned context, std::uint64_t number);
    void sample_lines();
    void drive_interrupts();

    /// What a claim by `context` would return; 0 if nothing is pending for it.
    unsigned best_source(const Context& context) const;
    std::uint32_t pending_word(unsigned word) const;
    bool is_high(unsigned number) const { return source[number].size() != 0 && source[number]->read(); }

    RegisterFile registers_;
    sc_core::sc_event update_;
    sc_core::sc_event lines_have_settled_;  // after a reset
    std::array<Gateway, sources> gateways_;
    std::vector<Context> contexts_;
};

}  // namespace aqpim
