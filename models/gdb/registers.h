#pragma once

#include <string>

#include "models/cpu/debug.h"
#include "models/gdb/fields.h"

namespace aqpim {

/// Bytes of a register on the wire: 8, and 4 for the floating-point registers of a hart without D.
unsigned gdb_register_bytes(const Isa& isa, unsigned number);

/// Packet `g`: x0 to x31 and pc, then f0 to f31 if there are any, little-endian in hex. Others are read one by one.
std::string read_all_registers(DebugTarget& hart);
/// Packet `G`. Throws GdbRefusal unless `fields` are exactly as many registers.
void write_all_registers(DebugTarget& hart, const Fields& fields);

/// Packet `p`. Throws GdbRefusal if there is no such register.
std::string read_one_register(DebugTarget& hart, std::uint64_t number);
/// Packet `P`. Throws GdbRefusal if there is no such register, it cannot be written or `fields` are of another size.
void write_one_register(DebugTarget& hart, std::uint64_t number, const Fields& fields);

}  // namespace aqpim
