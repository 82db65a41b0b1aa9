#include <sys/stat.h>

#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <thread>

#include "models/common/error.h"
#include "models/dram/request_trace.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using namespace aqpim::dram;
using test::message_of;
using test::TemporaryDirectory;

namespace {

constexpr std::uint64_t capacity = std::uint64_t{1} << 34;

std::vector<TracedRequest> read(const std::string& text, std::uint64_t capacity_bytes = capacity) {
    const TemporaryDirectory directory;
    return read_request_trace(directory.write("r.txt", text), capacity_bytes);
}

std::string refusal(const std::string& text, std::uint64_t capacity_bytes = capacity) {
    const TemporaryDirectory directory;
    const std::string file = directory.write("r.txt", text);
    const std::string message = message_of<InputError>([&] { read_request_trace(file, capacity_bytes); });
    return message.starts_with(file) ? message.substr(file.size()) : message;
}

}  // namespace

TEST_CASE("a request line holds operation, address and perhaps its arrival") {
    const auto requests = read("R 1f40\nW 0x20\nR 0XaBcDeF 7\nW 0 7\nR 3ffffffff 281474976710655\n");
    const std::vector<TracedRequest> expected = {
        {0x1f40, 0, 0}, {0x20, 1, 0}, {0xabcdef, 0, 7}, {0, 1, 7}, {0x3ffffffff, 0, 281474976710655}};
    CHECK(requests == expected);
}

TEST_CASE("a request without an arrival follows the one before it") {
    const auto requests = read("R 0\nR 20 100\nR 40\nR 60 100\nR 80 101\n");
    const std::vector<TracedRequest> expected = {
        {0, 0, 0}, {0x20, 0, 100}, {0x40, 0, 100}, {0x60, 0, 100}, {0x80, 0, 101}};
    CHECK(requests == expected);
}

TEST_CASE("blank lines, comments, blanks, CRLF and a last line without its end are all read") {
    const std::vector<TracedRequest> expected = {{0x20, 0, 0}, {0x40, 1, 9}};
    CHECK(read("R 20\nW 40 9") == expected);
    CHECK(read("R 20\r\nW 40 9\r\n") == expected);
    CHECK(read("# a stream\n\n   \t\n\r\nR 20 # first\n  # R 60\n\tW\t40  9\t \n#") == expected);
    CHECK(read("R 20#x\nW 40 9#\r\n\n\n") == expected);
    CHECK(read("R 0000000000000000000000000000020\nW 0x40 000000000000000000000000000009\n") == expected);
}

TEST_CASE("requests are whole where the file's blocks are not") {
    // Lines of every length from 4 to 24 bytes, over some blocks of 1 MiB.
    std::string text;
    std::vector<TracedRequest> expected;
    for (std::uint64_t i = 0; text.size() < 5'000'000; ++i) {
        const std::uint64_t address = (i * 0x9e3779b97f4a7c15u) >> (30 + i % 34);
        text.append(i % 3 == 0 ? "W " : "R ").append(i % 7, '0');
        constexpr auto digits = "0123456789abcdef";
        for (int shift = 60; shift >= 0; shift -= 4) {
            if (address >> shift != 0 || shift == 0) {
                text += digits[address >> shift & 15];
            }
        }
        text += fmt::format(" {}\n", i / 5);
        expected.push_back({address, i % 3 == 0, i / 5});
    }
    CHECK(read(text) == expected);
}

TEST_CASE("what is no request is refused with its place, what was found and what is allowed") {
    const std::string form = "; allowed: R|W HEX_ADDRESS [ARRIVAL_CYCLE]";
    CHECK(refusal("R 0\n\nX 20\n") == ":3: 'X' found" + form);
    CHECK(refusal("r 0\n") == ":1: 'r' found" + form);
    CHECK(refusal("RW 0\n") == ":1: 'RW' found" + form);
    CHECK(refusal("R0\n") == ":1: 'R0' found" + form);
    CHECK(refusal("R\n") == ":1: 'R' found" + form);
    CHECK(refusal("W\r\n") == ":1: 'W' found" + form);
    CHECK(refusal("R \n") == ":1: the line's end found; allowed: a hexadecimal address");
    CHECK(refusal("W \r\n") == ":1: the line's end found; allowed: a hexadecimal address");
    CHECK(refusal("R g\n") == ":1: 'g' found; allowed: a hexadecimal address");
    CHECK(refusal("R 0x\n") == ":1: '0x' found; allowed: a hexadecimal address");
    CHECK(refusal("R 12g 4\n") == ":1: '12g' found; allowed: a hexadecimal address");
    CHECK(refusal("R -20\n") == ":1: '-20' found; allowed: a hexadecimal address");
    CHECK(refusal("R 20 x\n") == ":1: 'x' found" + form);
    CHECK(refusal("R 20 -1\n") == ":1: '-1' found" + form);
    CHECK(refusal("R 20 1f\n") == ":1: '1f' found; allowed: an arrival cycle in decimal digits");
    CHECK(refusal("R 20 1.5\n") == ":1: '1.5' found; allowed: an arrival cycle in decimal digits");
    CHECK(refusal("R 20 1 2\n") == ":1: '2' found" + form);
    CHECK(refusal("R 20\rW 40\n") == ":1: '\\x0dW' found" + form);
    CHECK(refusal(std::string("R 20\nR\0 20\n", 11)) == ":2: 'R\\x00' found" + form);
    CHECK(refusal(std::string("\0", 1)) == ":1: '\\x00' found" + form);
    CHECK(refusal("\xff\xfe"
                  "R 20") == ":1: '\\xff\\xfeR' found" + form);
    CHECK(refusal(fmt::format("R {:z>1000}\n", "")).size() < 120);
}

TEST_CASE("an address beyond the memory is refused, whatever its length") {
    CHECK(read("R ff\n", 0x100).front().address == 0xff);
    CHECK(refusal("R 0\nR 100\n", 0x100) == ":2: '100' found; allowed: an address up to 0xff, the memory's last");
    CHECK_THAT(refusal("R ffffffffffffffff\n"), Catch::Contains("an address up to 0x3ffffffff"));
    CHECK_THAT(refusal("R 10000000000000000\n"), Catch::Contains("an address up to 0x3ffffffff"));
    CHECK_THAT(refusal("R 100000000000000000000000000000020\n"), Catch::Contains("an address up to 0x3ffffffff"));
}

TEST_CASE("arrivals neither run backwards nor for ever") {
    CHECK(refusal("R 0 5\nR 20\nW 40 4\n") ==
          ":3: '4' found; allowed: an arrival cycle from 5, that of an earlier line, on");
    CHECK(refusal("R 0 281474976710656\n") ==
          ":1: '281474976710656' found; allowed: an arrival cycle up to 281474976710655");
    CHECK_THAT(refusal("R 0 99999999999999999999999999999999\n"), Catch::Contains("up to 281474976710655"));
}

TEST_CASE("a file without requests, of one endless line, or that cannot be read is refused") {
    CHECK(refusal("") == ": no request found; allowed: lines of R|W HEX_ADDRESS [ARRIVAL_CYCLE]");
    CHECK_THAT(refusal("# nothing\n\n"), Catch::Contains("no request found"));
    CHECK_THAT(refusal(fmt::format("R 20\n#{:x>2000000}", "")),
               Catch::StartsWith(":2: a line of 1048576 bytes or more found"));
    const TemporaryDirectory directory;
    const auto message = [](const std::string& file) {
        return message_of<InputError>([&] { read_request_trace(file, capacity); });
    };
    CHECK(message(directory.path("none")) == directory.path("none") + ": cannot be read: No such file or directory");
    CHECK(message(directory.path()) == directory.path() + ": cannot be read: Is a directory");
}

TEST_CASE("requests may come through a pipe") {
    const TemporaryDirectory directory;
    const std::string file = directory.path("pipe");
    REQUIRE(mkfifo(file.c_str(), 0600) == 0);
    std::thread writer([&] { std::ofstream(file) << "R 20\n" << std::flush << "W 4" << std::flush << "0\n"; });
    const std::vector<TracedRequest> expected = {{0x20, 0, 0}, {0x40, 1, 0}};
    CHECK(read_request_trace(file, capacity) == expected);
    writer.join();
}
