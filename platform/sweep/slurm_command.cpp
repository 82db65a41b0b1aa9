#include "platform/sweep/slurm_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "models/common/error.h"

namespace aqpim {

namespace bp = boost::process;

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using TemporaryFile = std::unique_ptr<std::FILE, CloseFile>;

TemporaryFile temporary_file() {
    TemporaryFile file(std::tmpfile());
    if (file == nullptr) {
        throw InputError(fmt::format("no temporary file can be made: {}", std::strerror(errno)));
    }
    return file;
}

std::string contents(const TemporaryFile& file) {
    std::rewind(file.get());
    std::string text;
    std::array<char, 4096> part;
    while (const std::size_t size = std::fread(part.data(), 1, part.size(), file.get())) {
        text.append(part.data(), size);
    }
    return text;
}

std::string in_one_line(const std::string& text) {
    std::string line;
    for (const char letter : text.substr(0, text.find_last_not_of(" \n") + 1)) {
        line += letter == '\n' ? std::string("; ") : std::string(1, letter);
    }
    return line;
}

}  // namespace

SlurmReply call_slurm(const std::vector<std::string>& command) {
    const TemporaryFile output = temporary_file();
    const TemporaryFile errors = temporary_file();
    const std::vector<std::string> arguments(command.begin() + 1, command.end());
    try {
        const int status = bp::system(
            bp::exe = bp::search_path(command[0]).string(), bp::args = arguments,
            bp::std_in<bp::null, bp::std_out> output.get(), bp::std_err > errors.get(),
            bp::extend::on_exec_setup = [](auto&) { setpgid(0, 0); });
        return {status == 0, contents(output), in_one_line(contents(errors))};
    } catch (const bp::process_error&) {
        throw InputError(
            fmt::format("--executor slurm: {} is not found or cannot be started: Slurm's commands have to "
                        "be in PATH, as on a cluster's login node",
                        command[0]));
    }
}

std::string ask_slurm(const std::vector<std::string>& command) {
    SlurmReply reply = call_slurm(command);
    if (!reply.succeeded) {
        throw InputError(
            fmt::format("Slurm refused: {}", reply.errors.empty() ? command[0] + " failed" : reply.errors));
    }
    return std::move(reply.output);
}

}  // namespace aqpim
