#include "sc_main/output_options.h"

#include <fmt/format.h>

#include <filesystem>

#include "models/common/error.h"

namespace aqpim {

namespace po = boost::program_options;
namespace fs = std::filesystem;

std::string default_out_dir(const Arguments& files) {
    Arguments names;
    for (const std::string& file : files) {
        names.push_back(fs::path(file).stem().string());
    }
    return (fs::path("out") / fmt::format("{}", fmt::join(names, "-"))).string();
}

void refuse_empty(const std::string& option, const std::string& name) {
    if (name.empty()) {
        throw InputError(fmt::format("--{}: no name found; the name of a file or folder is allowed", option));
    }
}

std::optional<std::string> output_file(const po::variables_map& given, const std::string& option,
                                       const std::string& out_dir) {
    const auto file = optional_text(given, option);
    if (file) {
        refuse_empty(option, *file);
        const fs::path folder = fs::absolute(*file).lexically_normal().parent_path();
        if (!fs::is_directory(folder) && folder != (fs::absolute(out_dir) / "").lexically_normal().parent_path()) {
            throw InputError(fmt::format("--{}: {}: its folder does not exist", option, *file));
        }
    }
    return file;
}

}  // namespace aqpim
