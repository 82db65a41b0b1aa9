#pragma once

#include <cstdint>
#include <deque>
#include <ostream>
#include <string_view>

#include "models/common/register_file.h"
#include "models/common/sockets.h"

namespace aqpim {

/// A 16550 UART (National Semiconductor PC16550D), at the level of characters: there is no baud rate, so a character
/// written is sent at once. The sender at the other end waits while the receive FIFO is full, and repeats what a reset
/// of the FIFO throws away: nothing typed ahead of a driver's start is lost. Parity and framing errors, breaks and
/// changes of the modem lines do not happen; an overrun only in loopback. Registers of one byte:
///
///     0  RBR  RO  next character received          THR  WO  character to send          DLL  RW  if LCR.7
///     1  IER  RW  0 received data, 1 THR empty, 2 line status, 3 modem status          DLM  RW  if LCR.7
///     2  IIR  RO  1 none, 2 THR empty, 4 received data, 6 line status, 12 timeout;     FCR  WO  FIFO control
///                 7:6 FIFOs on
///     3  LCR  RW  7: divisor latch access
///     4  MCR  RW  4: loopback
///     5  LSR  RO  0 data ready, 1 overrun (until read), 5 and 6 transmitter empty (always)
///     6  MSR  RO  CTS, DSR and DCD are on; in loopback, RTS, DTR, OUT1 and OUT2 come back
///     7  SCR  RW  scratch
///
/// Fewer characters than the FIFO's trigger level count as timed out at once. A register's state changes when it is
/// accessed, the interrupt line follows at the access's annotated time.
class Uart : public sc_core::sc_module {
 public:
    TargetSocket<Uart> socket{"socket"};
    sc_core::sc_out<bool> interrupt{"interrupt"};

    /// `output` gets what firmware sends, as it is sent.
    Uart(sc_core::sc_module_name name, std::ostream& output);
    ~Uart() override;

    /// Characters from the other end of the line; to be called from the simulation's thread.
    void receive(std::string_view text);
    /// Registers as at power-on. What the sender has not seen taken, it keeps.
    void reset();

 private:
    struct Received {
        std::uint8_t character;
        bool from_line;  ///< not looped back
    };

    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& transaction);

    /// What reading a register sets off; the reads themselves have no side effects, for transport_dbg.
    void after_read(std::uint64_t offset);

    std::uint8_t read_data() const;
    void write_data(std::uint8_t value);
    void write_interrupt_enable(std::uint8_t value);
    void write_fifo_control(std::uint8_t value);
    void write_modem_control(std::uint8_t value);
    std::uint8_t line_status() const;
    std::uint8_t interrupt_identification() const;
    std::uint8_t interrupt_cause() const;
    std::uint8_t modem_status() const;
    bool divisor_latch_open() const;
    bool loopback() const;
    bool fifos_on() const;
    std::size_t fifo_depth() const;
    void fill_fifo();
    void clear_fifo();
    void loop_back(std::uint8_t character);
    void drive_interrupt();

    RegisterFile registers_;
    std::ostream& output_;
    sc_core::sc_event update_;

    std::deque<std::uint8_t> line_;  // what the sender still holds
    std::deque<Received> fifo_;
    bool overrun_ = false;
    bool thr_empty_pending_ = false;
    std::uint8_t interrupt_enable_ = 0;
    std::uint8_t fifo_control_ = 0;
    std::uint8_t line_control_ = 0;
    std::uint8_t modem_control_ = 0;
    std::uint8_t scratch_ = 0;
    std::uint8_t divisor_low_ = 0;
    std::uint8_t divisor_high_ = 0;
};

}  // namespace aqpim
