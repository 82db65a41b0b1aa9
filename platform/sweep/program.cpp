#include "platform/sweep/program.h"

#include <filesystem>

#include "platform/images.h"
#include "platform/results/atomic_file.h"
#include "platform/sweep/digest.h"

namespace aqpim {

namespace fs = std::filesystem;

Program this_program() {
    const fs::path executable = fs::read_symlink("/proc/self/exe");
    Digest digest;
    digest.add(read_text_file(executable.string()));
    if (const std::string firmware = default_firmware(); fs::exists(firmware)) {
        digest.add(read_text_file(firmware));
    }
    return {executable.string(), digest.text()};
}

}  // namespace aqpim
