#include "platform/results/output_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "models/common/error.h"

namespace aqpim {

namespace fs = std::filesystem;

namespace {
constexpr std::string_view partial_prefix = ".aqpim-partial-";
}  // namespace

OutputDirectory::OutputDirectory(std::string directory, std::span<const std::string_view> known_files)
    : directory_(std::move(directory)), known_files_(known_files) {
    try {
        make_directory();
        lock_ = lock_directory(directory_, "run");
        make_partial();
    } catch (...) {
        discard();
        throw;
    }
}

OutputDirectory::~OutputDirectory() {
    discard();
}

void OutputDirectory::make_directory() {
    std::vector<fs::path> missing;
    for (fs::path path = fs::absolute(directory_).lexically_normal(); !fs::exists(path); path = path.parent_path()) {
        missing.push_back(path);
    }
    for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
        std::error_code error;
        if (fs::create_directory(*path, error)) {
            made_.push_back(path->string());
        }
        if (error) {
            throw InputError(fmt::format("{}: cannot be made: {}", path->string(), error.message()));
        }
    }
}

int lock_directory(const std::string& directory, std::string_view user) {
    const int lock = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0) {
        throw InputError(fmt::format("{}: cannot hold results: {}", directory, std::strerror(errno)));
    }
    // Some network file systems have no locks for directories.
    if (flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(lock);
        throw InputError(fmt::format("{}: another {} is writing its results there", directory, user));
    }
    return lock;
}

void OutputDirectory::make_partial() {
    // Whoever made one that is there was killed, or would hold the lock.
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_)) {
        if (entry.path().filename().string().starts_with(partial_prefix)) {
            std::error_code ignored;
            fs::remove_all(entry.path(), ignored);
        }
    }
    std::string name = (fs::path(directory_) / fmt::format("{}XXXXXX", partial_prefix)).string();
    if (mkdtemp(name.data()) == nullptr) {
        throw InputError(fmt::format("{}: cannot be written: {}", directory_, std::strerror(errno)));
    }
    partial_ = name;
}

std::string OutputDirectory::path(std::string_view name) const {
    if (std::find(known_files_.begin(), known_files_.end(), name) == known_files_.end()) {
        throw std::logic_error(fmt::format("'{}' is not among an output directory's known files", name));
    }
    return (fs::path(partial_) / name).string();
}

void OutputDirectory::publish() {
    std::error_code error;
    for (const std::string_view name : known_files_) {
        const fs::path target = fs::path(directory_) / name;
        const fs::path written = fs::path(partial_) / name;
        if (fs::exists(written)) {
            fs::rename(written, target, error);
        } else {
            fs::remove(target, error);
        }
        if (error) {
            throw InputError(fmt::format("{}: cannot be replaced: {}", target.string(), error.message()));
        }
    }
    made_.clear();
}

void OutputDirectory::discard() {
    std::error_code ignored;
    if (!partial_.empty()) {
        fs::remove_all(partial_, ignored);
    }
    for (auto path = made_.rbegin(); path != made_.rend(); ++path) {
        fs::remove(*path, ignored);  // only if empty
    }
    if (lock_ >= 0) {
        close(lock_);
    }
}

std::string run_name(const std::string& directory) {
    const fs::path path = fs::absolute(directory).lexically_normal();
    return (path.has_filename() ? path : path.parent_path()).filename().string();
}

}  // namespace aqpim
