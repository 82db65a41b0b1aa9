#include "models/uart/uart.h"

#include <array>

namespace aqpim {

namespace {

enum Offset : std::uint64_t { data = 0, ier = 1, iir_fcr = 2, lcr = 3, mcr = 4, lsr = 5, msr = 6, scr = 7 };

constexpr std::uint8_t ier_received_data = 0x01;
constexpr std::uint8_t ier_thr_empty = 0x02;
constexpr std::uint8_t ier_line_status = 0x04;
constexpr std::uint8_t ier_bits = 0x0f;

constexpr std::uint8_t iir_none = 0x01;
constexpr std::uint8_t iir_thr_empty = 0x02;
constexpr std::uint8_t iir_received_data = 0x04;
constexpr std::uint8_t iir_line_status = 0x06;
constexpr std::uint8_t iir_timeout = 0x0c;
constexpr std::uint8_t iir_fifos_on = 0xc0;

constexpr std::uint8_t fcr_enable = 0x01;
constexpr std::uint8_t fcr_clear_receive = 0x02;
constexpr std::uint8_t fcr_kept = 0xc1;  // enable and trigger level; the clear bits return to zero by themselves

constexpr std::uint8_t lcr_divisor_latch = 0x80;

constexpr std::uint8_t mcr_dtr = 0x01;
constexpr std::uint8_t mcr_rts = 0x02;
constexpr std::uint8_t mcr_out1 = 0x04;
constexpr std::uint8_t mcr_out2 = 0x08;
constexpr std::uint8_t mcr_loopback = 0x10;
constexpr std::uint8_t mcr_bits = 0x1f;

constexpr std::uint8_t lsr_data_ready = 0x01;
constexpr std::uint8_t lsr_overrun = 0x02;
constexpr std::uint8_t lsr_transmitter_empty = 0x60;  // THRE and TEMT

constexpr std::uint8_t msr_cts = 0x10;
constexpr std::uint8_t msr_dsr = 0x20;
constexpr std::uint8_t msr_ri = 0x40;
constexpr std::uint8_t msr_dcd = 0x80;

constexpr std::size_t fifo_characters = 16;
constexpr std::array<std::size_t, 4> fifo_triggers = {1, 4, 8, 14};  // by FCR 7:6

/// A register that keeps the bits in `mask` of what is written.
RegisterFile::Write keeps(std::uint8_t& field, std::uint8_t mask) {
    return [&field, mask](std::uint64_t value, const sc_core::sc_time&) {
        field = static_cast<std::uint8_t>(value & mask);
    };
}

void ignore_write(std::uint64_t, const sc_core::sc_time&) {}

}  // namespace

Uart::Uart(sc_core::sc_module_name name, std::ostream& output) : sc_module(name), output_(output) {
    const auto byte = [this](void (Uart::*write)(std::uint8_t)) {
        return [this, write](std::uint64_t value, const sc_core::sc_time&) {
            (this->*write)(static_cast<std::uint8_t>(value));
        };
    };
    registers_.add(
        "RBR, THR, DLL", Offset::data, 1, [this] { return read_data(); }, byte(&Uart::write_data));
    registers_.add(
        "IER, DLM", Offset::ier, 1, [this] { return divisor_latch_open() ? divisor_high_ : interrupt_enable_; },
        byte(&Uart::write_interrupt_enable));
    registers_.add(
        "IIR, FCR", Offset::iir_fcr, 1, [this] { return interrupt_identification(); }, byte(&Uart::write_fifo_control));
    registers_.add(
        "LCR", Offset::lcr, 1, [this] { return line_control_; }, keeps(line_control_, 0xff));
    registers_.add(
        "MCR", Offset::mcr, 1, [this] { return modem_control_; }, byte(&Uart::write_modem_control));
    registers_.add(
        "LSR", Offset::lsr, 1, [this] { return line_status(); }, ignore_write);
    registers_.add(
        "MSR", Offset::msr, 1, [this] { return modem_status(); }, ignore_write);
    registers_.add(
        "SCR", Offset::scr, 1, [this] { return scratch_; }, keeps(scratch_, 0xff));

    socket.register_b_transport(this, &Uart::b_transport);
    socket.register_transport_dbg(this, &Uart::transport_dbg);

    SC_HAS_PROCESS(Uart);
    SC_METHOD(drive_interrupt);
    sensitive << update_;
}

Uart::~Uart() = default;

void Uart::receive(std::string_view text) {
    line_.insert(line_.end(), text.begin(), text.end());
    fill_fifo();
    update_.notify(sc_core::SC_ZERO_TIME);
}

void Uart::reset() {
    thr_empty_pending_ = overrun_ = false;
    interrupt_enable_ = fifo_control_ = line_control_ = modem_control_ = scratch_ = 0;
    divisor_low_ = divisor_high_ = 0;
    clear_fifo();
    fill_fifo();
    update_.notify(sc_core::SC_ZERO_TIME);
}

void Uart::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    registers_.transport(transaction, delay);
    if (transaction.is_read() && transaction.is_response_ok()) {
        after_read(transaction.get_address());
    }
    update_.notify(delay);
}

unsigned Uart::transport_dbg(tlm::tlm_generic_payload& transaction) {
    return registers_.debug_read(transaction);
}

void Uart::after_read(std::uint64_t offset) {
    if (offset == Offset::data && !divisor_latch_open() && !fifo_.empty()) {
        fifo_.pop_front();
        fill_fifo();
    }
    if (offset == Offset::iir_fcr && interrupt_cause() == iir_thr_empty) {
        thr_empty_pending_ = false;
    }
    if (offset == Offset::lsr) {
        overrun_ = false;
    }
}

std::uint8_t Uart::read_data() const {
    if (divisor_latch_open()) {
        return divisor_low_;
    }
    return fifo_.empty() ? 0 : fifo_.front().character;
}

void Uart::write_data(std::uint8_t value) {
    if (divisor_latch_open()) {
        divisor_low_ = value;
        return;
    }
    if (loopback()) {
        loop_back(value);
    } else {
        output_.put(static_cast<char>(value));
    }
    thr_empty_pending_ = true;
}

void Uart::write_interrupt_enable(std::uint8_t value) {
    if (divisor_latch_open()) {
        divisor_high_ = value;
        return;
    }
    const bool enables_thr_empty = (value & ~interrupt_enable_ & ier_thr_empty) != 0;
    thr_empty_pending_ = thr_empty_pending_ || enables_thr_empty;
    interrupt_enable_ = value & ier_bits;
}

void Uart::write_fifo_control(std::uint8_t value) {
    const bool switches = ((value ^ fifo_control_) & fcr_enable) != 0;
    if (switches || (value & fcr_clear_receive) != 0) {
        clear_fifo();
    }
    fifo_control_ = (value & fcr_enable) != 0 ? value & fcr_kept : 0;
    fill_fifo();
}

void Uart::write_modem_control(std::uint8_t value) {
    modem_control_ = value & mcr_bits;
    fill_fifo();
}

std::uint8_t Uart::line_status() const {
    return lsr_transmitter_empty | (overrun_ ? lsr_overrun : 0) | (fifo_.empty() ? 0 : lsr_data_ready);
}

std::uint8_t Uart::interrupt_identification() const {
    return interrupt_cause() | (fifos_on() ? iir_fifos_on : 0);
}

std::uint8_t Uart::interrupt_cause() const {
    if ((interrupt_enable_ & ier_line_status) != 0 && overrun_) {
        return iir_line_status;
    }
    if ((interrupt_enable_ & ier_received_data) != 0 && !fifo_.empty()) {
        const std::size_t trigger = fifos_on() ? fifo_triggers[fifo_control_ >> 6] : 1;
        return fifo_.size() >= trigger ? iir_received_data : iir_timeout;
    }
    if ((interrupt_enable_ & ier_thr_empty) != 0 && thr_empty_pending_) {
        return iir_thr_empty;
    }
    return iir_none;
}

std::uint8_t Uart::modem_status() const {
    if (!loopback()) {
        return msr_cts | msr_dsr | msr_dcd;
    }
    const auto back = [this](std::uint8_t output, std::uint8_t input) -> std::uint8_t {
        return (modem_control_ & output) != 0 ? input : 0;
    };
    return back(mcr_rts, msr_cts) | back(mcr_dtr, msr_dsr) | back(mcr_out1, msr_ri) | back(mcr_out2, msr_dcd);
}

bool Uart::divisor_latch_open() const {
    return (line_control_ & lcr_divisor_latch) != 0;
}

bool Uart::loopback() const {
    return (modem_control_ & mcr_loopback) != 0;
}

bool Uart::fifos_on() const {
    return (fifo_control_ & fcr_enable) != 0;
}

std::size_t Uart::fifo_depth() const {
    return fifos_on() ? fifo_characters : 1;
}

void Uart::fill_fifo() {
    while (!loopback() && !line_.empty() && fifo_.size() < fifo_depth()) {
        fifo_.push_back({line_.front(), true});
        line_.pop_front();
    }
}

void Uart::clear_fifo() {
    for (auto lost = fifo_.rbegin(); lost != fifo_.rend(); ++lost) {
        if (lost->from_line) {
            line_.push_front(lost->character);
        }
    }
    fifo_.clear();
}

void Uart::loop_back(std::uint8_t character) {
    if (fifo_.size() < fifo_depth()) {
        fifo_.push_back({character, false});
        return;
    }
    overrun_ = true;
    if (!fifos_on()) {  // the buffer's character is overwritten; with FIFOs on, the new one is lost
        clear_fifo();
        fifo_.push_back({character, false});
    }
}

void Uart::drive_interrupt() {
    interrupt.write(interrupt_cause() != iir_none);
}

}  // namespace aqpim
