#pragma once

#include <string>
#include <vector>

#include "models/cpu/debug.h"

namespace aqpim {

/// The CSRs with a standard name that `hart` has, without fflags, frm and fcsr.
std::vector<unsigned> described_csrs(DebugTarget& hart);

/// target.xml: which registers a hart has, with their names, sizes and numbers (GDB manual, "Target Descriptions" and
/// "RISC-V Features"). Features: org.gnu.gdb.riscv.cpu, .fpu (with F; fflags, frm and fcsr are in it), .csr and
/// .virtual (the privilege mode).
std::string target_description(const Isa& isa, const std::vector<unsigned>& csrs);

}  // namespace aqpim
