#include "platform/sweep/program.h"

#include <filesystem>

#include "platform/results/atomic_file.h"
#include "platform/sweep/digest.h"

namespace aqpim {

namespace fs = std::filesystem;

Program this_program() {
    const fs::path executable = fs::read_symlink("/proc/self/exe");
    const fs::path firmware = executable.parent_path() / "firmware" / "decode.elf";
    Digest digest;
    digest.add(read_text_file(executable.string()));
    if (fs::exists(firmware)) {
        digest.add(read_text_file(firmware.string()));
    }
    return {executable.string(), digest.text()};
}

}  // namespace aqpim
