#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aqpim::dram {

/// One line of a request file: a read or write of the burst that holds `address`.
struct TracedRequest {
    std::uint64_t address : 63 = 0;
    std::uint64_t write : 1 = 0;
    std::uint64_t arrival_cycle = 0;  ///< of tCK; where the line has none, that of the line before

    bool operator==(const TracedRequest&) const = default;
};
static_assert(sizeof(TracedRequest) == 16);

/// The latest cycle at which a request may arrive: three days of a clock of 1 GHz.
inline constexpr std::uint64_t last_arrival_cycle = (std::uint64_t{1} << 48) - 1;

/// Reads requests from text, `R|W HEX_ADDRESS [ARRIVAL_CYCLE]` on a line. `0x` before the address is allowed, and so
/// are blank lines, comments from `#` to the line's end, and CR before LF. Throws InputError that begins with
/// FILE:LINE for anything else, for an address beyond `capacity_bytes` (at most 2^63), for an arrival before that of
/// an earlier line, and for text without a request.
class RequestParser {
 public:
    RequestParser(std::string file, std::uint64_t capacity_bytes)
        : file_(std::move(file)), capacity_bytes_(capacity_bytes) {}

    /// `lines` begins a line and ends with LF.
    void parse(std::string_view lines, std::vector<TracedRequest>& requests);
    /// The end of the text.
    void finish(const std::vector<TracedRequest>& requests) const;

    /// "FILE:LINE", of the line that is being read.
    std::string place() const;

 private:
    const char* parse_line(const char* text, std::vector<TracedRequest>& requests);
    const char* parse_address(const char* text, std::uint64_t& address) const;
    const char* parse_arrival(const char* text);
    [[noreturn]] void refuse(const char* text, std::string_view allowed) const;
    [[noreturn]] void refuse_address(const char* text) const;

    std::string file_;
    std::uint64_t capacity_bytes_;
    std::uint64_t line_ = 0;  ///< lines before the present one
    std::uint64_t arrival_cycle_ = 0;
};

/// All requests of a file; a pipe will do. Throws InputError as RequestParser does, and where the file cannot be read.
std::vector<TracedRequest> read_request_trace(const std::string& file, std::uint64_t capacity_bytes);

}  // namespace aqpim::dram
