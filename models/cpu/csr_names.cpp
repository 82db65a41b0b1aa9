#include "models/cpu/csr_names.h"

#include <fmt/format.h>

#include <map>
#include <string>

namespace aqpim {

namespace {

using Names = std::map<unsigned, std::string>;

// In the order of the specification's tables, with what the extensions V, Zkr, Sscofpmf and Sstc add.
const Names single_registers = {
    // User: floating point, vectors, entropy source, counters
    {0x001, "fflags"},
    {0x002, "frm"},
    {0x003, "fcsr"},
    {0x008, "vstart"},
    {0x009, "vxsat"},
    {0x00a, "vxrm"},
    {0x00f, "vcsr"},
    {0x015, "seed"},
    {0xc00, "cycle"},
    {0xc01, "time"},
    {0xc02, "instret"},
    {0xc20, "vl"},
    {0xc21, "vtype"},
    {0xc22, "vlenb"},
    // Supervisor
    {0x100, "sstatus"},
    {0x104, "sie"},
    {0x105, "stvec"},
    {0x106, "scounteren"},
    {0x10a, "senvcfg"},
    {0x140, "sscratch"},
    {0x141, "sepc"},
    {0x142, "scause"},
    {0x143, "stval"},
    {0x144, "sip"},
    {0x14d, "stimecmp"},
    {0x15d, "stimecmph"},
    {0x180, "satp"},
    {0x5a8, "scontext"},
    {0xda0, "scountovf"},
    // Hypervisor and virtual supervisor
    {0x600, "hstatus"},
    {0x602, "hedeleg"},
    {0x603, "hideleg"},
    {0x604, "hie"},
    {0x605, "htimedelta"},
    {0x606, "hcounteren"},
    {0x607, "hgeie"},
    {0x60a, "henvcfg"},
    {0x615, "htimedeltah"},
    {0x61a, "henvcfgh"},
    {0x643, "htval"},
    {0x644, "hip"},
    {0x645, "hvip"},
    {0x64a, "htinst"},
    {0x680, "hgatp"},
    {0x6a8, "hcontext"},
    {0xe12, "hgeip"},
    {0x200, "vsstatus"},
    {0x204, "vsie"},
    {0x205, "vstvec"},
    {0x240, "vsscratch"},
    {0x241, "vsepc"},
    {0x242, "vscause"},
    {0x243, "vstval"},
    {0x244, "vsip"},
    {0x24d, "vstimecmp"},
    {0x25d, "vstimecmph"},
    {0x280, "vsatp"},
    // Machine
    {0xf11, "mvendorid"},
    {0xf12, "marchid"},
    {0xf13, "mimpid"},
    {0xf14, "mhartid"},
    {0xf15, "mconfigptr"},
    {0x300, "mstatus"},
    {0x301, "misa"},
    {0x302, "medeleg"},
    {0x303, "mideleg"},
    {0x304, "mie"},
    {0x305, "mtvec"},
    {0x306, "mcounteren"},
    {0x310, "mstatush"},
    {0x340, "mscratch"},
    {0x341, "mepc"},
    {0x342, "mcause"},
    {0x343, "mtval"},
    {0x344, "mip"},
    {0x34a, "mtinst"},
    {0x34b, "mtval2"},
    {0x30a, "menvcfg"},
    {0x31a, "menvcfgh"},
    {0x747, "mseccfg"},
    {0x757, "mseccfgh"},
    {0xb00, "mcycle"},
    {0xb02, "minstret"},
    {0xb80, "mcycleh"},
    {0xb82, "minstreth"},
    {0xc80, "cycleh"},
    {0xc81, "timeh"},
    {0xc82, "instreth"},
    {0x320, "mcountinhibit"},
    // Triggers and debug mode
    {0x7a0, "tselect"},
    {0x7a1, "tdata1"},
    {0x7a2, "tdata2"},
    {0x7a3, "tdata3"},
    {0x7a4, "tinfo"},
    {0x7a5, "tcontrol"},
    {0x7a8, "mcontext"},
    {0x7aa, "mscontext"},
    {0x7b0, "dcsr"},
    {0x7b1, "dpc"},
    {0x7b2, "dscratch0"},
    {0x7b3, "dscratch1"},
};

/// Registers that differ in a number only, which may be followed by a letter.
struct Family {
    unsigned first_number;
    const char* name;
    unsigned first_index;
    unsigned last_index;
    const char* suffix = "";
};

constexpr Family families[] = {
    {0x3a0, "pmpcfg", 0, 15},
    {0x3b0, "pmpaddr", 0, 63},
    {0x323, "mhpmevent", 3, 31},
    {0x723, "mhpmevent", 3, 31, "h"},
    {0xb03, "mhpmcounter", 3, 31},
    {0xb83, "mhpmcounter", 3, 31, "h"},
    {0xc03, "hpmcounter", 3, 31},
    {0xc83, "hpmcounter", 3, 31, "h"},
    // Smstateen
    {0x10c, "sstateen", 0, 3},
    {0x30c, "mstateen", 0, 3},
    {0x31c, "mstateen", 0, 3, "h"},
    {0x60c, "hstateen", 0, 3},
    {0x61c, "hstateen", 0, 3, "h"},
};

Names all_names() {
    Names names = single_registers;
    for (const Family& family : families) {
        for (unsigned index = family.first_index; index <= family.last_index; ++index) {
            names[family.first_number + index - family.first_index] =
                fmt::format("{}{}{}", family.name, index, family.suffix);
        }
    }
    return names;
}

}  // namespace

std::string_view csr_name(unsigned number) {
    static const Names names = all_names();
    const auto found = names.find(number);
    return found == names.end() ? std::string_view() : found->second;
}

}  // namespace aqpim
