#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "models/gdb/packet.h"

using namespace aqpim;
using Event = PacketReader::Event;

namespace {

/// What `bytes` complete, in order.
std::vector<Event> events(PacketReader& reader, const std::string& bytes) {
    std::vector<Event> found;
    for (const char byte : bytes) {
        const Event event = reader.take(byte);
        if (event != Event::none) {
            found.push_back(event);
        }
    }
    return found;
}

std::vector<Event> events(const std::string& bytes) {
    PacketReader reader;
    return events(reader, bytes);
}

}  // namespace

TEST_CASE("a packet carries the sum of its bytes modulo 256") {
    CHECK(gdb_frame("") == "$#00");
    CHECK(gdb_frame("OK") == "$OK#9a");
    CHECK(gdb_frame("\xff\x02") == "$\xff\x02#01");
}

TEST_CASE("what would end, begin, escape or repeat in a packet is escaped when sent") {
    CHECK(gdb_frame("#") == "$}\x03#80");
    CHECK(gdb_frame("$") == "$}\x04#81");
    CHECK(gdb_frame("}") == "$}]#da");
    CHECK(gdb_frame("*") == "$}\x0a#87");
}

TEST_CASE("a packet is found among bytes that mean nothing") {
    PacketReader reader;
    CHECK(events(reader, "GET / HTTP/1.0\r\n$m80000000,4#55\r\n") == std::vector{Event::packet});
    CHECK(reader.payload() == "m80000000,4");
}

TEST_CASE("the checksum may be in capitals") {
    CHECK(events("$OK#9A") == std::vector{Event::packet});
}

TEST_CASE("escaped bytes arrive as they were, and count as sent in the checksum") {
    PacketReader reader;
    const std::string all = [] {
        std::string bytes;
        for (int value = 0; value < 256; ++value) {
            bytes += static_cast<char>(value);
        }
        return bytes;
    }();
    CHECK(events(reader, gdb_frame(all)) == std::vector{Event::packet});
    CHECK(reader.payload() == all);
}

TEST_CASE("a star and an interrupt byte within a packet are data") {
    PacketReader reader;
    CHECK(events(reader, "$*\x03#2d") == std::vector{Event::packet});
    CHECK(reader.payload() == "*\x03");
}

TEST_CASE("between packets, bytes of their own mean interrupt, received and resend") {
    CHECK(events("+-\x03") == std::vector{Event::received, Event::resend, Event::interrupt});
}

TEST_CASE("a packet with a wrong or malformed checksum, or with half an escape, is damaged") {
    CHECK(events("$g#68") == std::vector{Event::damaged});
    CHECK(events("$g#6g") == std::vector{Event::damaged});
    CHECK(events("$g#-7") == std::vector{Event::damaged});
    CHECK(events("$g}#e4") == std::vector{Event::damaged});
    CHECK(events("$g#  $g#67") == std::vector{Event::damaged, Event::packet});
}

TEST_CASE("a packet in which another begins is damaged, the other is not") {
    CHECK(events("$m8000$g#67") == std::vector{Event::damaged, Event::packet});
    CHECK(events("$m8000}$g#67") == std::vector{Event::damaged, Event::packet});
    CHECK(events("$g#$g#67") == std::vector{Event::damaged, Event::packet});
    CHECK(events("$g#6$g#67") == std::vector{Event::damaged, Event::packet});
}

TEST_CASE("a packet of the largest size is taken, a longer one is not stored and refused as too long") {
    PacketReader reader;
    CHECK(events(reader, gdb_frame(std::string(gdb_packet_bytes, 'a'))) == std::vector{Event::packet});
    CHECK(reader.payload().size() == gdb_packet_bytes);
    CHECK(events(reader, gdb_frame(std::string(gdb_packet_bytes + 1, 'a'))) == std::vector{Event::too_long});
    CHECK(events(reader, std::string("$").append(1'000'000, 'a')).empty());
    CHECK(reader.payload().size() == gdb_packet_bytes);
    CHECK(events(reader, "#00$g#67") == std::vector{Event::damaged, Event::packet});
    CHECK(reader.payload() == "g");
}
