#include "models/gdb/registers.h"

#include <bit>
#include <cstring>

namespace aqpim {

namespace {

static_assert(std::endian::native == std::endian::little, "registers are sent as they are in memory");

bool is_float(unsigned number) {
    return number >= DebugTarget::first_float_number && number < DebugTarget::first_csr_number;
}

/// Those of packets `g` and `G` are numbered from 0 to this one, exclusive.
unsigned end_of_general(const Isa& isa) {
    return isa.has('f') ? DebugTarget::first_csr_number : DebugTarget::first_float_number;
}

std::uint64_t from_little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
}

}  // namespace

unsigned gdb_register_bytes(const Isa& isa, unsigned number) {
    return is_float(number) && !isa.has('d') ? 4 : 8;
}

std::string read_all_registers(DebugTarget& hart) {
    std::string text;
    for (unsigned number = 0; number < end_of_general(hart.isa()); ++number) {
        text += read_one_register(hart, number);
    }
    return text;
}

void write_all_registers(DebugTarget& hart, const Fields& fields) {
    const std::string bytes = from_hex(fields.rest());
    const unsigned end = end_of_general(hart.isa());
    std::size_t expected = 0;
    for (unsigned number = 0; number < end; ++number) {
        expected += gdb_register_bytes(hart.isa(), number);
    }
    if (bytes.size() != expected) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    std::size_t offset = 0;
    for (unsigned number = 0; number < end; ++number) {
        const unsigned size = gdb_register_bytes(hart.isa(), number);
        const std::uint64_t value = from_little_endian(std::string_view(bytes).substr(offset, size));
        if (!hart.write_register(number, value) && number != 0) {
            throw GdbRefusal{GdbRefusal::not_there};
        }
        offset += size;
    }
}

std::string read_one_register(DebugTarget& hart, std::uint64_t number) {
    const auto value =
        number <= DebugTarget::privilege_number ? hart.read_register(static_cast<unsigned>(number)) : std::nullopt;
    if (!value) {
        throw GdbRefusal{GdbRefusal::not_there};
    }
    const unsigned size = gdb_register_bytes(hart.isa(), static_cast<unsigned>(number));
    return to_hex({reinterpret_cast<const char*>(&*value), size});
}

void write_one_register(DebugTarget& hart, std::uint64_t number, const Fields& fields) {
    const std::string bytes = from_hex(fields.rest());
    if (number > DebugTarget::privilege_number) {
        throw GdbRefusal{GdbRefusal::not_there};
    }
    if (bytes.size() != gdb_register_bytes(hart.isa(), static_cast<unsigned>(number))) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    if (!hart.write_register(static_cast<unsigned>(number), from_little_endian(bytes))) {
        throw GdbRefusal{GdbRefusal::not_there};
    }
}

}  // namespace aqpim
