#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aqpim {

/// The longest packet that is taken or sent, with its frame ("PacketSize").
constexpr std::size_t gdb_packet_bytes = 0x4000;
/// The most data a reply carries, so that it stays within a packet even if all of it is sent in hex or is escaped.
constexpr std::size_t gdb_data_bytes = (gdb_packet_bytes - 8) / 2;

/// `$payload#checksum`; `#`, `$`, `}` and `*` are escaped (GDB manual, "Overview" of the remote serial protocol).
std::string gdb_frame(std::string_view payload);

/// Finds the packets in a debugger's stream of bytes. Any stream is taken, in bounded memory: bytes between packets
/// that mean nothing there are skipped, a packet that another one begins in is damaged.
class PacketReader {
 public:
    enum class Event : std::uint8_t {
        none,
        packet,     ///< payload() is complete
        damaged,    ///< a packet with a wrong checksum, or broken off
        too_long,   ///< a packet of more than gdb_packet_bytes
        interrupt,  ///< byte 0x03 between packets
        received,   ///< `+`
        resend,     ///< `-`
    };

    /// What `byte` completes.
    Event take(char byte);
    /// Without frame and escapes; valid until the next take().
    const std::string& payload() const { return payload_; }

 private:
    enum class State : std::uint8_t { between, payload, escape, first_digit, second_digit };

    Event between_packets(char byte);
    void begin();
    void add_to_payload(char byte);
    void store(char byte);
    Event add_to_checksum(char byte);
    Event finish() const;

    State state_ = State::between;
    std::string payload_;
    std::uint8_t sum_ = 0;  ///< of the payload as it came
    int checksum_ = 0;      ///< as the packet says
    bool damaged_ = false;
    bool too_long_ = false;
};

}  // namespace aqpim
