#include "platform/sweep/sweep_directory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "models/common/error.h"
#include "platform/results/output_directory.h"

namespace aqpim {

namespace fs = std::filesystem;

namespace {

void make(const fs::path& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) {
        throw InputError(fmt::format("{}: cannot be made: {}", directory.string(), error.message()));
    }
}

/// Whether it is what a process that was killed left of a run or of one of `files`.
bool is_partial(const std::string& name, std::span<const std::string_view> files) {
    return name.starts_with(".aqpim-partial-") || std::any_of(files.begin(), files.end(), [&](std::string_view file) {
               return name.starts_with(fmt::format("{}.partial-", file));
           });
}

void remove_partial(const fs::path& directory, std::span<const std::string_view> files) {
    for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
        if (is_partial(entry.path().filename().string(), files)) {
            fs::remove_all(entry.path());
        }
    }
}

void remove_point_files(const fs::path& directory) {
    // The outcome first: a point whose other files go must not look done.
    fs::remove(directory / "outcome.json");
    fs::remove(directory / "point.cfg");
    for (const std::string_view name : run_files) {
        fs::remove(directory / name);
    }
    remove_partial(directory, point_files);
    if (fs::exists(directory / "run.log")) {
        fs::resize_file(directory / "run.log", 0);  // a process that is ending may hold it locked
    }
}

}  // namespace

SweepDirectory::SweepDirectory(const std::string& directory)
    : path_((fs::absolute(directory) / "").lexically_normal().parent_path().string()) {
    make(path_);
    lock_ = lock_directory(path_, "sweep");
    remove_partial(path_, sweep_files);
}

SweepDirectory::~SweepDirectory() {
    close(lock_);
}

std::string SweepDirectory::file(std::string_view name) const {
    return (fs::path(path_) / name).string();
}

std::string SweepDirectory::point(const std::string& name) {
    return "points/" + name;
}

void SweepDirectory::clear() const {
    const fs::path points = file("points");
    std::error_code not_empty;
    if (fs::is_directory(points)) {
        for (const fs::directory_entry& entry : fs::directory_iterator(points)) {
            if (entry.is_directory()) {
                remove_point_files(entry.path());
                fs::remove(entry.path() / "run.log");
                fs::remove(entry.path(), not_empty);
            }
        }
        fs::remove(points, not_empty);
    }
    for (const std::string_view name : sweep_files) {
        fs::remove(file(name));
    }
}

void SweepDirectory::renew_point(const std::string& name) const {
    const fs::path directory = file(point(name));
    try {
        make(directory);
        remove_point_files(directory);
    } catch (const fs::filesystem_error& error) {
        throw InputError(fmt::format("{}: cannot be made empty: {}", directory.string(), error.code().message()));
    }
}

std::uint64_t SweepDirectory::free_bytes() const {
    std::error_code error;
    const fs::space_info space = fs::space(path_, error);
    return error ? 0 : space.available;
}

}  // namespace aqpim
