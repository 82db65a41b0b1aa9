#include "platform/sweep/program.h"

#include <filesystem>

#include "platform/images.h"
#include "platform/sweep/digest.h"

namespace aqpim {

namespace fs = std::filesystem;

Program this_program() {
    const fs::path executable = fs::read_symlink("/proc/self/exe");
    Digest digest;
    digest.add(file_state(executable.string()));
    digest.add(file_state(default_firmware()));
    return {executable.string(), digest.text()};
}

}  // namespace aqpim
