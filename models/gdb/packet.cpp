#include "models/gdb/packet.h"

#include <fmt/format.h>

#include "models/gdb/fields.h"

namespace aqpim {

namespace {

constexpr char escape_byte = '}';
constexpr char escape_flip = 0x20;
constexpr char interrupt_byte = 0x03;

}  // namespace

std::string gdb_frame(std::string_view payload) {
    std::string frame = "$";
    for (const char byte : payload) {
        if (std::string_view("#$}*").find(byte) == std::string_view::npos) {
            frame += byte;
        } else {
            frame += escape_byte;
            frame += static_cast<char>(byte ^ escape_flip);
        }
    }
    std::uint8_t sum = 0;
    for (const char byte : std::string_view(frame).substr(1)) {
        sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(byte));
    }
    return frame + fmt::format("#{:02x}", sum);
}

PacketReader::Event PacketReader::take(char byte) {
    const bool inside = state_ != State::between;
    if (byte == '$') {
        begin();
        return inside ? Event::damaged : Event::none;
    }
    switch (state_) {
        case State::between:
            return between_packets(byte);
        case State::payload:
        case State::escape:
            add_to_payload(byte);
            return Event::none;
        case State::first_digit:
        case State::second_digit:
            return add_to_checksum(byte);
    }
    return Event::none;
}

PacketReader::Event PacketReader::between_packets(char byte) {
    switch (byte) {
        case '+':
            return Event::received;
        case '-':
            return Event::resend;
        case interrupt_byte:
            return Event::interrupt;
        default:
            return Event::none;
    }
}

void PacketReader::begin() {
    state_ = State::payload;
    payload_.clear();
    sum_ = 0;
    damaged_ = false;
    too_long_ = false;
}

void PacketReader::add_to_payload(char byte) {
    if (byte == '#') {
        damaged_ = state_ == State::escape;
        state_ = State::first_digit;
        return;
    }
    sum_ = static_cast<std::uint8_t>(sum_ + static_cast<std::uint8_t>(byte));
    if (state_ == State::escape) {
        store(static_cast<char>(byte ^ escape_flip));
        state_ = State::payload;
    } else if (byte == escape_byte) {
        state_ = State::escape;
    } else {
        store(byte);
    }
}

void PacketReader::store(char byte) {
    if (payload_.size() < gdb_packet_bytes) {
        payload_ += byte;
    } else {
        too_long_ = true;
    }
}

PacketReader::Event PacketReader::add_to_checksum(char byte) {
    const int digit = hex_digit(byte);
    damaged_ = damaged_ || digit < 0;
    if (state_ == State::first_digit) {
        checksum_ = digit;
        state_ = State::second_digit;
        return Event::none;
    }
    state_ = State::between;
    checksum_ = checksum_ * 16 + digit;
    return finish();
}

PacketReader::Event PacketReader::finish() const {
    if (damaged_ || checksum_ != sum_) {
        return Event::damaged;
    }
    return too_long_ ? Event::too_long : Event::packet;
}

}  // namespace aqpim
