#include "models/gdb/target_description.h"

#include <fmt/format.h>

#include <array>

#include "models/cpu/csr_names.h"
#include "models/gdb/registers.h"

namespace aqpim {

namespace {

constexpr unsigned csr_numbers = 4096;
constexpr unsigned first_float_csr = 1;  // fflags, frm, fcsr
constexpr unsigned last_float_csr = 3;

// Unprivileged ISA 20191213, table 25.1.
constexpr std::array<const char*, 32> integer_names = {
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
    "a6",   "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr std::array<const char*, 32> float_names = {
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0",  "fa1",  "fa2", "fa3", "fa4",  "fa5",
    "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};

std::string in_feature(const char* name, const std::string& registers) {
    return fmt::format("  <feature name=\"org.gnu.gdb.riscv.{}\">\n{}  </feature>\n", name, registers);
}

std::string one_register(std::string_view name, unsigned bytes, unsigned number, const char* type) {
    return fmt::format("    <reg name=\"{}\" bitsize=\"{}\" regnum=\"{}\" type=\"{}\"/>\n", name, 8 * bytes, number,
                       type);
}

std::string csr(unsigned number) {
    return one_register(csr_name(number), 8, DebugTarget::first_csr_number + number, "int");
}

const char* integer_type(std::string_view name) {
    if (name == "ra") {
        return "code_ptr";
    }
    return name == "sp" || name == "gp" || name == "tp" || name == "fp" ? "data_ptr" : "int";
}

std::string integer_registers() {
    std::string text;
    for (unsigned i = 0; i < integer_names.size(); ++i) {
        text += one_register(integer_names[i], 8, i, integer_type(integer_names[i]));
    }
    return text + one_register("pc", 8, DebugTarget::pc_number, "code_ptr");
}

std::string float_registers(const Isa& isa) {
    std::string text;
    for (unsigned i = 0; i < float_names.size(); ++i) {
        const unsigned number = DebugTarget::first_float_number + i;
        const unsigned bytes = gdb_register_bytes(isa, number);
        text += one_register(float_names[i], bytes, number, bytes == 8 ? "ieee_double" : "ieee_single");
    }
    for (unsigned number = first_float_csr; number <= last_float_csr; ++number) {
        text += csr(number);
    }
    return text;
}

}  // namespace

std::vector<unsigned> described_csrs(DebugTarget& hart) {
    std::vector<unsigned> numbers;
    for (unsigned number = last_float_csr + 1; number < csr_numbers; ++number) {
        if (!csr_name(number).empty() && hart.read_register(DebugTarget::first_csr_number + number)) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

std::string target_description(const Isa& isa, const std::vector<unsigned>& csrs) {
    std::string csr_registers;
    for (const unsigned number : csrs) {
        csr_registers += csr(number);
    }
    std::string text =
        "<?xml version=\"1.0\"?>\n"
        "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
        "<target version=\"1.0\">\n"
        "  <architecture>riscv:rv64</architecture>\n"
        "  <osabi>none</osabi>\n";
    text += in_feature("cpu", integer_registers());
    if (isa.has('f')) {
        text += in_feature("fpu", float_registers(isa));
    }
    text += in_feature("csr", csr_registers);
    text += in_feature("virtual", one_register("priv", 8, DebugTarget::privilege_number, "int"));
    return text + "</target>\n";
}

}  // namespace aqpim
